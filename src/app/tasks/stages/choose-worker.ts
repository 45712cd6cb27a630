import type { AgentProfile } from '../../../core/registry/agent-profile.js';
import { residencyOf } from '../../../core/routing/need-of-task.js';
import { resumable } from '../../../core/tasks/apply-event.js';
import { isAbreast } from '../../../core/tasks/routing.js';
import type { Task } from '../../../core/tasks/task.js';
import type { TaskEvent } from '../../../core/tasks/task-event.js';
import { surveyBase } from '../../routing/survey-base.js';
import { loadConfiguration } from '../../gates/load-configuration.js';
import { routeTask } from '../../routing/route-task.js';
import { useRepository } from '../../use-repository.js';
import type { StageContext } from '../stages.js';
import { readLaw } from './admit-task.js';
import type { TaskWorld } from './task-world.js';

/**
 * Who works on a task: the agents that a person named, in that order, else whom the router chooses. A named agent that
 * lacks something is passed over and told; when none is left the task fails and says what each one lacks. A version that
 * stands beside the one in use can be named too (`agent@version`), in its shadow as well.
 */
export async function chooseWorker(world: TaskWorld, task: Task, context: StageContext): Promise<TaskEvent> {
  return task.request.agents.length === 0 ? askRouter(world, task, context) : takeNamed(world, task, context);
}

async function askRouter(world: TaskWorld, task: Task, { signal }: StageContext): Promise<TaskEvent> {
  const { ports, registry, workers, tasks, routes, rollouts } = world;
  const law = await useRepository(ports, task.request.repository, signal, async (git) => {
    const base = await git.resolveCommit(task.base ?? 'HEAD');
    const read = await readLaw(world, git, base, task.spec_id);
    return { ...read, survey: await surveyBase(git, base.id, read.spec) };
  });
  return routeTask({ clock: ports.clock, registry, workers, tasks, routes, rollouts }, task, law, signal);
}

/**
 * A person's word stands above what the router would ask of an agent, but for where models run: that is the repository's,
 * since what was shown to a model elsewhere cannot be taken back.
 */
async function takeNamed(world: TaskWorld, task: Task, { signal }: StageContext): Promise<TaskEvent> {
  const { ports, agents, workers, tasks } = world;
  const at_ms = ports.clock.nowMs();
  const config = await useRepository(ports, task.request.repository, signal, async (git) =>
    loadConfiguration(ports, git, await git.resolveCommit(task.base ?? 'HEAD')),
  );
  const places = residencyOf(config.routing.needs, task.request.needs ?? null);
  const ladder: string[] = [];
  const lacking: string[] = [];
  const versions: Record<string, string> = {};
  for (const name of task.request.agents) {
    const agent = await agents.find(name);
    const lack =
      agent === null
        ? 'is not among the agents (arbiter agents list)'
        : (keptOut(agent, places) ?? (await workers.lacks(agent)));
    if (lack !== null || agent === null) {
      lacking.push(`${name} ${lack ?? ''}`);
      continue;
    }
    ladder.push(name);
    versions[name] = agent.version;
  }
  for (const lack of lacking) tasks.log(task.id, 'note', lack);
  if (ladder.length > 0) return { type: 'worker-chosen', at_ms, ladder, versions };
  const message = `no agent can be asked: ${lacking.join('; ')}`;
  const mend = 'arbiter agents list shows agents and what they lack, arbiter agents add makes one';
  return { type: 'no-worker-found', at_ms, reason: { code: 'AGENT_MISSING', message, mend } };
}

/** Why an agent may not see what the task is about; null: it may. */
function keptOut({ residency }: AgentProfile, places: readonly string[] | null): string | null {
  if (places?.length === 0 || places?.some((place) => residency.includes(place)) === true) return null;
  const asked = places === null ? 'the task asks for other places than the repository' : places.join(' or ');
  return `runs at ${residency.join(', ') || 'a place that is not known'}, asked for is ${asked} (--residency of arbiter agents add)`;
}

/** The next attempt: who works, and whether on the parts that one before had finished. */
export function startWork(task: Task, atMs: number): TaskEvent {
  const resumes = task.state !== 'refining' && nextAgents(task).length === 1 && resumable(task) !== null;
  return { type: 'work-started', at_ms: atMs, agents: nextAgents(task), ...(resumes ? { resumes } : {}) };
}

/**
 * Agents of the next attempt. A refinement gives one candidate back to the agent that made it; a race and a parallel plan
 * begin with all of theirs; else it is the one whose turn it is and, for further candidates, those after it, round and round.
 */
function nextAgents(task: Task): string[] {
  const { ladder, rung, round, routing } = task;
  if (round > 0) return [task.candidates[task.chosen ?? 0]?.agent ?? ladder[rung] ?? ''];
  if (isAbreast(routing)) return [...ladder];
  const count = routing === undefined ? task.request.candidates : 1;
  return Array.from({ length: count }, (_, index) => ladder[(rung + index) % ladder.length] ?? '');
}
