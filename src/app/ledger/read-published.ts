import { type Checkpoint, parseCheckpoint } from '../../core/ledger/checkpoint.js';
import { maxEntryBytes } from '../../core/ledger/entry.js';
import { type SignedNote, parseNoteBytes } from '../../core/ledger/note.js';
import {
  bundlePath,
  decodeBundle,
  decodeTile,
  rootOfTile,
  tileOf,
  tilePath,
  tileWidth,
} from '../../core/ledger/tiles.js';
import type { Hash } from '../../core/ledger/tree.js';
import type { NodePlace } from '../../core/ledger/wanted-nodes.js';
import { Fault } from '../../core/fault.js';
import type { PublishedLog } from '../../ports/published-log.js';

export type CheckpointFaultCode = 'CHECKPOINT_INVALID';

/** A checkpoint as it was read, with its signatures, none of which is checked yet. */
export interface ReadCheckpoint {
  readonly note: SignedNote;
  readonly checkpoint: Checkpoint;
}

/** What keeps a published log from being read to its end: a judgement about the log, and no fault of ours. */
export interface PublishedFlaw {
  readonly missing: string;
}

/** Largest note that is read: a hundred signatures are far less. */
export const maxNoteBytes = 64 * 1024;
const maxBundleBytes = tileWidth * (maxEntryBytes + 2);

/** Reads a checkpoint file. @throws CHECKPOINT_INVALID */
export function readCheckpoint(bytes: Uint8Array, file: string): ReadCheckpoint {
  const note = parseNoteBytes(bytes);
  const checkpoint = note === null ? null : parseCheckpoint(note.text);
  if (note !== null && checkpoint !== null) return { note, checkpoint };
  throw new Fault<CheckpointFaultCode>('CHECKPOINT_INVALID', `${file} is not a signed checkpoint`, {
    mend: 'give a checkpoint as arbiter ledger show or arbiter ledger export writes it',
    place: { file },
  });
}

/** The checkpoint of a published log. @throws CHECKPOINT_INVALID where it is missing too, PUBLISHED_LOG_UNREADABLE */
export async function readHead(log: PublishedLog, source: string): Promise<ReadCheckpoint> {
  return readCheckpoint((await log.read('checkpoint', maxNoteBytes)) ?? new Uint8Array(), `${source}/checkpoint`);
}

/** The entries from `256 * index` on, so many. @throws PUBLISHED_LOG_UNREADABLE */
export async function readBundle(
  log: PublishedLog,
  index: number,
  width: number,
): Promise<readonly Uint8Array[] | PublishedFlaw> {
  const whole = bundlePath(index, tileWidth);
  const path = bundlePath(index, width);
  const bytes = await log.read(path, maxBundleBytes);
  const partial = bytes === null ? null : decodeBundle(bytes, width);
  if (partial !== null) return partial;
  // A log that has grown may have dropped what was partial.
  const wider = bytes === null && width < tileWidth ? await log.read(whole, maxBundleBytes) : null;
  const entries = wider === null ? null : decodeBundle(wider, tileWidth);
  return (
    entries?.slice(0, width) ?? { missing: bytes === null ? `${path} is missing` : `${path} is cut off or too long` }
  );
}

/** The hashes of a tile. @throws PUBLISHED_LOG_UNREADABLE */
export async function readTile(
  log: PublishedLog,
  tile: { readonly level: number; readonly index: number; readonly width: number },
): Promise<readonly Hash[] | PublishedFlaw> {
  const path = tilePath(tile);
  const bytes = await log.read(path, tileWidth * 32);
  const hashes = bytes === null ? null : decodeTile(bytes, tile.width);
  if (hashes !== null) return hashes;
  const isPartial = bytes === null && tile.width < tileWidth;
  const wider = isPartial ? await log.read(tilePath({ ...tile, width: tileWidth }), tileWidth * 32) : null;
  const whole = wider === null ? null : decodeTile(wider, tileWidth);
  return (
    whole?.slice(0, tile.width) ?? { missing: bytes === null ? `${path} is missing` : `${path} is of another size` }
  );
}

/** Nodes of the tree of `size` out of the tiles; nothing of them is checked. @throws PUBLISHED_LOG_UNREADABLE */
export async function readTreeNodes(
  log: PublishedLog,
  size: number,
  wanted: readonly NodePlace[],
): Promise<readonly Hash[] | PublishedFlaw> {
  const nodes: Hash[] = [];
  for (const place of wanted) {
    const { from, count, ...tile } = tileOf(place, size);
    const hashes = await readTile(log, tile);
    if ('missing' in hashes) return hashes;
    nodes.push(rootOfTile(hashes.slice(from, from + count)));
  }
  return nodes;
}
