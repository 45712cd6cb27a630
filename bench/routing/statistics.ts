/** Mean; NaN of nothing. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The p-quantile, by linear interpolation; NaN of nothing. */
function quantileOf(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * p;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

/** What many seeds came to: mean with its 95 % interval (normal, over seeds), and median. */
export interface Spread {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly median: number;
}

/** The spread of one figure over the seeds. */
export function spreadOf(values: readonly number[]): Spread {
  const mean = meanOf(values);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1);
  const half = 1.96 * Math.sqrt(variance / values.length);
  return { mean, low: mean - half, high: mean + half, median: quantileOf(values, 0.5) };
}
