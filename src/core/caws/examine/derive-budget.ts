import type { Policy } from '../policy.js';
import { deriveBudgetRaise } from '../verdict/derive-budget-raise.js';
import type { AssessedWaiver } from '../verdict/waiver-standing.js';
import type { WorkingSpec } from '../working-spec.js';

/** The budget of a change, and which waivers raised it. */
export interface DerivedBudget {
  readonly limits: { readonly files: number; readonly loc: number };
  readonly source: 'spec' | 'policy' | 'default';
  readonly applied: readonly string[];
  readonly skipped: readonly { readonly id: string; readonly reason: string }[];
}

/**
 * Budget of the tier by the policy, narrowed by the spec's own budget where that is smaller (a spec may ask for less
 * than its tier allows, never for more), plus the deltas of valid waivers of budget_limit.
 * @see constitution §7, Budget derivation
 */
export function deriveBudget(spec: WorkingSpec, policy: Policy, waivers: readonly AssessedWaiver[]): DerivedBudget {
  const tier = policy.budgets[spec.riskTier];
  const files = Math.min(tier.maxFiles, spec.changeBudget?.maxFiles ?? tier.maxFiles);
  const loc = Math.min(tier.maxLoc, spec.changeBudget?.maxLoc ?? tier.maxLoc);
  const narrowed = files < tier.maxFiles || loc < tier.maxLoc;
  const raise = deriveBudgetRaise(waivers);
  return {
    limits: { files: files + raise.maxFiles, loc: loc + raise.maxLoc },
    source: narrowed ? 'spec' : policy.dialect === 'default' ? 'default' : 'policy',
    applied: raise.applied,
    skipped: raise.skipped,
  };
}
