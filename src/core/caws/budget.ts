import type { Policy } from './policy.js';
import type { SubmittedWaiver, Waiver } from './waiver.js';
import type { WorkingSpec } from './working-spec.js';

/** Why a waiver did not raise the budget. The first six names are the public tool's (constitution §7). */
export type BudgetSkip =
  | 'status_not_active'
  | 'gate_not_covered'
  | 'malformed'
  | 'expired'
  | 'negative_delta'
  | 'insufficient_approvers'
  | 'unsigned'
  | 'foreign_signature'
  | 'spec_not_covered'
  | 'used_up';

export interface DerivedBudget {
  readonly limits: { readonly files: number; readonly loc: number };
  readonly source: 'spec' | 'policy' | 'default';
  /** Ids of the waivers whose delta was added, sorted. */
  readonly applied: readonly string[];
  readonly skipped: readonly { readonly id: string; readonly reason: BudgetSkip }[];
}

export interface BudgetInputs {
  readonly spec: Pick<WorkingSpec, 'id' | 'riskTier' | 'changeBudget'>;
  readonly policy: Policy;
  readonly waivers: readonly SubmittedWaiver[];
  readonly nowMs: number;
}

/**
 * What a change may measure: the spec's own budget, else the policy's for its tier, plus the deltas of waivers that
 * load, are active, unexpired, meant for this spec, name budget_limit and bear a valid signature. Every other waiver is
 * named with the first reason against it. A waiver counts once, however often it is submitted.
 * @see constitution §7, Budget derivation; §6 for signatures
 */
export function deriveBudget({ spec, policy, waivers, nowMs }: BudgetInputs): DerivedBudget {
  const own = spec.changeBudget;
  const { maxFiles, maxLoc } = own ?? policy.budgets[spec.riskTier];
  const limits = { files: maxFiles, loc: maxLoc };
  const applied: string[] = [];
  const skipped: { id: string; reason: BudgetSkip }[] = [];
  for (const submitted of sortById(waivers)) {
    const reason = skipReason(submitted, spec.id, policy, nowMs);
    const { waiver } = submitted;
    if (reason !== null || waiver === null) {
      skipped.push({ id: idOf(submitted), reason: reason ?? 'malformed' });
    } else if (!applied.includes(waiver.id)) {
      limits.files += waiver.delta.maxFiles;
      limits.loc += waiver.delta.maxLoc;
      applied.push(waiver.id);
    }
  }
  return { limits, source: own ? 'spec' : policy.dialect === 'default' ? 'default' : 'policy', applied, skipped };
}

function skipReason(submitted: SubmittedWaiver, specId: string, policy: Policy, nowMs: number): BudgetSkip | null {
  const { waiver, signature } = submitted;
  if (waiver === null) return 'malformed';
  return reasonOfContent(waiver, specId, nowMs) ?? reasonOfApproval(signature, policy);
}

function reasonOfContent(waiver: Waiver, specId: string, nowMs: number): BudgetSkip | null {
  if (waiver.status !== 'active') return 'status_not_active';
  if (waiver.expiresMs === null || waiver.expiresMs <= nowMs) return 'expired';
  if (!waiver.gates.includes('budget_limit')) return 'gate_not_covered';
  if (waiver.scope.specId !== null && waiver.scope.specId !== specId) return 'spec_not_covered';
  if (waiver.delta.maxFiles < 0 || waiver.delta.maxLoc < 0) return 'negative_delta';
  return waiver.maxUses === 0 ? 'used_up' : null;
}

// One signature is one approver. Names that a waiver merely lists are claims: anyone can write them (constitution §7).
function reasonOfApproval(signature: SubmittedWaiver['signature'], policy: Policy): BudgetSkip | null {
  if (signature.state === 'unsigned') return 'unsigned';
  if (signature.state !== 'valid') return 'foreign_signature';
  const needed = Math.max(policy.minApproversForBudgetRaise, policy.waiverApproval.requiredApprovers);
  return needed > 1 ? 'insufficient_approvers' : null;
}

function idOf(submitted: SubmittedWaiver): string {
  return submitted.waiver?.id ?? submitted.path;
}

function sortById(waivers: readonly SubmittedWaiver[]): SubmittedWaiver[] {
  const key = (submitted: SubmittedWaiver): string => `${idOf(submitted)}\0${submitted.sha256}`;
  return [...waivers].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}
