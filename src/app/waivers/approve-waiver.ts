import { logWaiver } from './log-waiver.js';
import { assessWaiver } from '../../core/caws/verdict/assess-waiver.js';
import { requiredApprovers } from '../../core/caws/verdict/assess-approval.js';
import type { SubmittedWaiver } from '../../core/caws/waiver.js';
import { decodeUtf8, encodeUtf8 } from '../../core/digest.js';
import { Fault } from '../../core/fault.js';
import type { GitSession } from '../../ports/git.js';
import type { Ports } from '../../ports/ports.js';
import type { OpenRuntime } from '../../ports/runtime.js';
import type { StoredWaiver } from '../../ports/waiver-store.js';
import type { Constitution } from '../adjudicate/admit.js';
import { submittedOf } from './gather-waivers.js';
import { resumeTasks } from './resume-tasks.js';
import { type SignatureSource, takeSignature, waiverNamespace } from './take-signature.js';
import { type WaiverFaultCode, readWaiverLaw } from './waiver-law.js';

/** What an approval has come to. */
export interface Approved {
  readonly waiver: StoredWaiver;
  /** False: this key had approved it before. */
  readonly added: boolean;
  readonly by: string;
  readonly needed: number;
  /** Why it does not count yet; null when it counts. */
  readonly missing: string | null;
  /** Ids of tasks that waited for it and go on. */
  readonly resumed: readonly string[];
}

/**
 * Adds an approver's signature over the exact stored bytes. It is refused with its reason unless that one signature would
 * make the waiver count where the policy asks for one approver. Once enough have signed, the tasks that wait for it go
 * on; a crash before that is mended by approving again, which adds nothing and wakes them.
 * @throws WAIVER_UNKNOWN, WAIVER_REFUSED, and what `readWaiverLaw` and `takeSignature` throw
 */
export async function approveWaiver(
  ports: Ports,
  git: GitSession,
  runtime: OpenRuntime,
  asked: { readonly id: string } & SignatureSource,
): Promise<Approved> {
  const { waivers } = runtime;
  const repositoryId = await git.repositoryId();
  const stored = await waivers.read(repositoryId, asked.id);
  const { law } = await readWaiverLaw(ports, git, runtime, stored);
  const armored = await takeSignature(ports, git, asked, stored.bytes);
  const { signer, keyId } = examineSignature(ports, law, stored, armored);
  const event = { kind: 'approved', atMs: law.nowMs, by: signer, keyId, signature: armored } as const;
  const added = await waivers.tell(repositoryId, asked.id, event);
  await logWaiver(runtime, repositoryId, asked.id);
  const now = await waivers.read(repositoryId, asked.id);
  const assessed = assessWaiver(submittedFor(ports, law, now), law.waiverContext);
  const missing = assessed.standing === 'valid' ? null : assessed.detail;
  const resumed = missing === null ? await resumeTasks(ports, git, runtime, now) : [];
  return { waiver: now, added, by: signer, needed: neededFor(ports, law, now), missing, resumed };
}

/** The stored waiver as the law sees it. */
function submittedFor(ports: Ports, law: Constitution, stored: StoredWaiver): SubmittedWaiver {
  return submittedOf(ports.documents, stored, (bytes, armored) => {
    const [first, ...rest] = ports.keyring
      .splitSignatures(armored === null ? '' : (decodeUtf8(armored) ?? ''))
      .map((one) => law.checkSignature(bytes, one, waiverNamespace));
    return [first ?? { state: 'unsigned', detail: 'it bears no signature of an approver' }, ...rest];
  });
}

function neededFor(ports: Ports, law: Constitution, stored: StoredWaiver): number {
  const { waiver } = submittedFor(ports, law, stored);
  return waiver === null ? 1 : requiredApprovers(waiver, law.waiverContext);
}

// One signature is held to everything but how many the policy asks for: what is refused later must not look approved now.
function examineSignature(
  ports: Ports,
  law: Constitution,
  stored: StoredWaiver,
  armored: string,
): { readonly signer: string; readonly keyId: string } {
  const signature = law.checkSignature(stored.bytes, armored, waiverNamespace);
  const alone = { ...submittedFor(ports, law, stored), signature, cosignatures: [] };
  const assessed = assessWaiver(alone, {
    ...law.waiverContext,
    policy: { waiverApproval: { ...law.policy.waiverApproval, requiredApprovers: 1 }, minApproversForBudgetRaise: 1 },
  });
  if (assessed.standing === 'valid' && signature.state === 'valid') return signature;
  const { reason, detail } = assessed.standing === 'refused' ? assessed : { reason: 'broken_signature', detail: '' };
  const hint = reason === 'broken_signature' ? whatWasSigned(law, stored.bytes, armored) : '';
  throw new Fault<WaiverFaultCode>(
    'WAIVER_REFUSED',
    `the approval of ${stored.id} is refused (${reason}): ${detail}${hint}`,
    {
      mend:
        hint === ''
          ? 'an approver of .caws/arbiter.yaml at the base, in allowed_signers for caws-waiver, who neither asked nor worked, signs the file'
          : 'sign the bytes that arbiter waiver show prints, byte for byte',
    },
  );
}

/** In words, when the signature holds over the file as an editor or a mail leaves it. */
function whatWasSigned(law: Constitution, bytes: Uint8Array, armored: string): string {
  const text = decodeUtf8(bytes) ?? '';
  const holdsOver = (changed: string): boolean =>
    law.checkSignature(encodeUtf8(changed), armored, waiverNamespace).state === 'valid';
  if (holdsOver(text.replaceAll('\n', '\r\n'))) return '; it is over the file with Windows line ends (CRLF)';
  return holdsOver(`\uFEFF${text}`) ? '; it is over the file with a byte order mark' : '';
}
