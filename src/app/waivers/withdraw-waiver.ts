import { logWaiver } from './log-waiver.js';
import { withdrawalStatement } from '../../core/caws/waiver-life.js';
import { encodeUtf8 } from '../../core/digest.js';
import { Fault } from '../../core/fault.js';
import type { GitSession } from '../../ports/git.js';
import type { Ports } from '../../ports/ports.js';
import type { OpenRuntime } from '../../ports/runtime.js';
import type { StoredWaiver } from '../../ports/waiver-store.js';
import { requireApprover } from './approver-word.js';
import { withdrawalOf } from './gather-waivers.js';
import { type SignatureSource, takeSignature } from './take-signature.js';
import { type WaiverFaultCode, readWaiverLaw } from './waiver-law.js';

/**
 * Ends a waiver's life by an approver's signature over the one line that says so: `denied` while nobody has approved it,
 * `revoked` afterwards. What a verdict has used before stays used. Saying the same again changes nothing.
 * @throws WAIVER_UNKNOWN, WAIVER_REFUSED, WAIVER_SETTLED, and what `readWaiverLaw` and `takeSignature` throw
 */
export async function withdrawWaiver(
  ports: Ports,
  git: GitSession,
  runtime: OpenRuntime,
  asked: { readonly id: string; readonly kind: 'denied' | 'revoked' } & SignatureSource,
): Promise<StoredWaiver> {
  const { waivers } = runtime;
  const { id, kind } = asked;
  const repositoryId = await git.repositoryId();
  const stored = await waivers.read(repositoryId, id);
  refuseUntimely(stored, kind);
  const { law } = await readWaiverLaw(ports, git, runtime, stored);
  const statement = encodeUtf8(withdrawalStatement(kind, id, stored.sha256));
  const signature = await takeSignature(ports, git, asked, statement);
  // Any approver may say no: to withdraw lifts nothing.
  const word = { statement, armored: signature };
  const mend = 'an approver of .caws/arbiter.yaml at the base signs the line that arbiter waiver show prints';
  const { signer, keyId } = requireApprover(law, word, { what: id, mend });
  await waivers.tell(repositoryId, id, { kind, atMs: law.nowMs, by: signer, keyId, signature });
  await logWaiver(runtime, repositoryId, id);
  return waivers.read(repositoryId, id);
}

function refuseUntimely(stored: StoredWaiver, kind: 'denied' | 'revoked'): void {
  const withdrawn = withdrawalOf(stored);
  const settled = (message: string, mend: string) => new Fault<WaiverFaultCode>('WAIVER_SETTLED', message, { mend });
  if (withdrawn !== null && withdrawn.kind !== kind) {
    throw settled(`waiver ${stored.id} was ${withdrawn.kind} by ${withdrawn.by}`, 'nothing is left to withdraw');
  }
  const isApproved = stored.events.some((event) => event.kind === 'approved');
  if (kind === 'denied' && isApproved) {
    throw settled(`waiver ${stored.id} was approved already`, `arbiter waiver revoke ${stored.id} takes it back`);
  }
  if (kind === 'revoked' && !isApproved) {
    throw settled(`nobody has approved waiver ${stored.id}`, `arbiter waiver deny ${stored.id} says no to it`);
  }
}
