import type { PolicyOptions } from '../policy-options.js';
import type { Candidate, Weighed } from '../policy.js';
import { type Curve, curveOf, emptyTable, probabilitiesOfBest } from './best-of.js';
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
  success: number;
  worth: number;
  curve: Curve;
}

// Most arms are believed what they were believed a moment ago; a curve is a function of that belief alone.
const remembered = new WeakMap<Candidate, Remembered>();

function recallCurve({ before, success, evidence, pending }: Row): Curve {
  const worth = evidence + pending;
  const last = remembered.get(before);
  if (last === undefined) {
    const curve = betaCurve(1 + success * worth, 1 + (1 - success) * worth);
    remembered.set(before, { success, worth, curve });
    return curve;
  }
  if (last.success !== success || last.worth !== worth) {
    // nobody else holds the old curve: its table is filled anew
    last.curve = betaCurve(1 + success * worth, 1 + (1 - success) * worth, last.curve.table);
    last.success = success;
    last.worth = worth;
  }
  return last.curve;
}

/** The curve of a Beta distribution whose parameters are at least 1, so that its density is bounded. */
export function betaCurve(a: number, b: number, table = emptyTable()): Curve {
  const mean = a / (a + b);
  const deviation = Math.sqrt((mean * (1 - mean)) / (a + b + 1));
  const mode = a + b > 2 ? (a - 1) / (a + b - 2) : 0.5;
  // where one parameter exceeds 1 by a rounding error alone, the mode may lie on the end at which its term vanishes
  const top = logDensity(a, b, mode);
  const peak = Number.isFinite(top) ? top : 0;
  const low = Math.max(0, mean - reach * deviation);
  const high = Math.min(1, mean + reach * deviation);
  return curveOf(low, high, (x) => Math.exp(logDensity(a, b, x) - peak), table);
}

/** ln(xᵃ⁻¹ (1 − x)ᵇ⁻¹), where 0 · ln 0 is 0. */
function logDensity(a: number, b: number, x: number): number {
  const left = a === 1 ? 0 : (a - 1) * Math.log(x);
  return left + (b === 1 ? 0 : (b - 1) * Math.log(1 - x));
}
