import type { WaiverContext } from '../../core/caws/verdict/waiver-standing.js';
import type { SubmittedWaiver, WaiverSignature, WaiverWithdrawal } from '../../core/caws/waiver.js';
import { digestBytes, encodeUtf8 } from '../../core/digest.js';
import { formatInstant } from '../../core/time.js';
import type { Documents } from '../../ports/documents.js';
import type { StoredWaiver, WaiverStore } from '../../ports/waiver-store.js';
import { readWaiver } from '../constitution/load-waivers.js';

/** Where one judgement finds submitted waivers and has its uses counted. */
export interface WaiverDesk {
  readonly store: Pick<WaiverStore, 'list' | 'uses' | 'consume'>;
  /** Null: nothing is judged, such as when a waiver is asked for. */
  readonly taskId: string | null;
  /** Names the very candidate that is judged: judged again after a crash, it holds the use that it took. */
  readonly claim: string;
  /** When the log last grew; left out or null where it never did. A clock that is put back behind it prolongs nothing. */
  readonly lastEntryMs?: () => Promise<number | null>;
}

/** What is gathered from, beside the store. */
export interface WaiverSources {
  /** Null in a shallow clone, where no submitted waiver is known to be this repository's. */
  readonly repositoryId: string | null;
  readonly specId: string | null;
  readonly nowMs: number;
  readonly ofBase: readonly SubmittedWaiver[];
  readonly checkSignatures: (
    bytes: Uint8Array,
    armored: Uint8Array | null,
  ) => readonly [WaiverSignature, ...WaiverSignature[]];
}

/** Every waiver that may count, and how its uses are counted. */
export interface GatheredWaivers {
  readonly waivers: readonly SubmittedWaiver[];
  readonly context: Pick<WaiverContext, 'taskId' | 'usesOf'> & Partial<Pick<WaiverContext, 'nowMs' | 'clock'>>;
  readonly singleUse: 'enforced' | 'unenforced';
}

/**
 * The waivers of the base, and those that were submitted to the store for this spec, with the uses that others have made
 * of either. One that an approver withdrew is withdrawn wherever its bytes stand. Without a desk, those of the base alone.
 */
export async function gatherWaivers(
  documents: Documents,
  desk: WaiverDesk | null,
  sources: WaiverSources,
): Promise<GatheredWaivers> {
  const { repositoryId, specId, ofBase } = sources;
  if (desk === null || repositoryId === null) return { waivers: ofBase, context: {}, singleUse: 'unenforced' };
  const stored = specId === null ? [] : await desk.store.list(repositoryId, specId);
  if (desk.taskId !== null && ofBase.length + stored.length === 0) {
    return { waivers: [], context: { taskId: desk.taskId, usesOf: () => [] }, singleUse: 'enforced' };
  }
  const uses = (await desk.store.uses(repositoryId)).filter((use) => use.claim !== desk.claim);
  const submitted = stored.map((waiver) => submittedOf(documents, waiver, sources.checkSignatures));
  return {
    waivers: [...ofBase, ...submitted].map((waiver) => withdrawnWith(waiver, submitted)),
    context: {
      taskId: desk.taskId,
      usesOf: (sha256) => uses.filter((use) => use.sha256 === sha256).map((use) => use.verdictId),
      ...laterOf(sources.nowMs, (await desk.lastEntryMs?.()) ?? null),
    },
    singleUse: 'enforced',
  };
}

/** The log's time where this machine's clock stands behind it: order decides, not clocks. */
function laterOf(nowMs: number, lastEntryMs: number | null): Partial<Pick<WaiverContext, 'nowMs' | 'clock'>> {
  if (lastEntryMs === null || lastEntryMs <= nowMs) return {};
  const clock = `by the ledger, whose last entry is of ${formatInstant(lastEntryMs)}: this machine’s clock is behind it`;
  return { nowMs: lastEntryMs, clock };
}

/** A stored waiver as it is assessed: its bytes read, and each approval checked over them. */
export function submittedOf(
  documents: Documents,
  stored: StoredWaiver,
  checkSignatures: WaiverSources['checkSignatures'],
): SubmittedWaiver {
  const { id, bytes, events } = stored;
  const armored = events.filter(({ kind }) => kind === 'approved').map(({ signature }) => signature);
  const [signature, ...cosignatures] = checkSignatures(
    bytes,
    armored.length === 0 ? null : encodeUtf8(armored.join('')),
  );
  const withdrawn = withdrawalOf(stored);
  return {
    path: `store:${id}`,
    // Of the bytes, whatever the row says: uses and withdrawals follow what was signed.
    sha256: digestBytes(bytes),
    ...readWaiver(documents, id, bytes),
    signature,
    cosignatures,
    ...(withdrawn === null ? {} : { withdrawn }),
  };
}

/** The word that ended a waiver's life; null while nobody said one. */
export function withdrawalOf({ events }: Pick<StoredWaiver, 'events'>): WaiverWithdrawal | null {
  for (const { kind, by } of events) if (kind !== 'approved') return { kind, by };
  return null;
}

function withdrawnWith(waiver: SubmittedWaiver, submitted: readonly SubmittedWaiver[]): SubmittedWaiver {
  const withdrawn = submitted.find(
    (other) => other.sha256 === waiver.sha256 && other.withdrawn !== undefined,
  )?.withdrawn;
  return withdrawn === undefined ? waiver : { ...waiver, withdrawn };
}
