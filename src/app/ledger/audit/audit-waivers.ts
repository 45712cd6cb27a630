import { z } from 'zod';
import { withdrawalStatement } from '../../../core/caws/waiver-life.js';
import { encodeUtf8 } from '../../../core/digest.js';
import { digestDraft } from '../../../core/ledger/entry.js';
import { readEntry } from '../../../core/ledger/sequence.js';
import type { Keyring } from '../../../ports/keyring.js';
import type { LedgerLog } from '../../../ports/ledger-log.js';
import type { StoredWaiver, WaiverStore } from '../../../ports/waiver-store.js';
import type { TrustedKeyring } from '../../verdict/load-keyring.js';
import { waiverAppends } from '../../waivers/log-waiver.js';
import { waiverNamespace } from '../../waivers/take-signature.js';
import { type Auditor, sayCheck } from './audit-check.js';

const ofRepository = z.object({ repo_id: z.string() });

/** The repository whose approvers' signatures are checked as well. */
export interface WaiverGround {
  readonly repositoryId: string;
  readonly keyring: TrustedKeyring;
}

/**
 * Whether the store and the log tell the same life of each waiver: every step of it is an entry that says the same, and
 * no entry tells of a step that the store does not have. What approvers of the repository at hand said, they signed.
 */
export function auditWaivers(
  { ledger, waivers }: { readonly ledger: LedgerLog; readonly waivers: WaiverStore },
  keyring: Keyring,
  ground: WaiverGround | null,
): Auditor {
  const told = new Map<string, number>();
  const repositories = new Set<string>(ground === null ? [] : [ground.repositoryId]);
  const problems: string[] = [];
  let steps = 0;
  const compare = async (repositoryId: string): Promise<void> => {
    const stored = await waivers.list(repositoryId);
    const uses = await waivers.uses(repositoryId);
    for (const { key, draft } of waiverAppends(repositoryId, stored, uses)) {
      steps += 1;
      const entry = told.has(key) ? await ledger.find(key) : null;
      told.delete(key);
      if (entry === null) problems.push(`${key} is in the store, and no entry of the log`);
      else if (digestDraft(readEntry(entry)) !== digestDraft(draft)) {
        problems.push(`entry ${entry.index}, ${key}: the store tells it otherwise`);
      }
    }
    if (ground?.repositoryId !== repositoryId) return;
    for (const waiver of stored) problems.push(...checkWords(keyring, ground.keyring, waiver));
  };
  return {
    async take({ index, key, entry }) {
      if (entry.kind !== 'caws-waiver') return;
      told.set(key, index);
      const said = ofRepository.safeParse(entry.spec);
      if (said.success) repositories.add(said.data.repo_id);
    },
    async end() {
      for (const repositoryId of repositories) await compare(repositoryId);
      for (const [key, index] of told) problems.push(`entry ${index}, ${key}: the store knows nothing of it`);
      const whose =
        ground === null
          ? 'signatures not checked, as no repository is at hand'
          : 'signatures of this repository checked';
      return sayCheck('waivers', `${steps} steps of waivers' lives, in the store as in the log; ${whose}`, {
        problems,
        notes: [],
      });
    },
  };
}

/** Each word of an approver, by the keyring, at the time at which it was said. */
function checkWords(keyring: Keyring, { signers }: TrustedKeyring, waiver: StoredWaiver): readonly string[] {
  const { id, sha256, bytes, events } = waiver;
  return events.flatMap(({ kind, signature, atMs, by }) => {
    const message = kind === 'approved' ? bytes : encodeUtf8(withdrawalStatement(kind, id, sha256));
    const asked = { message, signature, namespace: waiverNamespace, allowedSigners: signers, nowMs: atMs };
    const state = keyring.verify(asked);
    return state.state === 'valid'
      ? []
      : [`${id}: that ${by} has ${kind} it is not signed: ${state.state}: ${state.detail}`];
  });
}
