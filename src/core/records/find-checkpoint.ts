import { decodeUtf8 } from '../digest.js';
import { type Checkpoint, parseCheckpoint } from '../ledger/checkpoint.js';
import { parseNote } from '../ledger/note.js';
import { parseBundle } from './bundle.js';

/**
 * The size of its log that a bundle's text names, which may be anything; −1 where it names none. Without reading the whole:
 * parsing hundreds of bundles to keep one would cost more than all else.
 */
export function claimedSize(bytes: Uint8Array): number {
  return Number(/"treeSize":"(\d{1,16})"/.exec(decodeUtf8(bytes) ?? '')?.[1] ?? -1);
}

/**
 * The state of its log that a bundle carries; null for what is no bundle. No signature is asked for: a state that was made
 * up can only refuse the log that it is held against, never vouch for one.
 */
export function readCheckpointOf(bytes: Uint8Array): Checkpoint | null {
  const bundle = parseBundle(bytes);
  if (typeof bundle === 'string') return null;
  const [entry] = bundle.verificationMaterial.tlogEntries;
  const note = parseNote(entry.inclusionProof.checkpoint.envelope);
  return note === null ? null : parseCheckpoint(note.text);
}
