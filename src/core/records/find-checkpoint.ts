import { decodeUtf8 } from '../digest.js';
import { type Checkpoint, parseCheckpoint } from '../ledger/checkpoint.js';
import { parseNote } from '../ledger/note.js';
import { parseBundle } from './bundle.js';

/**
 * The largest state of a log that any of these bundles' files carries; null where none is of that log. No signature is
 * asked for: a state that was made up can only refuse the log that it is held against, never vouch for one. What is no
 * bundle is passed over. `at` is the bundle's place in the list.
 */
export function findLargestCheckpoint(
  bundles: readonly Uint8Array[],
  origin: string,
): { readonly at: number; readonly checkpoint: Checkpoint } | null {
  const claims = bundles.map((bytes, at) => ({ at, size: claimedSize(bytes) })).sort((a, b) => b.size - a.size);
  for (const { at } of claims) {
    const checkpoint = readCheckpointOf(bundles[at] ?? new Uint8Array());
    if (checkpoint?.origin === origin) return { at, checkpoint };
  }
  return null;
}

/** Read without reading the whole bundle: parsing hundreds of them to keep one would cost more than all else. */
function claimedSize(bytes: Uint8Array): number {
  return Number(/"treeSize":"(\d{1,16})"/.exec(decodeUtf8(bytes) ?? '')?.[1] ?? -1);
}

function readCheckpointOf(bytes: Uint8Array): Checkpoint | null {
  const bundle = parseBundle(bytes);
  if (typeof bundle === 'string') return null;
  const [entry] = bundle.verificationMaterial.tlogEntries;
  const note = parseNote(entry.inclusionProof.checkpoint.envelope);
  return note === null ? null : parseCheckpoint(note.text);
}
