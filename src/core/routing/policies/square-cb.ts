import type { PolicyOptions } from '../policy-options.js';
import type { Weighed } from '../policy.js';
import type { Features } from '../surface.js';
import { predictRows } from './linear.js';
import type { Row } from './row.js';

/**
 * SquareCB, inverse gap weighting: an arm whose predicted utility lies a gap below the best gets 1 / (K + γ·gap), the
 * best gets the rest; the first of equals is the best. Without features the prediction is the believed mean.
 * @see Foster and Rakhlin, "Beyond UCB: optimal and efficient contextual bandits with regression oracles", ICML 2020
 */
export function weighSquareCb(
  options: Extract<PolicyOptions, { name: 'square-cb' }>,
  rows: readonly Row[],
  features: Features,
): Weighed {
  const predictions = options.features.length === 0 ? null : predictRows(options, rows, features);
  const scores = rows.map((row, at) => (predictions?.[at]?.mean ?? row.success) - row.toll);
  const best = scores.indexOf(Math.max(...scores));
  const top = scores[best] ?? 0;
  const propensities = scores.map((score) => 1 / (rows.length + options.gamma * (top - score)));
  const others = propensities.reduce((sum, propensity, at) => (at === best ? sum : sum + propensity), 0);
  propensities[best] = 1 - others;
  return { propensities, scores };
}
