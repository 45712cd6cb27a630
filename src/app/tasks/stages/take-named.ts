import type { AgentProfile } from '../../../core/registry/agent-profile.js';
import { residencyOf } from '../../../core/routing/need-of-task.js';
import type { Task } from '../../../core/tasks/task.js';
import type { TaskEvent } from '../../../core/tasks/task-event.js';
import { formatInstant } from '../../../core/time.js';
import { loadConfiguration } from '../../gates/load-configuration.js';
import { type Rest, longestRestMs, mendRest, restOf, sayRest, takeTrials } from '../../registry/rest-of-agent.js';
import { useRepository } from '../../use-repository.js';
import type { StageContext } from '../stages.js';
import type { TaskWorld } from './task-world.js';

/** How the agents that a person named stand right now, each list in the order of their names there. */
interface Named {
  readonly free: readonly AgentProfile[];
  readonly resting: readonly Rest[];
  /** What each of the others lacks. */
  readonly lacking: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
}

/**
 * The agents that a person named, in that order. One that lacks something is passed over and told; when none is left the
 * task fails and says what each one lacks. A version that stands beside the one in use can be named too (`agent@version`),
 * in its shadow as well. One whose breaker is open comes after those that may be called; where all of them rest the task
 * waits for the first, a minute at most, and is then refused with the time, as the router would.
 *
 * A person's word stands above what the router would ask of an agent, but for where models run: that is the repository's,
 * since what was shown to a model elsewhere cannot be taken back.
 */
export async function takeNamed(
  world: TaskWorld,
  task: Task,
  { signal, tell, cases }: Pick<StageContext, 'signal' | 'tell' | 'cases'>,
): Promise<TaskEvent> {
  const { registry, ports } = world;
  const { clock } = ports;
  const config =
    cases.findLaw(task)?.config ??
    (await useRepository(ports, task.request.repository, signal, async (git) =>
      loadConfiguration(ports, git, await git.resolveCommit(task.base ?? 'HEAD')),
    ));
  const places = residencyOf(config.routing.needs, task.request.needs ?? null);
  const untilMs = clock.nowMs() + longestRestMs;
  const said = new Set<string>();
  const note = (text: string): void => {
    if (!said.has(text)) tell('note', text);
    said.add(text);
  };
  for (;;) {
    await registry.refresh();
    const { free, resting, lacking, versions } = await lookAtNamed(world, task, places);
    for (const text of [...lacking, ...resting.map((rest) => `${rest.agent} ${sayRest(rest)}`)]) note(text);
    const at_ms = clock.nowMs();
    const [first] = free;
    if (first !== undefined) {
      // Another task may have been quicker to take the one trial: then it rests, and is looked at again.
      if (!(await takeTrials(registry, first, task.id))) continue;
      const ladder = [...free.map(({ name }) => name), ...resting.map(({ agent }) => agent)];
      return { type: 'worker-chosen', at_ms, ladder, versions: { ...versions } };
    }
    const [soonest] = resting.toSorted((a, b) => a.untilMs - b.untilMs);
    if (soonest === undefined) return nobodyNamed(lacking, at_ms);
    if (soonest.untilMs > untilMs || signal.aborted) return allRest(soonest, resting, at_ms);
    await clock.pause(Math.max(50, soonest.untilMs - at_ms), signal);
  }
}

async function lookAtNamed(
  { agents, workers, registry }: TaskWorld,
  task: Task,
  places: readonly string[] | null,
): Promise<Named> {
  const free: AgentProfile[] = [];
  const resting: Rest[] = [];
  const lacking: string[] = [];
  const versions: Record<string, string> = {};
  for (const name of task.request.agents) {
    const agent = await agents.find(name);
    const lack =
      agent === null
        ? 'is not among the agents (arbiter agents list)'
        : (keptOut(agent, places) ?? (await workers.lacks(agent)));
    if (agent === null || lack !== null) {
      lacking.push(`${name} ${lack ?? ''}`);
      continue;
    }
    versions[name] = agent.version;
    const rest = restOf(registry, agent, task.id);
    if (rest === null) free.push(agent);
    else resting.push(rest);
  }
  return { free, resting, lacking, versions };
}

/** Why an agent may not see what the task is about; null: it may. */
function keptOut({ residency }: AgentProfile, places: readonly string[] | null): string | null {
  if (places?.length === 0 || places?.some((place) => residency.includes(place)) === true) return null;
  const asked = places === null ? 'the task asks for other places than the repository' : places.join(' or ');
  return `runs at ${residency.join(', ') || 'a place that is not known'}, asked for is ${asked} (--residency of arbiter agents add)`;
}

function nobodyNamed(lacking: readonly string[], at_ms: number): TaskEvent {
  const message = `no agent can be asked: ${lacking.join('; ')}`;
  const mend = 'arbiter agents list shows agents and what they lack, arbiter agents add makes one';
  return { type: 'no-worker-found', at_ms, reason: { code: 'AGENT_MISSING', message, mend } };
}

function allRest({ untilMs }: Rest, resting: readonly Rest[], at_ms: number): TaskEvent {
  const at = formatInstant(untilMs);
  const message = `no agent that was named can be asked before ${at}: ${resting.map((rest) => `${rest.agent} ${sayRest(rest)}`).join('; ')}`;
  const mend = `ask again after ${at}; ${mendRest(resting.map(({ agent }) => agent))}`;
  return { type: 'no-worker-found', at_ms, reason: { code: 'AGENTS_RESTING', message, mend } };
}
