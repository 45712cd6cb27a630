import { z } from 'zod';
import { surfaceSchema } from '../routing/surface.js';
import { placeOfTask } from './admit.js';
import type { Rollout, Side } from './rollout.js';
import type { RolloutEventOf } from './rollout-event.js';
import { percentOf, stageSchema } from './stage.js';

const task_id = z.string().min(1).max(200);
const at_ms = z.number().int().nonnegative();
const stage = stageSchema.optional().describe('Stage when the task was given out; the present one when left out.');

/** What came of a task for an arm or a policy, by its key (`name@version`). */
const outcomeObservationSchema = z.strictObject({
  type: z.literal('outcome'),
  task_id,
  key: z.string().min(1).max(300).describe('Who did the work: name@version.'),
  surface: surfaceSchema,
  reward: z.number().min(0).max(1),
  fault: z.boolean().default(false).describe('The worker failed, rather than its work.'),
  at_ms,
  stage,
});

/** What a candidate in its shadow would have done. */
const shadowObservationSchema = z.strictObject({
  type: z.literal('shadow'),
  task_id,
  key: z.string().min(1).max(300).describe('The candidate: name@version.'),
  surface: surfaceSchema,
  agreed: z.boolean(),
  at_ms,
});

/** One thing that rollouts are told. */
export const observationSchema = z
  .discriminatedUnion('type', [outcomeObservationSchema, shadowObservationSchema])
  .meta({ id: 'RolloutObservation' });
export type Observation = z.infer<typeof observationSchema>;

/**
 * Why an observation did not count. `other-side`: the task was not this side's, such as a fallback's; `known`: the task
 * was told of before; `ended`: too late; `no-rollout`: no rollout names the key on this surface.
 */
export const uncountedSchema = z.enum(['no-rollout', 'ended', 'other-side', 'known']);
export type Uncounted = z.infer<typeof uncountedSchema>;

/** The newest rollout that names the key on the surface; `rollouts` newest first. */
export function rolloutOf(
  { key, surface }: Pick<Observation, 'key' | 'surface'>,
  rollouts: readonly Rollout[],
): Rollout | null {
  const names = ({ incumbent, candidate }: Rollout['subject']): boolean => key === incumbent || key === candidate;
  return rollouts.find((one) => names(one.subject) && (one.surface === null || one.surface === surface)) ?? null;
}

/** The event that an observation is for a rollout that names its key, or why it is none. */
export function takeObservation(
  observation: Observation,
  rollout: Rollout,
): RolloutEventOf<'outcome-observed'> | RolloutEventOf<'shadow-decided'> | Uncounted {
  const { key, task_id: task, at_ms: at } = observation;
  const side: Side = key === rollout.subject.candidate ? 'candidate' : 'incumbent';
  if (rollout.state !== 'running') return 'ended';
  if (observation.type === 'shadow') {
    if (side !== 'candidate') return 'other-side';
    return { type: 'shadow-decided', at_ms: at, task_id: task, agreed: observation.agreed };
  }
  const { reward, fault } = observation;
  if (sideAt(rollout, task, observation.stage) !== side) return 'other-side';
  return { type: 'outcome-observed', at_ms: at, task_id: task, side, reward, fault };
}

/** Null for a stage that the rollout has not been in. */
function sideAt(rollout: Rollout, task: string, at: Rollout['stage'] = rollout.stage): Side | null {
  if (!rollout.stages.includes(at)) return null;
  return placeOfTask(rollout.id, task) * 100 < percentOf(at) ? 'candidate' : 'incumbent';
}
