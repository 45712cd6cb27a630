import type { Policy } from '../policy.js';
import type { Waiver } from '../waiver.js';
import type { RiskTier } from '../working-spec.js';

/** Why a waiver does not count. The names that the public tool has are the public tool's (constitution §7). */
export type WaiverRefusal =
  | 'malformed'
  | 'unsigned'
  | 'foreign_signature'
  | 'broken_signature'
  | 'wrong_namespace'
  | 'expired_key'
  | 'not_an_approver'
  | 'self_approved'
  | 'insufficient_approvers'
  | 'status_not_active'
  | 'no_creation_time'
  | 'not_yet_valid'
  | 'no_expiry'
  | 'expired'
  | 'too_long'
  | 'no_reason'
  | 'no_mitigation'
  | 'no_risk_owner'
  | 'no_gates'
  | 'negative_delta'
  | 'wrong_spec';

export interface ValidWaiver {
  readonly standing: 'valid';
  readonly id: string;
  readonly sha256: string;
  readonly waiver: Waiver;
  readonly approverKeyId: string;
  readonly expiresMs: number;
}

export interface RefusedWaiver {
  readonly standing: 'refused';
  readonly id: string;
  readonly sha256: string;
  /** What it would have covered; empty when it did not load. */
  readonly gates: readonly string[];
  readonly reason: WaiverRefusal;
  readonly detail: string;
}

export type AssessedWaiver = ValidWaiver | RefusedWaiver;

export interface WaiverContext {
  readonly nowMs: number;
  /** Null without a spec: only waivers that name none then count. */
  readonly specId: string | null;
  readonly riskTier: RiskTier;
  readonly policy: Pick<Policy, 'waiverApproval' | 'minApproversForBudgetRaise'>;
  /** Principals of `.caws/arbiter.yaml: approvers` at the base. Empty: nobody may approve. */
  readonly approvers: readonly string[];
  /** Everyone who made or asked for the change: names, addresses or key ids. None of them may approve. */
  readonly workers: readonly string[];
}

/** By id, then digest: the same waivers in any order give the same list. */
export function sortWaivers<Assessed extends AssessedWaiver>(waivers: readonly Assessed[]): Assessed[] {
  const key = (waiver: AssessedWaiver): string => `${waiver.id}\0${waiver.sha256}\0${waiver.standing}`;
  return [...waivers].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}
