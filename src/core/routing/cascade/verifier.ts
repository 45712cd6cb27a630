import { z } from 'zod';

const rate = z.number().min(0).max(1);

/**
 * How often the verdict is wrong about one candidate: `false_accept` f = P(PASS | not good), `false_reject`
 * m = P(no PASS | good). Both zero is the perfect verifier: an upper bound, never a measurement.
 */
export const verifierSchema = z.strictObject({ false_accept: rate, false_reject: rate }).meta({ id: 'RouteVerifier' });
export type Verifier = z.infer<typeof verifierSchema>;

/** Probability of a PASS for a candidate that is good with probability `success`. */
export function acceptance(success: number, { false_accept, false_reject }: Verifier): number {
  return success * (1 - false_reject) + (1 - success) * false_accept;
}

/** Probability that an accepted candidate is good, by Bayes; 0 where nothing is ever accepted. */
export function goodIfAccepted(success: number, verifier: Verifier): number {
  const accepted = acceptance(success, verifier);
  return accepted > 0 ? (success * (1 - verifier.false_reject)) / accepted : 0;
}

/**
 * Success below which a further step costs more than it brings. A step with conditional success q lands something good
 * with q·(1 − m), something bad with (1 − q)·f, and costs `price` (in units of one success, as `harm`, the loss from
 * landing something bad). It pays while q·(1 − m) − (1 − q)·f·harm > price, hence q* = (price + f·harm) /
 * (1 − m + f·harm), at most 1; 1 also where no good candidate is ever accepted.
 */
export function stopBelow(verifier: Verifier, price: number, harm: number): number {
  const bad = verifier.false_accept * harm;
  const gain = 1 - verifier.false_reject + bad;
  return gain > 0 ? Math.min(1, (price + bad) / gain) : 1;
}
