import type { AllowedSigners } from '../caws/keys/allowed-signers.js';
import type { Verdict } from '../caws/verdict/verdict.js';
import { type CheckEd25519, parseCheckpoint } from '../ledger/checkpoint.js';
import { type NoteKey, parseNote } from '../ledger/note.js';
import { parseBundle } from './bundle.js';
import { logKeysOf } from './log-keys.js';
import { readBundle } from './read-bundle.js';

/** Where in the log a verdict is proven to stand, and the time that it states there. */
export interface ProvenVerdict {
  readonly index: number;
  readonly wallMs: number;
}

/**
 * What a log proves of a verdict, by the bundle beside it: that it was signed by a key that was good at the verdict's own
 * time, and entered into a log whose key was good then. Null where any part of that does not hold: the time that a signer
 * writes down alone proves nothing, as whoever steals a key writes any time.
 * @param recorded.yaml the bytes of `verdict.yaml`
 */
export function proveVerdict(
  recorded: { readonly verdict: Verdict; readonly yaml: Uint8Array; readonly bundle: Uint8Array },
  trust: {
    readonly signers: AllowedSigners;
    readonly checkEd25519: CheckEd25519;
    /** A log's key that a person vouches for; null or left out: those of the keyring alone. */
    readonly logKey?: NoteKey | null;
  },
): ProvenVerdict | null {
  const { verdict, yaml } = recorded;
  const { signers, checkEd25519, logKey: named = null } = trust;
  const bundle = parseBundle(recorded.bundle);
  if (typeof bundle === 'string') return null;
  const [entry] = bundle.verificationMaterial.tlogEntries;
  const origin = parseCheckpoint(parseNote(entry.inclusionProof.checkpoint.envelope)?.text ?? '')?.origin;
  if (origin === undefined) return null;
  const wallMs = Date.parse(verdict.clock.wall);
  for (const logKey of [...(named === null ? [] : [named]), ...logKeysOf(signers, origin, wallMs).good]) {
    const read = readBundle(recorded.bundle, { verdict, yaml, signers, logKey, nowMs: wallMs, checkEd25519 });
    if (read.index !== null && read.checks.every(({ passed }) => passed === true)) return { index: read.index, wallMs };
  }
  return null;
}
