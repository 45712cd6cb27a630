import { dayMs } from '../../time.js';
import { compilePatterns } from '../scope-pattern.js';
import type { SubmittedWaiver, Waiver } from '../waiver.js';
import type { RiskTier } from '../working-spec.js';
import { assessApproval } from './assess-approval.js';
import { normalIdentity } from './identity.js';
import { gatesCoverRule } from './waiver-gate.js';
import type { AssessedWaiver, RefusedWaiver, WaiverContext, WaiverRefusal } from './waiver-standing.js';

/** Longest life of a waiver in days by tier. @see constitution §6 */
const waiverCapDays: Readonly<Record<RiskTier, number>> = { 1: 7, 2: 30, 3: 90 };

/**
 * Whether a waiver counts at all: loads, is signed by approvers who are neither the worker nor the requester, is
 * active, for this spec, task and repository, within its time and its tier's cap, not used up, and shows documented
 * necessity. The first reason against it is named.
 * Which findings it lifts is for `coversFinding`.
 * @see constitution §6
 */
export function assessWaiver(submitted: SubmittedWaiver, context: WaiverContext): AssessedWaiver {
  const { waiver, sha256 } = submitted;
  const refuse = (reason: WaiverRefusal, detail: string): RefusedWaiver => ({
    standing: 'refused',
    id: waiver?.id ?? submitted.path,
    sha256,
    gates: waiver?.gates ?? [],
    reason,
    detail,
  });
  if (waiver === null) return refuse('malformed', submitted.fault ?? 'the file did not load');
  const fault = examineLife(submitted, waiver) ?? examineContent(waiver, context) ?? examineTime(waiver, context);
  if (fault !== null) return refuse(...fault);
  const approval = assessApproval(submitted, waiver, context);
  if (!approval.approved) return refuse(approval.reason, approval.detail);
  const usedUp = examineUses(sha256, waiver, context);
  if (usedUp !== null) return refuse(...usedUp);
  const expiresMs = waiver.expiresMs ?? context.nowMs;
  return { standing: 'valid', id: waiver.id, sha256, waiver, approverKeyId: approval.keyId, expiresMs };
}

/**
 * True when a valid waiver lifts a waivable finding. A waiver limited to paths lifts no finding on the whole change. A
 * dialect-B waiver of budget_limit only raises the budget by its delta (`deriveBudgetRaise`), so what is still over
 * stays over.
 */
export function coversFinding(
  waiver: Waiver,
  finding: { readonly rule: string; readonly path: string | null },
): boolean {
  if (!gatesCoverRule(waiver.gates, finding.rule)) return false;
  if (finding.rule.startsWith('budget.') && waiver.dialect === 'B') return false;
  if (waiver.scope.paths.length === 0) return true;
  return finding.path !== null && compilePatterns(waiver.scope.paths)(finding.path);
}

/** Longest life of a waiver in days where it is judged: the tier's, or the policy's when that is shorter. */
export function waiverCapDaysOf({ riskTier, policy }: Pick<WaiverContext, 'riskTier' | 'policy'>): number {
  return Math.min(waiverCapDays[riskTier], policy.waiverApproval.maxDurationDays ?? Number.POSITIVE_INFINITY);
}

type Refusal = readonly [WaiverRefusal, string];

function examineLife({ withdrawn }: SubmittedWaiver, waiver: Waiver): Refusal | null {
  if (withdrawn !== undefined) return [withdrawn.kind, `${withdrawn.by} has ${withdrawn.kind} it`];
  return waiver.status === 'active' ? null : ['status_not_active', `its status is ${waiver.status}`];
}

// A waiver that was asked for one task or one repository is for no other, whoever copies it there.
function examineBounds(
  { taskId, repositoryId }: Waiver['scope'],
  context: Pick<WaiverContext, 'taskId' | 'repositoryId'>,
): Refusal | null {
  if (repositoryId !== undefined && repositoryId !== context.repositoryId) {
    return ['wrong_repository', `it is for the repository ${repositoryId}, not for this one`];
  }
  if (taskId !== undefined && taskId !== context.taskId) {
    return ['wrong_task', `it is for task ${taskId}, not for ${context.taskId ?? 'a change without a task'}`];
  }
  return null;
}

// Uses are counted by the very bytes that were signed: another file under the same id is another waiver.
function examineUses(sha256: string, { maxUses }: Waiver, { usesOf }: WaiverContext): Refusal | null {
  const uses = usesOf?.(sha256) ?? [];
  if (uses.length < maxUses) return null;
  const by = uses.length === 0 ? 'it may never be used' : `verdict ${uses.at(-1) ?? ''} has used it`;
  return ['used_up', `${by} (max_uses: ${maxUses})`];
}

function examineContent(waiver: Waiver, context: WaiverContext): Refusal | null {
  const { delta, scope } = waiver;
  if (scope.specId !== null && scope.specId !== context.specId) {
    return ['wrong_spec', `it is for spec ${scope.specId}, not for ${context.specId ?? 'a change without one'}`];
  }
  const bound = examineBounds(scope, context);
  if (bound !== null) return bound;
  if (waiver.gates.length === 0) return ['no_gates', 'it names no gate'];
  if (Math.min(delta.maxFiles, delta.maxLoc) < 0) return ['negative_delta', 'its delta is negative'];
  return examineNecessity(waiver, context);
}

// Documented necessity is asked of every waiver; mitigation and an owner of the risk at tier 1.
function examineNecessity(waiver: Waiver, context: WaiverContext): Refusal | null {
  const { riskTier, workers } = context;
  // Worker ≠ requester ≠ approver (constitution §6).
  if (waiver.requester !== null && workers.map(normalIdentity).includes(normalIdentity(waiver.requester))) {
    return ['requested_by_worker', `${waiver.requester} made the change, and may not ask for its waiver`];
  }
  if (isBlank(waiver.reason)) return ['no_reason', 'it gives no reason in words (documented necessity, CAWS §5.2)'];
  if (riskTier === 1 && isBlank(waiver.mitigation)) return ['no_mitigation', 'tier 1 asks for a mitigation'];
  if (riskTier === 1 && isBlank(waiver.riskOwner)) return ['no_risk_owner', 'tier 1 asks for a risk owner'];
  return null;
}

function examineTime(waiver: Waiver, context: WaiverContext): Refusal | null {
  const { createdMs, expiresMs } = waiver;
  if (expiresMs === null) return ['no_expiry', 'it never expires'];
  if (expiresMs <= context.nowMs) {
    const by = context.clock === undefined ? '' : `, ${context.clock}`;
    return ['expired', `it expired ${daysText(context.nowMs - expiresMs)} ago${by}`];
  }
  if (createdMs === null) return ['no_creation_time', 'without a creation time its length cannot be told'];
  if (createdMs > context.nowMs)
    return ['not_yet_valid', `it is dated ${daysText(createdMs - context.nowMs)} in the future`];
  const capDays = waiverCapDaysOf(context);
  if (expiresMs - createdMs <= capDays * dayMs) return null;
  return ['too_long', `it runs ${Math.ceil((expiresMs - createdMs) / dayMs)} days, and ${capDays} are allowed`];
}

function daysText(ms: number): string {
  const days = Math.floor(ms / dayMs);
  return days === 0 ? 'less than a day' : days === 1 ? '1 day' : `${days} days`;
}

function isBlank(text: string | null): boolean {
  return text === null || text.trim() === '';
}
