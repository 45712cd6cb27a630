import type { PolicyOptions } from '../policy-options.js';
import type { Policy, Weighed } from '../policy.js';
import { checkRequest } from '../routing-fault.js';
import type { Features } from '../surface.js';
import { weighEpsilonGreedy } from './epsilon-greedy.js';
import { spreadEvenly } from './favour.js';
import { weighLinTs, weighLinUcb } from './linear.js';
import { believe, emptyState, learn, pend, release, revise } from './memory.js';
import { type Row, hopeful, rowsOf } from './row.js';
import { weighSquareCb } from './square-cb.js';
import { weighThompson } from './thompson.js';
import { weighKlUcb, weighUcb1 } from './ucb.js';

/** Version of all policies' arithmetic: recorded in decisions, raised when the same input could give other numbers. */
export const policyVersion = '1';

/**
 * The policy of these options, behind the one port. All of them share one shape of memory, so that a policy can take
 * over from another with what that one learned.
 */
export function createPolicy(options: PolicyOptions): Policy {
  return {
    options,
    version: policyVersion,
    start: emptyState,
    believe: (state, arm) => believe(state.arms[arm.key], arm),
    weigh: (state, request) => {
      checkRequest(request);
      const { propensities, scores } = weighRows(options, rowsOf(state, request, options.trade), request.features);
      return { propensities: options.floor > 0 ? spreadEvenly(propensities, options.floor) : propensities, scores };
    },
    pend,
    release,
    learn: (state, lesson) => learn(options, state, lesson),
    revise: (state, lesson) => revise(options, state, lesson),
  };
}

function weighRows(options: PolicyOptions, rows: readonly Row[], features: Features): Weighed {
  switch (options.name) {
    case 'epsilon-greedy':
      return weighEpsilonGreedy(options, hopeful(rows, options.optimism));
    case 'ucb1':
      return weighUcb1(options, hopeful(rows, options.optimism));
    case 'kl-ucb':
      return weighKlUcb(options, hopeful(rows, options.optimism));
    case 'thompson':
      return weighThompson(options, rows);
    case 'lin-ucb':
      return weighLinUcb(options, rows, features);
    case 'lin-ts':
      return weighLinTs(options, rows, features);
    case 'square-cb':
      return weighSquareCb(options, rows, features);
  }
}
