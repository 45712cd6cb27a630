import type { Belief } from '../../src/core/routing/policy.js';
import type { Matrix } from './matrix.js';
import { meanOf } from './statistics.js';

// As in src/core/routing/prior.ts: a belief from prices is worth four outcomes, and moves from a half by no more than this.
const evidence = 4;
const leastLift = -0.4;
const mostLift = 0.3;
const fewestOthers = 10;

/**
 * What the product believes of arms at its very first task, from the prices of their models alone: a half, and the lift of
 * the line success = a + b · log₁₀(price) over the middling arm. The product's own line was fitted to all arms of the
 * OpenHands Index; here it is fitted anew to the arms that are *not* among these, so that no outcome of an arm says
 * anything about that arm. Null where an arm has no price, or fewer than ten others do.
 */
export function priorsByPrice(matrix: Matrix, drawn: readonly number[]): readonly Belief[] | null {
  const prices = drawn.flatMap((arm) => matrix.prices[arm] ?? []);
  const others = matrix.arms.flatMap((_, arm) => {
    const price = matrix.prices[arm] ?? null;
    return price === null || drawn.includes(arm) ? [] : [{ x: Math.log10(price), y: meanReward(matrix, arm) }];
  });
  if (prices.length < drawn.length || others.length < fewestOthers) return null;
  const x = meanOf(others.map((other) => other.x));
  const y = meanOf(others.map((other) => other.y));
  const slope =
    meanOf(others.map((other) => (other.x - x) * (other.y - y))) / meanOf(others.map((other) => (other.x - x) ** 2));
  return prices.map((price) => {
    const lift = Math.max(leastLift, Math.min(mostLift, slope * (Math.log10(price) - x)));
    return { success: Math.max(0.01, Math.min(0.99, 0.5 + lift)), evidence };
  });
}

function meanReward({ tasks }: Matrix, arm: number): number {
  return meanOf(tasks.flatMap((task) => task.r[arm] ?? []));
}
