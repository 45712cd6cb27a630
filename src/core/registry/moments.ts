import { z } from 'zod';

const digits = z.string().regex(/^(?:0|[1-9]\d{0,59})$/, 'is no whole number');

/**
 * How many whole numbers were seen, their sum and the sum of their squares, exact. Mean and variance are the values of
 * the running mean, new = old + (x − old)/(n + 1), and of Welford's recurrence; held as sums they are the same to the
 * byte in whatever order replicas saw the numbers, and a number can be taken back.
 * @see Welford, Technometrics 4 (1962) 419; `moments.test.ts` holds both recurrences against these.
 */
export const momentsSchema = z.strictObject({ n: z.number().int().nonnegative(), sum: digits, squares: digits });
export type Moments = z.infer<typeof momentsSchema>;

export const noMoments: Moments = { n: 0, sum: '0', squares: '0' };

/** With `x`, a whole number ≥ 0, seen `times` more often (negative: taken back). Throws RangeError on any other `x`. */
export function addMoment(moments: Moments, x: number, times: 1 | -1 = 1): Moments {
  if (!Number.isSafeInteger(x) || x < 0) throw new RangeError(`no whole number from 0 on: ${x}`);
  const value = BigInt(x);
  const sign = BigInt(times);
  return {
    n: moments.n + times,
    sum: String(BigInt(moments.sum) + sign * value),
    squares: String(BigInt(moments.squares) + sign * value * value),
  };
}

/** Mean of what was seen; null on none. */
export function meanOf({ n, sum }: Moments): number | null {
  return n === 0 ? null : Number(BigInt(sum)) / n;
}

/** Sample variance (divisor n − 1); null below two. */
export function varianceOf({ n, sum, squares }: Moments): number | null {
  if (n < 2) return null;
  const total = BigInt(sum);
  // n·Q − S² is exact, so that no cancellation is left to the division.
  return Number(BigInt(n) * BigInt(squares) - total * total) / (n * (n - 1));
}
