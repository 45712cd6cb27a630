import { z } from 'zod';
import { surfaceSchema } from '../routing/surface.js';
import {
  broughtSchema,
  endCauseSchema,
  rolloutOptionsSchema,
  rolloutSubjectSchema,
  sideSchema,
  standingSchema,
} from './rollout.js';
import { stageSchema } from './stage.js';

const count = z.number().int().nonnegative();
const by = z.string().min(1).max(200).nullable().describe('Who; null: the tests alone.');
const task = z.string().min(1).max(200);

/**
 * Everything that can happen to a rollout; its story is a list of these, and its state follows from them alone. Steps
 * carry the e-values that they were taken by.
 */
export const rolloutEventSchema = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('rollout-started'),
      at_ms: count,
      by: z.string().min(1).max(200),
      subject: rolloutSubjectSchema,
      brought: broughtSchema,
      surface: surfaceSchema.nullable(),
      options: rolloutOptionsSchema,
    }),
    z.strictObject({
      type: z.literal('shadow-decided'),
      at_ms: count,
      task_id: task,
      agreed: z.boolean().describe('Whether the candidate would have done what the incumbent did.'),
    }),
    z.strictObject({
      type: z.literal('outcome-observed'),
      at_ms: count,
      task_id: task,
      side: sideSchema,
      reward: z.number().min(0).max(1),
      fault: z.boolean().describe('The worker failed, rather than its work.'),
    }),
    z.strictObject({ type: z.literal('stage-reached'), at_ms: count, stage: stageSchema, by, why: z.string() }),
    z.strictObject({ type: z.literal('version-settled'), at_ms: count, standing: standingSchema, why: z.string() }),
    z.strictObject({
      type: z.literal('rollout-ended'),
      at_ms: count,
      state: z.enum(['finished', 'rolled-back']),
      cause: endCauseSchema,
      by,
      why: z.string(),
    }),
  ])
  .meta({ id: 'RolloutEvent' });
export type RolloutEvent = z.infer<typeof rolloutEventSchema>;
export type RolloutEventOf<Type extends RolloutEvent['type']> = Extract<RolloutEvent, { type: Type }>;
