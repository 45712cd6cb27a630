import { z } from 'zod';
import { outcomeSchema } from '../caws/verdict/verdict.js';
import { ulidPattern } from '../ids.js';
import { askedNeedSchema } from '../routing/need-of-task.js';
import { sessionSchema } from '../routing/session.js';
import { chunkSchema } from './chunk.js';
import { taskRoutingSchema } from './routing.js';
import { boundsSchema, spendSchema } from './spend.js';

const count = z.number().int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** Where a task stands (design engine.md, Tasks). The last four are ends. */
export const taskStateSchema = z.enum([
  'submitted',
  'admitted',
  'planned',
  'routed',
  'working',
  'pleaded',
  'examined',
  'deliberating',
  'verdict',
  'refining',
  'escalating',
  'awaiting-waiver',
  'awaiting-amendment',
  'accepted',
  'rejected',
  'cancelled',
  'failed',
]);
export type TaskState = z.infer<typeof taskStateSchema>;

export const endStates: readonly TaskState[] = ['accepted', 'rejected', 'cancelled', 'failed'];

/** True once nothing can happen to the task any more. */
export function isEnded(state: TaskState): boolean {
  return endStates.includes(state);
}

/** States in which a task waits for a human and holds nothing of the machine. */
export const waitingStates: readonly TaskState[] = ['awaiting-waiver', 'awaiting-amendment'];

/** What helps after a failure: the same agent later, the same agent with what was found, the next agent, or a human. */
export const recourseSchema = z.enum(['retry', 'refine', 'escalate', 'ask-human']);
export type Recourse = z.infer<typeof recourseSchema>;

/** Why a task ended or waits, for a person. */
export const reasonSchema = z.strictObject({ code: z.string(), message: z.string(), mend: z.string() });
export type Reason = z.infer<typeof reasonSchema>;

/** A verdict that a candidate got, with what the next step is decided by. */
const candidateVerdictSchema = z.strictObject({
  id: z.string(),
  outcome: outcomeSchema,
  sha256,
  findings: sha256,
  headline: z.string(),
  mendable: z.boolean(),
  cost: count,
});

/** What one candidate of the present attempt has come to. */
export const candidateSchema = z.strictObject({
  agent: z.string(),
  /** SHA-256 of each finished part's patch, which holds the parts before it. */
  chunks: z.array(z.strictObject({ id: z.string(), patch: sha256, plea: sha256 })),
  /** Digest of the stored plan of edit. */
  plan: sha256.nullable(),
  /** Digests of the stored plea and of its patch; null until it pleaded. */
  plea: z.strictObject({ sha256, patch: sha256 }).nullable(),
  failure: z
    .strictObject({
      reason: reasonSchema,
      then: recourseSchema,
      rests_until_ms: count.optional(),
      /** What a retry was refused by; the task goes on, or ends, for that. */
      unretried: reasonSchema.optional(),
    })
    .nullable(),
  examined: z.enum(['clean', 'blocked']).nullable(),
  verdict: candidateVerdictSchema.nullable(),
});
export type Candidate = z.infer<typeof candidateSchema>;

/** What a person asked for; it never changes. */
export const requestSchema = z
  .strictObject({
    words: z.string().min(1).max(20_000),
    repository: z.string().min(1).describe('Top of the repository.'),
    spec: z.string().nullable().describe('Id of the spec at the base; null: the only open one.'),
    base: z.string().nullable().describe('Revision that the change is made on; null: the protected ref, else HEAD.'),
    agents: z
      .array(z.string())
      .max(16)
      .describe('Agents to be tried, in this order; none named: all that can, in theirs.'),
    candidates: z.number().int().min(1).max(8),
    bounds: boundsSchema,
    priority: z.number().int().min(1).max(1000),
    deadline_ms: count.nullable().describe('Milliseconds since the epoch.'),
    dedup_key: z.string().min(1).max(200).nullable(),
    refinements: z.number().int().min(0).max(5).describe('Rounds in which a refused candidate is given back.'),
    key: z.string().nullable().describe('Path of the verdict key; null: the one of arbiter init.'),
    session: sessionSchema.optional().describe('Tasks of one session keep their agent while it can be asked.'),
    needs: askedNeedSchema.optional().describe('What is asked of the agent beyond what the repository asks.'),
  })
  .meta({ id: 'TaskRequest' });
export type TaskRequest = z.infer<typeof requestSchema>;

/** A task as its events have left it. */
export const taskSchema = z
  .strictObject({
    id: z.string().regex(ulidPattern),
    request: requestSchema,
    state: taskStateSchema,
    created_ms: count,
    updated_ms: count,
    /** Commit that the change is made on; null until admitted. */
    base: z.string().nullable(),
    spec_id: z.string().nullable(),
    chunks: z.array(chunkSchema),
    /** Agents in the order in which they are tried; set when routed. */
    ladder: z.array(z.string()),
    rung: count.describe('Place of the present agent in the ladder.'),
    routing: taskRoutingSchema.optional(),
    attempt: count.describe('Counts every time that work starts anew, from 1.'),
    round: count.describe('Refinements that the present agent has had.'),
    candidates: z.array(candidateSchema),
    /** Digest of stored findings that the next attempt is given; null for none. */
    findings: sha256.nullable(),
    /** Digest of the stored patch that the next attempt starts from; null for none. */
    start_patch: sha256.nullable(),
    chosen: count.nullable().describe('Index of the candidate whose verdict counts.'),
    verdict: z.strictObject({ id: z.string(), outcome: outcomeSchema, sha256 }).nullable(),
    kept: z.strictObject({ ref: z.string(), commit: z.string() }).nullable().describe('Where the candidate is kept.'),
    files: z.strictObject({ verdict: z.string(), signature: z.string().nullable() }).nullable(),
    faults: count.describe('Faults in a row at the present stage.'),
    spend: spendSchema,
    reason: reasonSchema.nullable(),
  })
  .meta({ id: 'Task' });
export type Task = z.infer<typeof taskSchema>;

/** A task that was just asked for. */
export function newTask(id: string, request: TaskRequest, nowMs: number): Task {
  return {
    id,
    request,
    state: 'submitted',
    created_ms: nowMs,
    updated_ms: nowMs,
    base: null,
    spec_id: null,
    chunks: [],
    ladder: [],
    rung: 0,
    attempt: 0,
    round: 0,
    candidates: [],
    findings: null,
    start_patch: null,
    chosen: null,
    verdict: null,
    kept: null,
    files: null,
    faults: 0,
    spend: { micro_usd: 0, input_tokens: 0, output_tokens: 0, turns: 0, wall_ms: 0 },
    reason: null,
  };
}
