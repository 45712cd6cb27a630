import { digestText } from '../../core/digest.js';
import type { Append, LedgerLog } from '../../ports/ledger-log.js';
import type { StoredWaiver, WaiverStore, WaiverUse } from '../../ports/waiver-store.js';

type Log = { readonly ledger: LedgerLog; readonly waivers: WaiverStore };

/**
 * Enters what a waiver's life holds so far into the ledger, each part once: that it was asked for, every word of an
 * approver, every use. Called after each step of that life, so that what a crash kept from the log is entered by the next
 * step. The log holds digests and names, never the reasons that people wrote.
 * @throws LEDGER_CORRUPT, STORE_UNAVAILABLE
 */
export async function logWaiver({ ledger, waivers }: Log, repositoryId: string, id: string): Promise<void> {
  const stored = (await waivers.list(repositoryId)).find((waiver) => waiver.id === id) ?? null;
  const uses = (await waivers.uses(repositoryId)).filter((use) => use.waiverId === id);
  const appends = waiverAppends(repositoryId, stored === null ? [] : [stored], uses);
  if (appends.length > 0) await ledger.append(appends);
}

/** The entries of what stored waivers' lives and uses hold so far. */
export function waiverAppends(
  repositoryId: string,
  stored: readonly StoredWaiver[],
  uses: readonly WaiverUse[],
): readonly Append[] {
  return [...stored.flatMap((waiver) => lifeOf(repositoryId, waiver)), ...uses.map((use) => useOf(repositoryId, use))];
}

function lifeOf(repositoryId: string, stored: StoredWaiver): readonly Append[] {
  const { id, sha256 } = stored;
  const common = { repo_id: repositoryId, waiver_id: id, waiver_sha256: sha256 };
  const asked = { event: 'requested', by: stored.requestedBy, spec_id: stored.specId, task_id: stored.taskId };
  const events = stored.events.map(({ kind, by, keyId, signature, atMs }) => ({
    event: kind,
    by,
    key_id: keyId,
    signature_sha256: digestText(signature),
    at_ms: atMs,
  }));
  return [{ ...asked, at_ms: stored.atMs }, ...events].map((event, place) => ({
    key: `waiver/${repositoryId}/${id}/${place}`,
    draft: draftOf({ ...common, ...event }),
  }));
}

/** A use is of the bytes that were signed: a waiver that stands at a base commit only has uses and no life here. */
function useOf(repositoryId: string, use: WaiverUse): Append {
  const { sha256, waiverId, number, verdictId, taskId, atMs } = use;
  const spent = { event: 'consumed', number, verdict_id: verdictId, task_id: taskId, at_ms: atMs };
  const common = { repo_id: repositoryId, waiver_id: waiverId, waiver_sha256: sha256 };
  return { key: `waiver/${repositoryId}/use/${sha256}/${number}`, draft: draftOf({ ...common, ...spent }) };
}

function draftOf(spec: Append['draft']['spec']): Append['draft'] {
  return { apiVersion: '1.0.0', kind: 'caws-waiver', spec };
}
