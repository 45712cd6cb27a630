import { z } from 'zod';
import { isFault } from '../../core/fault.js';
import { ulidPattern } from '../../core/ids.js';
import { evaluateOffPolicy, offPolicyReportSchema } from '../../core/routing/off-policy.js';
import { createPolicy } from '../../core/routing/policies/create-policy.js';
import { policyOptionsSchema } from '../../core/routing/policy-options.js';
import { sampleOf } from '../../core/routing/replay-decision.js';
import type { TaskEvent } from '../../core/tasks/task-event.js';
import type { OpenRuntime } from '../../ports/runtime.js';
import type { RecordedDecision } from '../../ports/route-store.js';
import type { Operation } from '../operation.js';
import { useRuntime } from '../tasks/use-runtime.js';
import { chosenKey } from './teach.js';
import { type RouteReplay, explained, explainedSchema, replay, routeReplaySchema } from './tell-decision.js';

/** Decisions with what came of them, in words and numbers. */
export const routeExplanationSchema = z
  .strictObject({ decisions: z.array(explainedSchema) })
  .meta({ id: 'RouteExplanation' });
export type RouteExplanation = z.infer<typeof routeExplanationSchema>;

const aboutSchema = z.strictObject({ id: z.string().min(1).describe('A task’s id (or its end), or a decision’s.') });
type AboutInput = z.infer<typeof aboutSchema>;

/** Decisions of a task, or the one of that id. @throws DECISION_UNKNOWN, TASK_UNKNOWN */
async function findDecisions({ tasks, routes }: OpenRuntime, id: string): Promise<readonly RecordedDecision[]> {
  if (ulidPattern.test(id)) {
    try {
      return [await routes.read(id)];
    } catch (error) {
      if (!isFault(error, 'DECISION_UNKNOWN')) throw error;
    }
  }
  const found = await routes.ofTask(await tasks.find(id));
  return found.length > 0 ? found : [await routes.read(id)];
}

export const routeExplain: Operation<AboutInput, RouteExplanation> = {
  name: 'route explain',
  summary: 'say why a task got its agent and why not the others, and what came of it',
  role: 'anyone',
  input: aboutSchema,
  output: routeExplanationSchema,
  run: (ports, { id }, { signal }) =>
    useRuntime(ports, signal, async (runtime) => {
      const found = await findDecisions(runtime, id);
      return {
        decisions: await Promise.all(
          found.map(async (one) => explained(one, await storyOf(runtime, one.decision.task_id))),
        ),
      };
    }),
};

/** What happened to the task; nothing where the store has it no more. */
async function storyOf({ tasks }: OpenRuntime, taskId: string): Promise<readonly TaskEvent[]> {
  try {
    return (await tasks.readEvents(taskId)).map(({ event }) => event);
  } catch (error) {
    if (isFault(error, 'TASK_UNKNOWN')) return [];
    throw error;
  }
}

const listInputSchema = z.strictObject({
  days: z.number().positive().max(3660).default(30).describe('Decisions of the last so many days.'),
  limit: z.number().int().min(1).max(1000).default(20),
});

export const routeList: Operation<z.infer<typeof listInputSchema>, RouteExplanation> = {
  name: 'route list',
  summary: 'list the router’s decisions, newest first',
  role: 'anyone',
  input: listInputSchema,
  output: routeExplanationSchema,
  run: (ports, { days, limit }, { signal }) =>
    useRuntime(ports, signal, async ({ routes }) => {
      const sinceMs = sinceOf(ports.clock.nowMs(), days);
      return { decisions: (await routes.list({ sinceMs, limit })).map((one) => explained(one)) };
    }),
};

function sinceOf(nowMs: number, days: number): number {
  return Math.max(0, Math.floor(nowMs - days * 86_400_000));
}

export const routeReplay: Operation<AboutInput, { replays: RouteReplay[] }> = {
  name: 'route replay',
  summary: 'make a decision again from its record, and say whether the same bytes come of it',
  role: 'anyone',
  input: aboutSchema,
  output: z.strictObject({ replays: z.array(routeReplaySchema) }).meta({ id: 'RouteReplays' }),
  run: (ports, { id }, { signal }) =>
    useRuntime(ports, signal, async (runtime) => ({ replays: (await findDecisions(runtime, id)).map(replay) })),
};

const evaluateInputSchema = z.strictObject({
  policy: policyOptionsSchema.describe('The policy that is asked about.'),
  days: z.number().positive().max(3660).default(90),
  limit: z.number().int().min(1).max(100_000).default(10_000),
});
/** What another policy would have earned. */
export const routeEvaluationSchema = z
  .strictObject({
    policy: policyOptionsSchema,
    report: offPolicyReportSchema,
    open: z.number().int().nonnegative().describe('Decisions left out: nothing came of them yet.'),
    kept: z.number().int().nonnegative().describe('Decisions left out: a session kept its agent, and no policy chose.'),
  })
  .meta({ id: 'RouteEvaluation' });
export type RouteEvaluation = z.infer<typeof routeEvaluationSchema>;

export const routeEvaluate: Operation<z.infer<typeof evaluateInputSchema>, RouteEvaluation> = {
  name: 'route evaluate',
  summary: 'estimate from the log what another policy would have earned',
  role: 'anyone',
  input: evaluateInputSchema,
  output: routeEvaluationSchema,
  run: (ports, { policy: options, days, limit }, { signal }) =>
    useRuntime(ports, signal, async ({ routes }) => {
      const recorded = await routes.list({ sinceMs: sinceOf(ports.clock.nowMs(), days), limit });
      const policy = createPolicy(options);
      const drawn = recorded.filter(({ decision }) => decision.affinity?.kept !== true);
      const samples = drawn.flatMap(({ decision, outcomes }) => {
        const reward = outcomes.find(({ arm }) => arm === chosenKey(decision))?.reward ?? null;
        return reward === null ? [] : [sampleOf(decision, reward, policy)];
      });
      return {
        policy: options,
        report: evaluateOffPolicy(samples),
        open: drawn.length - samples.length,
        kept: recorded.length - drawn.length,
      };
    }),
};
