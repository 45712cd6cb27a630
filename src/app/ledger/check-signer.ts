import { type AllowedSigners, findSigner } from '../../core/caws/keys/allowed-signers.js';
import { type CheckEd25519, cosignedAt, isSignedBy } from '../../core/ledger/checkpoint.js';
import { type NoteKey, type SignedNote, noteKinds, renderNoteKey } from '../../core/ledger/note.js';
import { logNamespace, rawKeyOf } from '../../core/records/log-keys.js';
import { sshKeyOf } from '../../core/records/public-key.js';
import { formatInstant } from '../../core/time.js';
import type { ReadCheckpoint } from './read-published.js';
import type { LedgerCheck } from './verification.js';

/** How far the clocks of two machines may differ. */
const clockSkewMs = 300_000;

/** The cosignature that a checkpoint has to bear, and how old it may be. */
export interface WantedWitness {
  readonly key: NoteKey;
  readonly maxAgeMs: number;
}

/**
 * Whether the keyring lets one of a checkpoint's signers sign for its log. A checkpoint has no time of its own: the key has
 * to be good when the witness says that it saw it, else now. A revoked key counts for states that the log had before.
 */
export function checkBySigners(
  { note, checkpoint }: ReadCheckpoint,
  trust: {
    readonly file: string;
    readonly signers: AllowedSigners;
    readonly seenMs: number | null;
    readonly nowMs: number;
  },
  check: CheckEd25519,
): LedgerCheck {
  const { file, signers, seenMs, nowMs } = trust;
  const said = (passed: boolean, detail: string): LedgerCheck => ({ check: 'signature', passed, detail });
  const signing = signers.entries
    .map(rawKeyOf)
    .find(
      (raw) =>
        raw !== null && isSignedBy(note, { name: checkpoint.origin, kind: noteKinds.ed25519, publicKey: raw }, check),
    );
  if (signing === undefined || signing === null) {
    return said(
      false,
      `nobody in the keyring signed ${file} for ${checkpoint.origin}: it is signed by ${namesOf(note)}`,
    );
  }
  const key = sshKeyOf(signing);
  const atMs = seenMs ?? nowMs;
  const ledgerIndex = checkpoint.size - 1;
  const state = findSigner(signers, key, { namespace: logNamespace, nowMs: atMs, ledgerIndex });
  if (state.state === 'valid') return said(true, `${file} is signed by ${state.signer} with key ${key.keyId}`);
  const when = seenMs === null ? 'now' : `at ${formatInstant(seenMs)}, when the witness saw it`;
  const period = state.state === 'expired-key' ? `; ${periodOf(signers, key.key)}, and it is asked ${when}` : '';
  return said(false, `${file} is signed, and its signer does not count: ${state.state}: ${state.detail}${period}`);
}

/** Whether a witness has seen a state, and not too long ago. */
export function checkCosignature(
  { note }: ReadCheckpoint,
  asked: { readonly file: string; readonly witness: WantedWitness; readonly nowMs: number },
  check: CheckEd25519,
): LedgerCheck {
  const { file, witness, nowMs } = asked;
  const said = (passed: boolean, detail: string): LedgerCheck => ({ check: 'cosignature', passed, detail });
  const { name } = witness.key;
  const atSeconds = cosignedAt(note, witness.key, check);
  if (atSeconds === null)
    return said(false, `${file} bears no good cosignature of ${name}: ${namesOf(note)} signed it`);
  const seen = `${name} saw it at ${describeSeconds(atSeconds)}`;
  const ageMs = nowMs - atSeconds * 1000;
  if (ageMs < -clockSkewMs)
    return said(false, `${seen}, which has not come yet: a clock is wrong, or the witness lies`);
  if (ageMs <= witness.maxAgeMs) return said(true, seen);
  return said(
    false,
    `${seen}, ${hoursOf(ageMs)} hours ago, and ${hoursOf(witness.maxAgeMs)} are allowed: this is an old state, or the witness has stopped`,
  );
}

/** Who signed a note, as it says itself. */
export function namesOf(note: SignedNote): string {
  return note.signatures
    .map(({ name, keyHash }) => `${name}+${[...keyHash].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`)
    .join(', ');
}

/** A key by its name and hash, as `namesOf` has it. */
export function shortKey(key: NoteKey): string {
  return renderNoteKey(key).split('+').slice(0, 2).join('+');
}

function periodOf({ entries }: AllowedSigners, key: string): string {
  const spans = entries
    .filter((entry) => entry.key === key)
    .map(({ validAfterMs, validBeforeMs }) => {
      const from = validAfterMs === null ? '' : ` from ${formatInstant(validAfterMs)}`;
      return `${from}${validBeforeMs === null ? '' : ` until ${formatInstant(validBeforeMs)}`}`;
    });
  return `its line is good${spans.join(' and')}`;
}

function describeSeconds(atSeconds: number): string {
  // A witness can write any eight bytes.
  return atSeconds < 1e11 ? formatInstant(atSeconds * 1000) : `second ${atSeconds}`;
}

function hoursOf(ms: number): number {
  return Math.round((ms / 3_600_000) * 10) / 10;
}
