import type { PolicyOptions } from '../policy-options.js';
import type { Weighed } from '../policy.js';
import { favourBest } from './favour.js';
import { type Row, trialsOf } from './row.js';

// Finite, so that it can be recorded, and above every utility of an arm that has been tried.
const untried = 1e9;

/**
 * UCB1: mean + width · √(2 ln t / n); width 1 is the textbook's. n counts pending choices too: under delayed feedback
 * one arm would otherwise be replayed until its first outcome comes. An arm that was never tried comes first.
 * @see Auer, Cesa-Bianchi and Fischer, Machine Learning 47 (2002), doi:10.1023/A:1013689704352
 */
export function weighUcb1(options: Extract<PolicyOptions, { name: 'ucb1' }>, rows: readonly Row[]): Weighed {
  const log = Math.log(Math.max(1, trialsOf(rows)));
  return favour(rows, (row, trials) => row.success + options.width * Math.sqrt((2 * log) / trials));
}

/**
 * KL-UCB for rewards in [0, 1]: the greatest q with n · kl(mean, q) ≤ width · ln t; width 1 is the published one with
 * c = 0. Pending choices count into n.
 * @see Garivier and Cappé, "The KL-UCB algorithm for bounded stochastic bandits and beyond", COLT 2011
 */
export function weighKlUcb(options: Extract<PolicyOptions, { name: 'kl-ucb' }>, rows: readonly Row[]): Weighed {
  const log = Math.log(Math.max(1, trialsOf(rows)));
  return favour(rows, (row, trials) => klBound(row.success, (options.width * log) / trials));
}

function favour(rows: readonly Row[], indexOf: (row: Row, trials: number) => number): Weighed {
  const scores = rows.map((row) => {
    const trials = row.evidence + row.pending;
    return (trials === 0 ? untried : Math.min(untried, indexOf(row, trials))) - row.toll;
  });
  return { propensities: favourBest(scores), scores };
}

/**
 * The greatest q in [mean, 1] with kl(mean, q) ≤ budget, by Newton's method from Pinsker's bound mean + √(budget / 2), which
 * lies beyond it: the divergence is convex, so that each step comes nearer from above. Within 1e-12.
 */
export function klBound(mean: number, budget: number): number {
  if (budget <= 0 || mean >= 1) return mean;
  if (mean === 0) return -Math.expm1(-budget);
  const entropy = mean * Math.log(mean) + (1 - mean) * Math.log1p(-mean);
  let q = Math.min(1 - 1e-12, mean + Math.sqrt(budget / 2));
  for (let step = 0; step < 60; step += 1) {
    const excess = entropy - mean * Math.log(q) - (1 - mean) * Math.log1p(-q) - budget;
    const next = q - (excess * q * (1 - q)) / (q - mean);
    if (!(next < q - 1e-13)) break;
    q = Math.max(mean, next);
  }
  return q;
}

/** kl(p, q) between Bernoulli distributions, in nats; 0·ln 0 is 0, and a q of 0 or 1 that p contradicts is infinitely far. */
export function bernoulliDivergence(p: number, q: number): number {
  const part = (a: number, b: number): number => (a === 0 ? 0 : a * Math.log(a / b));
  return part(p, q) + part(1 - p, 1 - q);
}
