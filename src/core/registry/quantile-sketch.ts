import { z } from 'zod';

/**
 * Counts in buckets that grow by a constant ratio, so that any quantile is known to within 2 % of its value; counts of
 * two sketches add up, and a value can be taken back. Fractions stand for evidence that was discounted.
 * @see Masson, Rim, Lee, "DDSketch", VLDB 12 (2019) 2195
 */
export const sketchSchema = z.record(z.string().regex(/^(?:zero|-?\d{1,4})$/), z.number().positive().finite());
export type QuantileSketch = z.infer<typeof sketchSchema>;

const accuracy = 0.02;
const ratio = (1 + accuracy) / (1 - accuracy);
const logRatio = Math.log(ratio);

function bucketOf(value: number): string {
  return value <= 0 ? 'zero' : String(Math.ceil(Math.log(value) / logRatio));
}

/** With a value ≥ 0 counted once more, or once less (−1). Throws RangeError on NaN and what is negative. */
export function countValue(sketch: QuantileSketch, value: number, times: 1 | -1 = 1): QuantileSketch {
  if (!(value >= 0) || !Number.isFinite(value)) throw new RangeError(`no number from 0 on: ${value}`);
  const bucket = bucketOf(value);
  const count = (sketch[bucket] ?? 0) + times;
  const { [bucket]: _, ...others } = sketch;
  return count > 0 ? { ...others, [bucket]: count } : others;
}

/** The value that `share` (0..1) of all counted do not exceed, within 2 %; null when nothing was counted. */
export function quantileOf(sketches: readonly QuantileSketch[], share: number): number | null {
  const counts = new Map<number, number>();
  let total = 0;
  for (const sketch of sketches) {
    for (const [bucket, count] of Object.entries(sketch)) {
      const at = bucket === 'zero' ? -Infinity : Number(bucket);
      counts.set(at, (counts.get(at) ?? 0) + count);
      total += count;
    }
  }
  if (total === 0) return null;
  let seen = 0;
  let last = -Infinity;
  for (const [at, count] of [...counts].toSorted(([a], [b]) => a - b)) {
    seen += count;
    last = at;
    if (seen >= share * total) break;
  }
  return last === -Infinity ? 0 : (2 * ratio ** last) / (ratio + 1);
}

/** Every count times `factor` > 0. */
export function scaleSketch(sketch: QuantileSketch, factor: number): QuantileSketch {
  return Object.fromEntries(Object.entries(sketch).map(([bucket, count]) => [bucket, count * factor]));
}
