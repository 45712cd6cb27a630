import { z } from 'zod';
import { cusumSchema, isAlarmed, tuneCusum, watchReward } from './cusum.js';

const count = z.number().int().nonnegative();

/** One arm on one surface under watch: first its usual level is learned, then falls from it are looked for. */
export const driftWatchSchema = z
  .strictObject({
    learned: z.strictObject({ outcomes: count, reward: z.number().nonnegative() }),
    cusum: cusumSchema.nullable().describe('Null while the level is being learned.'),
    alarms: count,
    alarmed_at_ms: count.nullable().describe('The last alarm; null: none yet.'),
  })
  .meta({ id: 'DriftWatch' });
export type DriftWatch = z.infer<typeof driftWatchSchema>;

/** Nothing is known. */
export const newDriftWatch: DriftWatch = {
  learned: { outcomes: 0, reward: 0 },
  cusum: null,
  alarms: 0,
  alarmed_at_ms: null,
};

/** `outcomes_per_year` is what one false alarm a year is counted in; `drop` the fall that matters, in reward. */
export interface DriftOptions {
  readonly outcomes_per_year: number;
  readonly drop: number;
}

/** Outcomes that the usual level is learned from. */
export const learningOutcomes = 200;

/**
 * The watch after one more outcome, `reward` in [0, 1]. The level that falls are measured from is a standard error below
 * the learned mean: a level that was learned too high by luck would raise alarms forever. After an alarm the watch starts
 * again and learns the new level.
 */
export function watchOutcome(watch: DriftWatch, reward: number, atMs: number, options: DriftOptions): DriftWatch {
  if (watch.cusum === null) {
    const learned = { outcomes: watch.learned.outcomes + 1, reward: watch.learned.reward + reward };
    const isKnown = learned.outcomes >= learningOutcomes;
    return { ...watch, learned, cusum: isKnown ? tune(learned, options) : null };
  }
  const cusum = watchReward(watch.cusum, reward);
  if (!isAlarmed(cusum)) return { ...watch, cusum };
  return { ...newDriftWatch, alarms: watch.alarms + 1, alarmed_at_ms: atMs };
}

function tune({ outcomes, reward }: DriftWatch['learned'], { drop, outcomes_per_year }: DriftOptions) {
  const mean = reward / outcomes;
  const error = Math.sqrt((mean * (1 - mean)) / outcomes);
  return tuneCusum(mean - error, drop, outcomes_per_year);
}
