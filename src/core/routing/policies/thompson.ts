import type { PolicyOptions } from '../policy-options.js';
import type { Candidate, Weighed } from '../policy.js';
import { type Curve, curveOf, probabilitiesOfBest } from './best-of.js';
import type { Row } from './row.js';

// Beyond five standard deviations no draw is looked for: that leaves out less than a millionth.
const reach = 5;

/**
 * Thompson sampling with Beta(1 + successes, 1 + failures): each arm is chosen with the probability that it is the best,
 * cost and latency taken off. That probability is integrated, not sampled, so that it can be recorded and inverted.
 * Pending choices count as outcomes at the believed mean: they narrow the belief and do not move it.
 * @see Chapelle and Li, "An empirical evaluation of Thompson sampling", NIPS 2011
 */
export function weighThompson(_: Extract<PolicyOptions, { name: 'thompson' }>, rows: readonly Row[]): Weighed {
  const curves = rows.map(recallCurve);
  const propensities = probabilitiesOfBest(
    curves,
    rows.map((row) => row.toll),
  );
  return { propensities, scores: rows.map((row) => row.success - row.toll) };
}

interface Remembered {
  readonly success: number;
  readonly worth: number;
  readonly curve: Curve;
}

// Most arms are believed what they were believed a moment ago; a curve is a function of that belief alone.
const remembered = new WeakMap<Candidate, Remembered>();

function recallCurve({ before, success, evidence, pending }: Row): Curve {
  const worth = evidence + pending;
  const last = remembered.get(before);
  if (last?.success === success && last.worth === worth) return last.curve;
  const curve = betaCurve(1 + success * worth, 1 + (1 - success) * worth);
  remembered.set(before, { success, worth, curve });
  return curve;
}

/** The curve of a Beta distribution whose parameters are at least 1, so that its density is bounded. */
export function betaCurve(a: number, b: number): Curve {
  const mean = a / (a + b);
  const deviation = Math.sqrt((mean * (1 - mean)) / (a + b + 1));
  const mode = a + b > 2 ? (a - 1) / (a + b - 2) : 0.5;
  const term = (weight: number, x: number): number => (weight === 0 ? 0 : weight * Math.log(x));
  const height = (x: number): number => term(a - 1, x) + term(b - 1, 1 - x);
  // where one parameter exceeds 1 by a rounding error alone, the mode may lie on the end at which its term vanishes
  const top = height(mode);
  const peak = Number.isFinite(top) ? top : 0;
  const low = Math.max(0, mean - reach * deviation);
  const high = Math.min(1, mean + reach * deviation);
  return curveOf(low, high, (x) => Math.exp(height(x) - peak));
}
