import { recordRef } from '../../core/caws/publication/publisher.js';
import type { Checkpoint } from '../../core/ledger/checkpoint.js';
import { claimedSize, readCheckpointOf } from '../../core/records/find-checkpoint.js';
import type { GitSession } from '../../ports/git.js';
import type { LedgerLog } from '../../ports/ledger-log.js';
import { bundleName } from '../verdict/record-bundle.js';
import { findRecord } from '../verify-range/verify-range.js';

/** A state of a log that a repository's record keeps, and the file that holds it. */
interface RecordedState {
  readonly checkpoint: Checkpoint;
  readonly file: string;
}

/** What one bundle says, as far as it was read. */
interface KnownBundle {
  readonly claimed: number;
  /** Undefined until it was needed. */
  checkpoint?: Checkpoint | null;
}

// A blob never changes, so what one said holds for as long as the store is open. A worker asks at each verdict, and a record
// of thousands of bundles would be read again each time.
const known = new WeakMap<LedgerLog, Map<string, KnownBundle>>();

/**
 * The largest state of the log of that name that the bundles on `refs/caws/ledger` carry, or the one at hand; null where
 * there is none. The record goes where the repository goes, so that a database that was put back is held against what left
 * this machine. Bundles that were read before, on behalf of this log, are not read again. @throws GIT_FAILED
 */
export async function findRecordedState(
  ledger: LedgerLog,
  git: GitSession,
  own: Uint8Array | undefined,
): Promise<RecordedState | null> {
  const origin = await ledger.origin();
  const tip = await findRecord(git);
  const files = tip === null ? [] : await git.listFiles(tip, 'verdicts');
  const bundles = files.filter(({ path }) => path.endsWith(`/${bundleName}`));
  const read = known.get(ledger) ?? new Map<string, KnownBundle>();
  known.set(ledger, read);
  await readNew(git, read, new Set(bundles.map(({ blob }) => blob)));
  const kept = await findLargest(git, read, { bundles, origin });
  const mine = own === undefined ? null : readCheckpointOf(own);
  if (mine?.origin !== origin || (kept !== null && kept.checkpoint.size >= mine.size)) return kept;
  return { checkpoint: mine, file: bundleName };
}

async function readNew(git: GitSession, read: Map<string, KnownBundle>, blobs: ReadonlySet<string>): Promise<void> {
  const unread = [...blobs].filter((blob) => !read.has(blob));
  const contents = unread.length === 0 ? [] : await git.readBlobs(unread);
  for (const [at, bytes] of contents.entries()) read.set(unread[at] ?? '', { claimed: claimedSize(bytes) });
}

async function findLargest(
  git: GitSession,
  read: ReadonlyMap<string, KnownBundle>,
  { bundles, origin }: { readonly bundles: readonly { path: string; blob: string }[]; readonly origin: string },
): Promise<RecordedState | null> {
  const sizeOf = (blob: string): number => read.get(blob)?.claimed ?? -1;
  for (const { path, blob } of bundles.toSorted((a, b) => sizeOf(b.blob) - sizeOf(a.blob))) {
    const bundle = read.get(blob);
    if (bundle === undefined) continue;
    if (bundle.checkpoint === undefined) {
      const [bytes] = await git.readBlobs([blob]);
      bundle.checkpoint = bytes === undefined ? null : readCheckpointOf(bytes);
    }
    if (bundle.checkpoint?.origin === origin) return { checkpoint: bundle.checkpoint, file: `${recordRef}:${path}` };
  }
  return null;
}
