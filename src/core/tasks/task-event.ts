import { z } from 'zod';
import { outcomeSchema } from '../caws/verdict/verdict.js';
import { ulidPattern } from '../ids.js';
import { classedFaultSchema } from '../registry/error-class.js';
import { planSchema } from '../routing/plan.js';
import { spendSchema } from './spend.js';
import { chunkSchema } from './chunk.js';
import { reasonSchema, recourseSchema } from './task.js';

const count = z.number().int().nonnegative();
const share = z.number().min(0).max(1);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const candidate = count.describe('Index of the candidate in its attempt.');
const workerSchema = z.strictObject({ agent: z.string(), version: z.string(), model: z.string() });

/**
 * Everything that can happen to a task; its story is a list of these. Names are nouns and past verbs. `at_ms` is the one
 * instant at which it was decided: nothing later asks a clock.
 */
export const taskEventSchema = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('task-submitted'), at_ms: count }),
    z.strictObject({
      type: z.literal('task-admitted'),
      at_ms: count,
      base: z.string(),
      spec_id: z.string(),
      spec_sha256: sha256,
      policy_sha256: sha256.nullable(),
    }),
    z.strictObject({ type: z.literal('admission-refused'), at_ms: count, reason: reasonSchema }),
    z.strictObject({
      type: z.literal('task-planned'),
      at_ms: count,
      chunks: z.array(chunkSchema).min(1),
      by: z.enum(['whole', 'configuration', 'acceptance', 'scope', 'planner']),
      spend: spendSchema,
    }),
    z.strictObject({
      type: z.literal('worker-chosen'),
      at_ms: count,
      ladder: z.array(z.string()).min(1),
      /** The router's decision, stored by its id. Absent where a person named the agents. */
      routed: z.strictObject({ decision: z.string().regex(ulidPattern), plan: planSchema }).optional(),
      /** Versions of the profiles that a person named, by name: what their history is kept under. */
      versions: z.record(z.string(), z.string()).optional(),
    }),
    /** Before a further step of a cascade: whether what is left of it is still worth its price, by what is known now. */
    z.strictObject({
      type: z.literal('plan-reviewed'),
      at_ms: count,
      steps: z.array(z.string()).min(1).describe('Agents that were left, in the order of the plan.'),
      next: z.string().nullable().describe('The one to go on with; null: the cascade stops.'),
      because: z.enum(['worth-it', 'not-worth-it', 'money']),
      /** Of the next step, or of the best of those that were not asked. */
      about: z.string(),
      success: share.describe('Given the candidates that were refused.'),
      stop_below: share,
      cost_micro_usd: count.describe('What that step is expected to cost.'),
      left_micro_usd: count.nullable().describe('What the task may still spend; null: no bound.'),
    }),
    z.strictObject({ type: z.literal('no-worker-found'), at_ms: count, reason: reasonSchema }),
    z.strictObject({
      type: z.literal('work-started'),
      at_ms: count,
      agents: z.array(z.string()).min(1),
      /** The parts that an agent had finished before it failed are taken over by the one that begins now. */
      resumes: z.literal(true).optional(),
    }),
    z.strictObject({
      type: z.literal('plan-proposed'),
      at_ms: count,
      candidate,
      plan: sha256,
      files: count,
      lines: count,
      spend: spendSchema,
    }),
    z.strictObject({
      type: z.literal('plan-refused'),
      at_ms: count,
      candidate,
      findings: sha256,
      headline: z.string(),
      spend: spendSchema,
    }),
    z.strictObject({
      type: z.literal('chunk-finished'),
      at_ms: count,
      candidate,
      chunk: z.string(),
      patch: sha256,
      plea: sha256,
      spend: spendSchema,
    }),
    z.strictObject({
      type: z.literal('plea-submitted'),
      at_ms: count,
      candidate,
      plea: sha256,
      patch: sha256,
      worker: workerSchema,
      spend: spendSchema,
    }),
    z.strictObject({
      type: z.literal('work-failed'),
      at_ms: count,
      candidate,
      reason: reasonSchema,
      then: recourseSchema,
      spend: spendSchema,
      /** What kind of fault of a call it was. Absent where neither agent nor endpoint was at fault, and in older stories. */
      fault: classedFaultSchema.optional(),
      /** When the agent may be asked again: by what the endpoint said, and by its breakers. Only before a retry. */
      rests_until_ms: count.optional(),
      /** A retry would have helped, and was not to be had: retries and tasks of the last hour. */
      unretried: z.strictObject({ retries: count, tasks: count }).optional(),
    }),
    z.strictObject({
      type: z.literal('candidate-cancelled'),
      at_ms: count,
      candidate,
      winner: candidate,
      /** From the winner's verdict until the work had stopped. */
      after_ms: count,
      spend: spendSchema,
    }),
    z.strictObject({
      type: z.literal('infeasibility-pleaded'),
      at_ms: count,
      candidate,
      clause: z.string(),
      evidence: z.string(),
      spend: spendSchema,
    }),
    z.strictObject({
      type: z.literal('amendment-requested'),
      at_ms: count,
      candidate,
      paths: z.array(z.string()),
      why: z.string(),
      spend: spendSchema,
    }),
    z.strictObject({
      type: z.literal('plea-examined'),
      at_ms: count,
      candidate,
      result: z.enum(['clean', 'blocked']),
      files: count,
      lines: count,
      open: z.array(z.string()).describe('Rules that stand against it, gravest first.'),
    }),
    z.strictObject({ type: z.literal('deliberation-started'), at_ms: count }),
    z.strictObject({
      type: z.literal('verdict-reached'),
      at_ms: count,
      candidate,
      verdict_id: z.string(),
      outcome: outcomeSchema,
      /** The rendered verdict, stored; signing and writing come after. */
      sha256,
      /** Findings to give back, stored. */
      findings: sha256,
      headline: z.string(),
      /** Whether a worker could mend what stands against it, or only a person. */
      mendable: z.boolean(),
      /** Sorting key among candidates of one outcome: less is better. */
      cost: count,
    }),
    z.strictObject({
      type: z.literal('verdict-recorded'),
      at_ms: count,
      files: z.strictObject({ verdict: z.string(), signature: z.string().nullable() }),
      kept: z.strictObject({ ref: z.string(), commit: z.string() }).nullable(),
    }),
    z.strictObject({ type: z.literal('human-answered'), at_ms: count, base: z.string(), by: z.string() }),
    z.strictObject({ type: z.literal('task-taken-over'), at_ms: count, executor: z.string() }),
    z.strictObject({
      type: z.literal('fault-raised'),
      at_ms: count,
      stage: z.string(),
      reason: reasonSchema,
      again: z.boolean(),
    }),
    z.strictObject({ type: z.literal('deadline-passed'), at_ms: count }),
    z.strictObject({ type: z.literal('task-cancelled'), at_ms: count, by: z.string() }),
  ])
  .meta({ id: 'TaskEvent' });
export type TaskEvent = z.infer<typeof taskEventSchema>;
export type TaskEventOf<Type extends TaskEvent['type']> = Extract<TaskEvent, { type: Type }>;
