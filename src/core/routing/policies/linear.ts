import type { PolicyOptions } from '../policy-options.js';
import type { Belief, Weighed } from '../policy.js';
import type { Features } from '../surface.js';
import { type Curve, curveOf, probabilitiesOfBest } from './best-of.js';
import { favourBest } from './favour.js';
import { contextOf, predict, startLinear, takeLinear } from './linear-memory.js';
import type { Row } from './row.js';

interface Prediction {
  readonly mean: number;
  readonly deviation: number;
}

/**
 * Ridge predictions of all arms at one context. A belief beforehand enters as that many outcomes at the intercept; pending
 * choices as outcomes at this context, which narrow the prediction without moving it.
 */
export function predictRows(
  { features: names, ridge }: { readonly features: readonly string[]; readonly ridge: number },
  rows: readonly Row[],
  features: Features,
): Prediction[] {
  const x = contextOf(names, features);
  const nothing = startLinear(x.length, ridge);
  return rows.map((row) => {
    const own = row.memory === undefined ? nothing : takeLinear(row.memory, x.length, ridge);
    const { mean, variance } = predict(own, x, beforehand(row));
    return { mean, deviation: Math.sqrt(variance / (1 + row.pending * variance)) };
  });
}

/** What a row is believed without its own outcomes, which the regression holds. */
function beforehand({ memory, success, evidence }: Row): Belief {
  const before = evidence - (memory?.weight ?? 0);
  if (before <= 0) return { success: 0, evidence: 0 };
  const mean = (success * evidence - (memory?.reward ?? 0)) / before;
  return { success: Math.max(0, Math.min(1, mean)), evidence: before };
}

/**
 * Disjoint LinUCB: xᵀθ + width · √(xᵀA⁻¹x), the greatest is chosen.
 * @see Li, Chu, Langford and Schapire, WWW 2010, doi:10.1145/1772690.1772758
 */
export function weighLinUcb(
  options: Extract<PolicyOptions, { name: 'lin-ucb' }>,
  rows: readonly Row[],
  features: Features,
): Weighed {
  const scores = predictRows(options, rows, features).map(
    ({ mean, deviation }, at) => mean + options.width * deviation - (rows[at]?.toll ?? 0),
  );
  return { propensities: favourBest(scores), scores };
}

/**
 * Linear Thompson sampling: θ of each arm is normal with covariance width² · A⁻¹, so that its reward at x is normal too
 * and the probability of being the best is an integral over independent normals; no sampling.
 * @see Agrawal and Goyal, "Thompson sampling for contextual bandits with linear payoffs", ICML 2013
 */
export function weighLinTs(
  options: Extract<PolicyOptions, { name: 'lin-ts' }>,
  rows: readonly Row[],
  features: Features,
): Weighed {
  const predictions = predictRows(options, rows, features);
  const curves = predictions.map(({ mean, deviation }) => normalCurve(mean, options.width * deviation));
  const tolls = rows.map((row) => row.toll);
  return {
    propensities: probabilitiesOfBest(curves, tolls),
    scores: predictions.map(({ mean }, at) => mean - (tolls[at] ?? 0)),
  };
}

const reach = 5;
const standard = curveOf(-reach, reach, (z) => Math.exp((-z * z) / 2));
// A prediction without any spread still has to lie within an interval.
const leastDeviation = 1e-9;

function normalCurve(mean: number, deviation: number): Curve {
  const spread = Math.max(leastDeviation, deviation) * reach;
  return { low: mean - spread, high: mean + spread, table: standard.table };
}
