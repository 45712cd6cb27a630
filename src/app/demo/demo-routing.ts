import { z } from 'zod';
import { type Task, taskStateSchema } from '../../core/tasks/task.js';
import type { AgentProfile } from '../../core/registry/agent-profile.js';
import type { RecordedDecision } from '../../ports/route-store.js';
import type { Ports } from '../../ports/ports.js';
import type { OpenRuntime } from '../../ports/runtime.js';
import type { Operation, OperationContext } from '../operation.js';
import { explained, explainedSchema, replay } from '../routing/tell-decision.js';
import { followTask } from '../tasks/follow-task.js';
import { serveTasks } from '../tasks/serve-tasks.js';
import { submitTask } from '../tasks/submit-task.js';
import { useRuntime } from '../tasks/use-runtime.js';
import { demoWords } from './demo-files.js';
import { layBase } from './lay-base.js';
import { recordAgents } from './record-agents.js';

export const demoRoutingInputSchema = z.strictObject({
  tasks: z
    .number()
    .int()
    .min(2)
    .max(50)
    .default(5)
    .describe('So many tasks, one after the other; up to twice as many while luck has the better of it.'),
});
export type DemoRoutingInput = z.infer<typeof demoRoutingInputSchema>;

export const demoRoutingOutputSchema = z
  .strictObject({
    tasks: z.array(
      z.strictObject({
        id: z.string(),
        state: taskStateSchema,
        chances: z.record(z.string(), z.number()).describe('Probability with which each agent was to be chosen first.'),
        chosen: z.string(),
        outcomes: z.array(z.string()).describe('Who was asked, and the verdict.'),
        milliseconds: z.number().int().nonnegative(),
      }),
    ),
    last: explainedSchema.describe('The last decision, explained.'),
    replayed: z.boolean().describe('Whether every decision came out again to the byte.'),
    converged: z.boolean().describe('Whether the agent that passes had the greatest chance at the end.'),
  })
  .meta({ id: 'DemoRoutingResult' });
export type DemoRoutingOutput = z.infer<typeof demoRoutingOutputSchema>;

/** Agents of the demo that differ in quality: one passes, one on second thought only, one edits the tests. */
const contestants = ['careful', 'forgetful', 'hasty'];
const best = 'careful';

/**
 * Takes a handful of tasks through the engine without naming an agent: the router learns from the verdicts which of three
 * is the right one. Repository, keys, agents and store are its own, and what it had learned before is left behind.
 */
export const demoRouting: Operation<DemoRoutingInput, DemoRoutingOutput> = {
  name: 'demo routing',
  summary: 'let the router find the right one of three agents, and explain its last decision',
  role: 'anyone',
  input: demoRoutingInputSchema,
  output: demoRoutingOutputSchema,
  async run(ports, { tasks: count }, context) {
    const sandbox = (await ports.sandboxes.bubblewrap.probe()).available ? 'bubblewrap' : 'none';
    context.progress.stage('prepare', 'a repository with tests, a policy and a spec');
    const keys = await ports.scratch.createFolder('demo-keys');
    const repository = await ports.scratch.createRepository('demo');
    try {
      const base = await layBase(ports, repository, keys.directory, sandbox);
      const recorded = await recordAgents(ports, repository, base, keys.directory);
      const agents = recorded.filter(({ name }) => contestants.includes(name));
      context.progress.stage('prepare', 'a store of its own: an embedded PostgreSQL');
      return await useRuntime(
        ports,
        context.signal,
        (runtime) =>
          compete(ports, runtime, { agents, count, repository: repository.directory, keys: keys.directory }, context),
        `${ports.places.stateHome}/demo`,
      );
    } finally {
      await repository.remove();
      await keys.remove();
    }
  },
};

interface Contest {
  readonly agents: readonly AgentProfile[];
  readonly count: number;
  readonly repository: string;
  readonly keys: string;
}

