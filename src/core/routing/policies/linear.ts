import type { PolicyOptions } from '../policy-options.js';
import type { Weighed } from '../policy.js';
import type { Features } from '../surface.js';
import { type Curve, curveOf, probabilitiesOfBest } from './best-of.js';
import { favourBest } from './favour.js';
import { addRow, contextOf, interceptOf, predict, startLinear, takeLinear } from './linear-memory.js';
import type { Row } from './row.js';

interface Prediction {
  readonly mean: number;
  readonly deviation: number;
}

/**
 * Ridge prediction of one arm at one context. The belief beforehand enters as that many outcomes at the intercept;
 * pending choices as outcomes at this context, which narrow the prediction without moving it.
 */
export function predictRow(
  { features: names, ridge }: { readonly features: readonly string[]; readonly ridge: number },
  row: Row,
  features: Features,
): Prediction {
  const x = contextOf(names, features);
  const own = row.memory === undefined ? startLinear(x.length, ridge) : takeLinear(row.memory, x.length, ridge);
  const before = row.evidence - (row.memory?.weight ?? 0);
  const linear = before > 0 ? addRow(own, interceptOf(x.length), row.before.success, before) : own;
  const { mean, variance } = predict(linear, x);
  return { mean, deviation: Math.sqrt(variance / (1 + row.pending * variance)) };
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
  const scores = rows.map((row) => {
    const { mean, deviation } = predictRow(options, row, features);
    return mean + options.width * deviation - row.toll;
  });
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
  const predictions = rows.map((row) => predictRow(options, row, features));
  const curves = predictions.map(({ mean, deviation }) => normalCurve(mean, options.width * deviation));
  const tolls = rows.map((row) => row.toll);
  return {
    propensities: probabilitiesOfBest(curves, tolls),
    scores: predictions.map(({ mean }, at) => mean - (tolls[at] ?? 0)),
  };
}

const standard = curveOf(-8, 8, (z) => Math.exp((-z * z) / 2));
// A prediction without any spread still has to lie within an interval.
const leastDeviation = 1e-9;

function normalCurve(mean: number, deviation: number): Curve {
  const spread = Math.max(leastDeviation, deviation) * 8;
  return { ...standard, low: mean - spread, high: mean + spread };
}
