import { z } from 'zod';
import { gateKindSchema } from '../caws/arbiter-config.js';
import { outcomeSchema as verdictOutcomeSchema } from '../caws/verdict/verdict.js';
import { ulidPattern } from '../ids.js';
import { complexitySchema, surfaceSchema } from '../routing/surface.js';
import { spendSchema } from '../tasks/spend.js';
import { endStates, taskStateSchema } from '../tasks/task.js';
import { captureSchema } from './capture.js';
import { outcomeSchema, outcomeVerdictSchema } from './outcome.js';

const count = z.number().int().nonnegative();
const text = z.string().max(2000).describe('Without secrets and personal data; cut at 2,000 characters.');

const head = {
  version: z.literal(1),
  task_id: z.string().regex(ulidPattern),
  step: count.describe('Place of the event in the story that this was derived from.'),
  at_ms: count,
  skew_ms: count.describe('By how much the clock of the event stood behind the event before it.'),
  attempt: count,
  candidate: count.nullable(),
  agent: z.string().nullable(),
  decision_id: z.string().regex(ulidPattern).nullable(),
  surface: surfaceSchema.nullable(),
  complexity: complexitySchema.nullable(),
  removed: z.record(z.string(), count).describe('How many secrets and personal data were removed, by kind.'),
  missing: z.array(z.string()).describe('Fields that must be captured and that nobody could tell.'),
};

const point = <Kind extends string, Body extends z.ZodRawShape>(kind: Kind, body: Body) =>
  z.strictObject({ ...head, kind: z.literal(kind), ...body });

const gatePointSchema = z.strictObject({
  name: z.string(),
  kind: gateKindSchema,
  mandatory: z.boolean(),
  outcome: z.string(),
  executed: count.nullable(),
  wall_ms: count.nullable(),
});

/** One thing that happened to a task, as learners and trainers take it: derived from its story, and from nothing else. */
export const dataPointSchema = z
  .discriminatedUnion('kind', [
    point('task', {
      words: text,
      words_length: count,
      repository: z.string().describe('First 16 hex digits of the SHA-256 of its path: tells two apart, names none.'),
      agents_named: count,
      candidates: count,
    }),
    point('admission', {
      result: z.enum(['admitted', 'refused', 'answered']),
      spec_id: z.string().nullable(),
      reason: text,
    }),
    point('decision', {
      result: z.enum(['chosen', 'nobody']),
      ladder: z.array(z.string()),
      seed: count.nullable(),
      propensity: z.number().min(0).max(1).nullable(),
      plan: z.string().nullable(),
      reason: text,
    }),
    point('plan', {
      result: z.enum(['admitted', 'refused']),
      files: count.nullable(),
      lines: count.nullable(),
      spend: spendSchema,
      reason: text,
    }),
    point('execution', {
      result: z.enum(['part', 'plea', 'failed', 'infeasible', 'amendment', 'cancelled']),
      spend: spendSchema,
      version_of_agent: z.string().nullable(),
      model: z.string().nullable(),
      prompt: z.string().nullable(),
      capture: captureSchema.nullable(),
      code: z.string().nullable().describe('Of the fault, where it failed.'),
      reason: text,
    }),
    point('examination', {
      result: z.enum(['clean', 'blocked']),
      files: count,
      lines: count,
      open: z.array(z.string()),
    }),
    point('verdict', {
      verdict_id: z.string(),
      outcome: verdictOutcomeSchema,
      verifier: z.string().nullable(),
      trust: z.string().nullable(),
      gates: z.array(gatePointSchema),
      findings: z.record(z.string(), count).describe('How many findings, by rule.'),
      unsupported_claims: count.nullable(),
      reason: text,
    }),
    point('outcome', { outcome: outcomeSchema }),
    point('fault', { stage: z.string(), code: z.string(), again: z.boolean(), reason: text }),
    point('end', {
      state: taskStateSchema.extract(endStates as ['accepted', 'rejected', 'cancelled', 'failed']),
      attempts: count,
      first_agent: z.string().nullable(),
      first_verdict: outcomeVerdictSchema.nullable().describe('Of the first attempt; null: it never came to one.'),
      escalations: count.describe('Next agents that were asked because a verdict failed: planned.'),
      fallbacks: count.describe('Next agents that were asked because one before broke down: not planned.'),
      refinements: count,
      takeovers: count,
      spend: spendSchema,
      wall_ms: count.describe('From submission to the end.'),
      code: z.string().nullable(),
    }),
  ])
  .meta({ id: 'DataPoint' });
export type DataPoint = z.infer<typeof dataPointSchema>;
export type PointKind = DataPoint['kind'];
export type DataPointOf<Kind extends PointKind> = Extract<DataPoint, { kind: Kind }>;

/** Fields of an outcome that must be captured from the first decision on, or their history is lost. */
export const mustCapture = [
  'input_tokens',
  'output_tokens',
  'turns',
  'tool_calls',
  'tool_turns',
  'first_token_ms',
  'latency_ms',
  'unsupported_claims',
  'context_retained',
  'verifier',
  'seed',
  'prompt',
  'model',
] as const;