async function compete(
  ports: Ports,
  runtime: OpenRuntime,
  contest: Contest,
  context: OperationContext,
): Promise<DemoRoutingOutput> {
  for (const old of await runtime.agents.list()) await runtime.agents.remove(old.name);
  // A version of their own: nothing that an earlier demo has learned is theirs.
  const version = `demo-${ports.clock.nowMs()}`;
  for (const agent of contest.agents) await runtime.agents.put({ ...agent, version });
  await serveTasks(ports, runtime, (text) => context.progress.note(text), context.signal);
  const tasks: DemoRoutingOutput['tasks'] = [];
  const decisions: RecordedDecision[] = [];
  // Draws are random: where they have not shown it yet, as many tasks again may.
  const enough = (): boolean => tasks.length >= contest.count && (leads(tasks) || tasks.length >= 2 * contest.count);
  while (!enough()) {
    const { shown, made } = await runOne(ports, runtime, contest, context);
    decisions.push(...made);
    tasks.push(shown);
    context.progress.stage(`task ${tasks.length}`, `${shown.chosen} was chosen: ${shown.outcomes.join(', ')}`);
  }
  const last = decisions.at(-1);
  if (last === undefined) throw new Error('the router made no decision');
  return {
    tasks,
    last: explained(last),
    replayed: decisions.every((decision) => replay(decision).same),
    converged: leads(tasks),
  };
}

/** Whether the agent that passes had the greatest chance in the last task. */
function leads(tasks: DemoRoutingOutput['tasks']): boolean {
  const chances = tasks.at(-1)?.chances ?? {};
  return Object.entries(chances).every(([agent, chance]) => agent === best || chance < (chances[best] ?? 0));
}

async function runOne(
  ports: Ports,
  runtime: OpenRuntime,
  { repository, keys }: Contest,
  { progress, signal }: OperationContext,
): Promise<{ readonly shown: DemoRoutingOutput['tasks'][number]; readonly made: readonly RecordedDecision[] }> {
  const startedMs = ports.clock.nowMs();
  const { task: asked } = await submitTask(ports, runtime, {
    words: demoWords,
    repository,
    spec: 'POST-001',
    base: null,
    agents: [],
    candidates: 1,
    bounds: { micro_usd: 5_000_000, tokens: null, turns: 60, wall_ms: 600_000 },
    priority: 500,
    deadline_ms: null,
    dedup_key: null,
    refinements: 0,
    key: `${keys}/verdict`,
  });
  const quiet = { stage: () => undefined, note: (text: string) => progress.note(text) };
  const task = await followTask(runtime, asked.id, { progress: quiet, signal }, { clock: ports.clock });
  signal.throwIfAborted();
  const made = await settled(ports, runtime, task, signal);
  const [first] = made;
  const chances = first?.decision.eligible.map(({ arm, propensity }) => [arm.agent, propensity] as const) ?? [];
  const shown = {
    id: task.id,
    state: task.state,
    chances: Object.fromEntries(chances),
    chosen: first?.decision.chosen ?? '',
    outcomes: made.flatMap(({ outcomes }) => outcomes.map(({ agent, verdict }) => `${agent} ${verdict ?? 'stopped'}`)),
    milliseconds: Math.max(0, task.updated_ms - startedMs),
  };
  return { shown, made };
}

/** Decisions of a task once the leg that ended it has learned of them: moments later. */
async function settled(
  ports: Ports,
  { routes }: OpenRuntime,
  { id, state }: Task,
  signal: AbortSignal,
): Promise<readonly RecordedDecision[]> {
  for (;;) {
    const made = await routes.ofTask(id);
    const isSettled = ({ decision, outcomes }: RecordedDecision): boolean =>
      outcomes.some(({ agent }) => agent === decision.chosen);
    const isTold =
      state !== 'accepted' || made.some(({ outcomes }) => outcomes.some(({ verdict }) => verdict === 'PASS'));
    if (isTold && made.every(isSettled)) return made;
    await ports.clock.pause(25, signal);
    signal.throwIfAborted();
  }
}
