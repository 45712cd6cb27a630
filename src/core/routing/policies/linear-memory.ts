import type { ArmState, Belief } from '../policy.js';
import type { Features } from '../surface.js';

/** A⁻¹ (d × d, row by row) and b of a ridge regression: what an arm's rewards said, feature by feature. */
export type Linear = NonNullable<ArmState['linear']>;

/** The context as a vector: 1 for the intercept, then the named features; what is not there is 0. */
export function contextOf(names: readonly string[], features: Features): readonly number[] {
  return [1, ...names.map((name) => features[name] ?? 0)];
}

/** A regression that has seen nothing: A = ridge · I. */
export function startLinear(size: number, ridge: number): Linear {
  const inverse = Array.from({ length: size * size }, (_, at) => (at % (size + 1) === 0 ? 1 / ridge : 0));
  return { inverse, target: Array.from({ length: size }, () => 0) };
}

/** The context in which only the intercept is 1. */
function interceptOf(size: number): readonly number[] {
  return Array.from({ length: size }, (_, at) => (at === 0 ? 1 : 0));
}

/**
 * The regression that an arm's memory holds. Where it holds none of this size, since another policy or other features
 * made it, the plain rewards are taken over as outcomes at the intercept.
 */
export function takeLinear(
  { linear, weight, reward }: Pick<ArmState, 'linear' | 'weight' | 'reward'>,
  size: number,
  ridge: number,
): Linear {
  if (linear?.target.length === size) return linear;
  const start = startLinear(size, ridge);
  return weight > 0 ? addRow(start, interceptOf(size), reward / weight, weight) : start;
}

/** M·x for a square matrix row by row. */
function multiply(matrix: readonly number[], x: readonly number[]): number[] {
  return x.map((_, row) => rowTimes(matrix, row, x));
}

/** One row of M·x. */
function rowTimes(matrix: readonly number[], row: number, x: readonly number[]): number {
  const size = x.length;
  let sum = 0;
  for (let at = 0; at < size; at += 1) sum += (matrix[row * size + at] ?? 0) * (x[at] ?? 0);
  return sum;
}

function dot(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += (a[at] ?? 0) * (b[at] ?? 0);
  return sum;
}

/**
 * One more row of weight `weight`: A += weight·x·xᵀ by Sherman and Morrison, b += weight·reward·x.
 * @see Sherman and Morrison, Annals of Mathematical Statistics 21 (1950), doi:10.1214/aoms/1177729893
 */
export function addRow(linear: Linear, x: readonly number[], reward: number, weight = 1): Linear {
  const toward = multiply(linear.inverse, x);
  const scale = weight / (1 + weight * dot(x, toward));
  const size = x.length;
  const inverse = linear.inverse.map(
    (value, at) => value - scale * (toward[Math.floor(at / size)] ?? 0) * (toward[at % size] ?? 0),
  );
  return { inverse, target: moveTarget(linear.target, x, weight * reward) };
}

/** b + amount·x: also how a reward is revised, since A does not depend on rewards. */
export function moveTarget(target: readonly number[], x: readonly number[], amount: number): number[] {
  return target.map((value, at) => value + amount * (x[at] ?? 0));
}

/**
 * Forgets: A and b times the discount, but never below the ridge on the diagonal, where a direction that is not seen
 * again would otherwise become unknown without bound.
 */
export function fade(linear: Linear, discount: number, ridge: number): Linear {
  if (discount === 1) return linear;
  const size = linear.target.length;
  const widest = Math.max(...linear.target.map((_, at) => linear.inverse[at * (size + 1)] ?? 0));
  const scale = Math.max(1, Math.min(1 / discount, 1 / (ridge * widest)));
  return {
    inverse: linear.inverse.map((value) => value * scale),
    target: linear.target.map((value) => value / scale),
  };
}

/**
 * Predicted reward xᵀA⁻¹b at a context x with an intercept, and its variance factor xᵀA⁻¹x, as if beforehand there had been
 * `evidence` outcomes of mean `success` at the intercept: A + evidence·e₀e₀ᵀ by Sherman and Morrison, without making it.
 */
export function predict(
  { inverse, target }: Linear,
  x: readonly number[],
  { success, evidence }: Belief,
): { mean: number; variance: number } {
  const size = x.length;
  const scale = (evidence * rowTimes(inverse, 0, x)) / (1 + evidence * (inverse[0] ?? 0));
  let mean = 0;
  let variance = 0;
  for (let at = 0; at < size; at += 1) {
    const moved = rowTimes(inverse, at, x) - scale * (inverse[at * size] ?? 0);
    mean += moved * ((target[at] ?? 0) + (at === 0 ? evidence * success : 0));
    variance += moved * (x[at] ?? 0);
  }
  return { mean, variance: Math.max(0, variance) };
}
