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
  | 'revoked_key'
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
  | 'wrong_spec'
  | 'wrong_task'
  | 'wrong_repository'
  | 'requested_by_worker'
  | 'denied'
  | 'revoked'
  | 'used_up';

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
  /** Whose time that is, in words; left out for this machine's own. */
  readonly clock?: string;
  /** Null without a spec: only waivers that name none then count. */
  readonly specId: string | null;
  readonly riskTier: RiskTier;
  readonly policy: Pick<Policy, 'waiverApproval' | 'minApproversForBudgetRaise'>;
  /** Principals of `.caws/arbiter.yaml: approvers` at the base. Empty: nobody may approve. */
  readonly approvers: readonly string[];
  /** Everyone who made or asked for the change: names, addresses or key ids. None of them may approve. */
  readonly workers: readonly string[];
  /** The task and the repository that are judged; a waiver for one of them counts nowhere else. Null: none, or unknown. */
  readonly taskId?: string | null;
  readonly repositoryId?: string | null;
  /** Verdicts that have used a waiver of these bytes already, oldest first. Left out where no store counts uses. */
  readonly usesOf?: (sha256: string) => readonly string[];
}

/** By id, then digest, then what was made of it: the same waivers in any order give the same list. */
export function sortWaivers<Assessed extends AssessedWaiver>(waivers: readonly Assessed[]): Assessed[] {
  return waivers
    .map((waiver) => ({ waiver, key: sortKey(waiver) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ waiver }) => waiver);
}

/**
 * The valid waivers that have not expired since they were assessed, sorted, the first of each id: a second file under
 * the same id counts for nothing.
 */
export function distinctValid(waivers: readonly AssessedWaiver[], nowMs: number): ValidWaiver[] {
  const valid = sortWaivers(
    waivers.filter((waiver): waiver is ValidWaiver => waiver.standing === 'valid' && waiver.expiresMs > nowMs),
  );
  return valid.filter((waiver, index) => waiver.id !== valid[index - 1]?.id);
}

function sortKey(waiver: AssessedWaiver): string {
  const { id, sha256 } = waiver;
  return JSON.stringify(
    waiver.standing === 'valid'
      ? [id, sha256, 'valid', waiver.approverKeyId, waiver.waiver]
      : [id, sha256, 'refused', waiver.reason, waiver.detail],
  );
}
