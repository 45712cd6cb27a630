import type { LogPlace } from '../caws/publication/trailers.js';
import { parseCheckpoint } from '../ledger/checkpoint.js';
import { parseNote } from '../ledger/note.js';
import { type Bundle, logIdOf, parseBundle } from './bundle.js';
import { logKeysOf } from './log-keys.js';
import { type BundleTrust, readBundle } from './read-bundle.js';

/** What came of a claimed place: why it does not hold (null: nothing is wrong), and whether a key of the log vouches. */
export interface ProvenPlace {
  readonly trouble: string | null;
  readonly vouched: boolean;
}

/**
 * Whether a bundle proves that its verdict stands at a place in a log. The log's key is the keyring's, good at `nowMs`;
 * where the keyring knows no log at all, or this key no longer counts, the proof is followed and nobody vouches for its root.
 * @param bytes the bundle's file; null where there is none, which proves nothing
 */
export function provePlace(place: LogPlace, bytes: Uint8Array | null, trust: Omit<BundleTrust, 'logKey'>): ProvenPlace {
  const wrong = (trouble: string): ProvenPlace => ({ trouble, vouched: false });
  const named = `${place.origin}#${place.index}`;
  if (bytes === null) return wrong(`it names ${named} in a log, and the record holds no bundle that proves it`);
  const bundle = parseBundle(bytes);
  if (typeof bundle === 'string') return wrong(bundle);
  const entry = bundle.verificationMaterial.tlogEntries[0];
  const origin = originOf(entry);
  if (origin !== place.origin || entry.logIndex !== String(place.index))
    return wrong(`it names ${named} in a log, and its bundle stands at ${origin ?? 'no log'}#${entry.logIndex}`);
  const { good, past } = logKeysOf(trust.signers, place.origin, trust.nowMs);
  const known = [...good, ...past];
  const isThis = (key: (typeof known)[number]): boolean => logIdOf(key) === entry.logId.keyId;
  const logKey = good.find(isThis) ?? null;
  if (known.length > 0 && !known.some(isThis))
    return wrong(`the keyring does not know the key of the log ${place.origin}`);
  const failed = readBundle(bytes, { ...trust, logKey }).checks.find(({ passed }) => passed === false);
  return failed === undefined ? { trouble: null, vouched: logKey !== null } : wrong(`its bundle: ${failed.detail}`);
}

function originOf(entry: Bundle['verificationMaterial']['tlogEntries'][0]): string | null {
  return parseCheckpoint(parseNote(entry.inclusionProof.checkpoint.envelope)?.text ?? '')?.origin ?? null;
}

/** The place that a bundle's file says its entry has; null where it is no bundle. Nothing is proven by it. */
export function readPlace(bytes: Uint8Array): LogPlace | null {
  const bundle = parseBundle(bytes);
  if (typeof bundle === 'string') return null;
  const entry = bundle.verificationMaterial.tlogEntries[0];
  const origin = originOf(entry);
  return origin === null ? null : { origin, index: Number(entry.logIndex) };
}
