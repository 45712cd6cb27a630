import { type PolicyOptions, policyOptionsSchema } from './policy-options.js';

/**
 * The policy where nobody configures another: UCB1 with a narrow width, the benefit of the doubt for what is little tried,
 * restarts on change, and a floor that keeps every arm's propensity above 0 so that the log can be evaluated. Chosen by
 * replay on real outcomes (docs/bench-routing.md), on other seeds than those that are reported.
 */
export const defaultPolicyOptions: PolicyOptions = policyOptionsSchema.parse({
  name: 'ucb1',
  width: 0.05,
  optimism: 4,
  restart_above: 8,
  floor: 0.01,
});
