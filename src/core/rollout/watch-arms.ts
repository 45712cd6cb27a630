import { type DriftWatch, learningOutcomes, newDriftWatch, watchOutcome } from './drift-watch.js';

/** What is watched: one arm's outcomes on one surface, in the order of time. */
export interface WatchedOutcome {
  /** `agent@version`. */
  readonly key: string;
  readonly surface: string;
  /** In [0, 1]. */
  readonly reward: number;
  readonly at_ms: number;
}

/** An arm on a surface, with all that was seen of it. */
export interface WatchedArm {
  readonly key: string;
  readonly surface: string;
  readonly watch: DriftWatch;
  readonly outcomes: number;
  /** Sum over all outcomes. */
  readonly reward: number;
  /** When the level that is watched now began to be learned. */
  readonly since_ms: number;
  /** What one false alarm a year is counted in; null while the level is being learned. */
  readonly per_year: number | null;
}

const yearMs = 365 * 86_400_000;
const fewest = 365;
const most = 10_000_000;

/**
 * Watches every arm on every surface for a fall of `drop` in mean reward. One false alarm a year is tuned by how often
 * the arm is asked: by the time that its learning outcomes took, held to at least one a day. Arms come out in the order in
 * which they were first seen; what happens to one is never the other's matter.
 */
export function watchArms(outcomes: readonly WatchedOutcome[], drop: number): readonly WatchedArm[] {
  const arms = new Map<string, WatchedArm>();
  for (const outcome of outcomes) {
    const at = JSON.stringify([outcome.key, outcome.surface]);
    arms.set(at, watchOne(arms.get(at), outcome, drop));
  }
  return [...arms.values()];
}

function watchOne(
  arm: WatchedArm | undefined,
  { key, surface, reward, at_ms }: WatchedOutcome,
  drop: number,
): WatchedArm {
  const { watch, outcomes, reward: sum } = arm ?? { watch: newDriftWatch, outcomes: 0, reward: 0 };
  const isFresh = watch.cusum === null && watch.learned.outcomes === 0;
  const since_ms = arm === undefined || isFresh ? at_ms : arm.since_ms;
  const outcomes_per_year = (isFresh ? null : arm?.per_year) ?? rateOf(at_ms - since_ms);
  const next = watchOutcome(watch, reward, at_ms, { outcomes_per_year, drop });
  const per_year = next.cusum === null ? null : outcomes_per_year;
  return { key, surface, watch: next, outcomes: outcomes + 1, reward: sum + reward, since_ms, per_year };
}

function rateOf(learningMs: number): number {
  return Math.min(most, Math.max(fewest, Math.round((learningOutcomes * yearMs) / Math.max(1, learningMs))));
}
