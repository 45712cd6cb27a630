import { decodeBase64 } from '../base64.js';
import type { AllowedSigners } from '../caws/keys/allowed-signers.js';
import type { LogPlace } from '../caws/publication/trailers.js';
import { parseCheckpoint } from '../ledger/checkpoint.js';
import { type NoteKey, noteKinds, parseNote } from '../ledger/note.js';
import { type Bundle, logIdOf, parseBundle } from './bundle.js';
import { sshKeyOf } from './public-key.js';
import { type BundleTrust, readBundle } from './read-bundle.js';

/** What came of a claimed place: why it does not hold (null: nothing is wrong), and whether a key of the log vouches. */
export interface ProvenPlace {
  readonly trouble: string | null;
  readonly vouched: boolean;
}

/**
 * Whether a bundle proves that its verdict stands at a place in a log. The log's key is the keyring's, under the name
 * `arbiter-log`; where the keyring knows no log at all, the proof is followed and nobody vouches for its root.
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
  const keys = logKeysOf(trust.signers, place.origin);
  const logKey = keys.find((key) => logIdOf(key) === entry.logId.keyId) ?? null;
  if (logKey === null && keys.length > 0) return wrong(`the keyring does not know the key of the log ${place.origin}`);
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

function logKeysOf({ entries }: AllowedSigners, name: string): NoteKey[] {
  return entries
    .filter(({ principals }) => principals.includes('arbiter-log'))
    .flatMap(({ key }) => {
      const publicKey = (decodeBase64(key) ?? new Uint8Array()).slice(-32);
      return publicKey.length === 32 && sshKeyOf(publicKey).key === key
        ? [{ name, kind: noteKinds.ed25519, publicKey }]
        : [];
    });
}
