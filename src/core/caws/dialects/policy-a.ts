import { z } from 'zod';
import type { Policy } from '../policy.js';
import type { Checked, Problem } from './problem.js';
import { findShapeProblems } from './shape-problems.js';

const tier = z.strictObject({
  min_branch: z.number().min(0).max(1),
  min_mutation: z.number().min(0).max(1),
  requires_contracts: z.boolean(),
  requires_manual_review: z.boolean().optional(),
  max_files: z.number().int().min(1),
  max_loc: z.number().int().min(1),
  allowed_modes: z.array(z.string()).min(1),
  description: z.string().optional(),
});

const shape = z.strictObject({ 1: tier, 2: tier, 3: tier });

const outdated: Problem = {
  rule: 'policy.advice.outdated',
  path: '',
  message: 'a tier policy of CAWS 3 is understood, but not obeyed: Arbiter reads .caws/policy.yaml, version 1',
  hint: 'move the budgets to risk_tiers in .caws/policy.yaml',
};

/**
 * Checks a tier policy of dialect A (`.caws/policy/tier-policy.json`). It is never normalised, for no repository is
 * judged by it: `value` is null even when it is valid.
 */
export function checkPolicyA(value: unknown): Checked<Policy> {
  return {
    value: null,
    errors: findShapeProblems(shape, value, 'policy.schema.violation', []),
    warnings: [outdated],
  };
}
