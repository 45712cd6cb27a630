import type { PolicyOptions } from '../policy-options.js';
import type { Weighed } from '../policy.js';
import { favourBest, spreadEvenly } from './favour.js';
import type { Row } from './row.js';

type Options = Extract<PolicyOptions, { name: 'epsilon-greedy' }>;

const leastEpsilon = 0.01;

/** ε after n outcomes: max(0.01, ε₀ · decayⁿ). */
export function epsilonAfter(options: Pick<Options, 'epsilon' | 'decay'>, outcomes: number): number {
  return Math.max(leastEpsilon, options.epsilon * options.decay ** outcomes);
}

/** The arm of the greatest believed utility with probability 1 − ε, any arm evenly with probability ε. */
export function weighEpsilonGreedy(options: Options, rows: readonly Row[]): Weighed {
  const scores = rows.map((row) => row.success - row.toll);
  const outcomes = rows.reduce((sum, row) => sum + (row.memory?.pulls ?? 0) + row.pending, 0);
  return { propensities: spreadEvenly(favourBest(scores), epsilonAfter(options, outcomes)), scores };
}
