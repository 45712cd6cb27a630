import type { SubmittedWaiver, Waiver, WaiverSignature } from '../waiver.js';
import { isBarred, normalIdentity } from './identity.js';
import type { WaiverContext, WaiverRefusal } from './waiver-standing.js';

export type Approval =
  | { readonly approved: true; readonly keyId: string }
  | { readonly approved: false; readonly reason: WaiverRefusal; readonly detail: string };

const reasonOfState = {
  unsigned: 'unsigned',
  foreign: 'foreign_signature',
  broken: 'broken_signature',
  'wrong-namespace': 'wrong_namespace',
  'expired-key': 'expired_key',
  'revoked-key': 'revoked_key',
} as const;

/**
 * Whether enough approvers signed. Each signature counts by itself, one for a person however many keys they hold;
 * names that the file merely lists are claims and count for nothing. At least one is always asked for.
 * @see constitution §6; §7 for the public tool's hole "anyone may self-approve a waiver"
 */
export function assessApproval(submitted: SubmittedWaiver, waiver: Waiver, context: WaiverContext): Approval {
  const outcomes = [submitted.signature, ...(submitted.cosignatures ?? [])].map((signature) =>
    assessSignature(signature, waiver, context),
  );
  const approvals = outcomes.filter((outcome) => outcome.approved);
  const [first] = approvals;
  if (first === undefined) return outcomes[0] ?? refuse('unsigned', 'it bears no signature');
  const needed = requiredApprovers(waiver, context);
  const signers = new Set(approvals.map((approval) => approval.signer));
  const keys = new Set(approvals.map((approval) => approval.keyId));
  const counted = Math.min(signers.size, keys.size);
  if (counted < needed) return refuse('insufficient_approvers', `${counted} of ${needed} approvers signed`);
  return { approved: true, keyId: first.keyId };
}

/** How many approvers the policy asks for, at least one. */
export function requiredApprovers(waiver: Waiver, context: WaiverContext): number {
  const forBudget = waiver.gates.includes('budget_limit') ? context.policy.minApproversForBudgetRaise : 0;
  return Math.max(1, context.policy.waiverApproval.requiredApprovers, forBudget);
}

function assessSignature(signature: WaiverSignature, waiver: Waiver, context: WaiverContext) {
  if (signature.state !== 'valid') return refuse(reasonOfState[signature.state], signature.detail);
  const names = new Set([signature.signer, ...signature.principals].map(normalIdentity));
  const signer = context.approvers.map(normalIdentity).find((approver) => names.has(approver));
  if (signer === undefined) {
    return refuse('not_an_approver', `${signature.signer} is not among the approvers of .caws/arbiter.yaml`);
  }
  const barred = [...context.workers, ...(waiver.requester === null ? [] : [waiver.requester])];
  if (isBarred(signature, barred)) {
    return refuse('self_approved', `${signature.signer} asked for it or made the change, and may not approve it`);
  }
  return { approved: true as const, keyId: signature.keyId, signer };
}

function refuse(reason: WaiverRefusal, detail: string) {
  return { approved: false as const, reason, detail };
}
