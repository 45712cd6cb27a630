import { type Random, createRandom } from '../../src/core/random.js';
import type { Belief } from '../../src/core/routing/policy.js';
import { type Matrix, type Task, coverage } from './matrix.js';
import { priorsByPrice } from './price-prior.js';
import { meanOf } from './statistics.js';

/** A seed's draw of a matrix: some arms, and tasks in random order that every one of those has an outcome for. */
export interface Sample {
  readonly arms: readonly string[];
  /** In random order; outcomes and costs in the order of `arms`. */
  readonly steps: readonly Step[];
  /** Tasks that are not among the steps, for calibration and warm starts. */
  readonly calibration: readonly Step[];
  /** False where some arm has no price. */
  readonly isPriced: boolean;
  /** What is believed of each arm by its price alone; null where prices are not known. */
  readonly byPrice: readonly Belief[] | null;
}

/** One task: reward from 0 to 1 and dollars of each arm. */
export interface Step {
  readonly group: string;
  readonly reward: readonly number[];
  readonly cost: readonly number[];
}

/** The order of a Fisher–Yates shuffle. */
export function shuffle<T>(values: readonly T[], random: Random): T[] {
  const mixed = [...values];
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = Math.floor(random.uniform() * (last + 1));
    const held = mixed[last] as T;
    mixed[last] = mixed[other] as T;
    mixed[other] = held;
  }
  return mixed;
}

/**
 * Draws `arms` arms evenly at random, of those with an outcome on four tasks of five (all, where there are fewer), and up
 * to `tasks` tasks, then up to `calibration` others: a
 * fifth of the tasks is kept for these where `isReserved` and there are too few for both. Where most arms have a price (a cost on half of the tasks), those
 * without one are not drawn. A cost that was not recorded is the arm's mean.
 */
export function drawSample(
  matrix: Matrix,
  seed: number,
  wanted: { arms: number; tasks: number; calibration: number; isReserved: boolean },
): Sample {
  const random = createRandom(seed);
  const covered = matrix.arms.flatMap((_, arm) => (coverage(matrix.tasks, 'r', arm) >= 0.8 ? [arm] : []));
  const priced = covered.filter((arm) => coverage(matrix.tasks, 'cost', arm) >= 0.5);
  const isPriced = priced.length >= Math.max(2, covered.length / 2);
  const drawn = shuffle(isPriced ? priced : covered, random)
    .slice(0, wanted.arms)
    .toSorted((a, b) => a - b);
  const complete = matrix.tasks.filter((task) => drawn.every((arm) => (task.r[arm] ?? null) !== null));
  const mixed = shuffle(complete, random);
  const reserved = wanted.isReserved ? Math.min(wanted.calibration, Math.floor(mixed.length / 5)) : 0;
  const tasks = Math.min(wanted.tasks, mixed.length - reserved);
  const means = drawn.map((arm) => meanCost(complete, arm));
  const stepOf = (task: Task): Step => ({
    group: task.group,
    reward: drawn.map((arm) => task.r[arm] ?? 0),
    cost: drawn.map((arm, at) => task.cost[arm] ?? means[at] ?? 0),
  });
  return {
    arms: drawn.map((arm) => matrix.arms[arm] ?? ''),
    steps: mixed.slice(0, tasks).map(stepOf),
    calibration: mixed.slice(tasks, tasks + wanted.calibration).map(stepOf),
    isPriced,
    byPrice: priorsByPrice(matrix, drawn),
  };
}

function meanCost(tasks: readonly Task[], arm: number): number {
  const known = tasks.flatMap((task) => (typeof task.cost[arm] === 'number' ? [task.cost[arm]] : []));
  return known.length > 0 ? meanOf(known) : 0;
}

/** Mean reward (or cost) of each arm over these steps. */
export function armMeans(steps: readonly Step[], of: 'reward' | 'cost'): number[] {
  return (steps[0]?.[of] ?? []).map((_, arm) => meanOf(steps.map((step) => step[of][arm] ?? 0)));
}

/** Index of the greatest; the first of several. */
export function indexOfBest(values: readonly number[]): number {
  return values.reduce((best, value, at) => (value > (values[best] ?? 0) ? at : best), 0);
}
