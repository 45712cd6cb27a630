import { encodeUtf8 } from '../digest.js';
import { decodeBase64, encodeBase64 } from '../base64.js';
import { type NoteKey, type NoteSignature, type SignedNote, findSignature, keyHashOf, noteKinds } from './note.js';
import type { Hash } from './tree.js';

/** The state of a log: its name, how many entries it holds, and the root over them. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Hash;
}

/** Whether an Ed25519 signature by a raw public key is good; given by the caller, as core has no such arithmetic. */
export type CheckEd25519 = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;

/** The text that is signed. @see C2SP tlog-checkpoint */
export function renderCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${encodeBase64(root)}\n`;
}

/** Reads the text of a checkpoint; null when it is none. Further lines are allowed and mean nothing to us. */
export function parseCheckpoint(text: string): Checkpoint | null {
  const [origin = '', size = '', root = ''] = text.split('\n');
  const hash = decodeBase64(root);
  if (origin === '' || !/^(0|[1-9]\d{0,15})$/.test(size) || hash?.length !== 32) return null;
  const count = Number(size);
  return Number.isSafeInteger(count) ? { origin, size: count, root: hash } : null;
}

/** The line of a log's key over a checkpoint. `sign` makes an Ed25519 signature. */
export function signCheckpoint(
  checkpoint: Checkpoint,
  key: NoteKey,
  sign: (message: Uint8Array) => Uint8Array,
): NoteSignature {
  const signature = sign(encodeUtf8(renderCheckpoint(checkpoint)));
  return { name: key.name, keyHash: keyHashOf(key), signature };
}

/** What a witness signs: that it saw this state at that time and that it extends what it saw before. @see C2SP tlog-cosignature */
function cosignedText(text: string, atSeconds: number): string {
  return `cosignature/v1\ntime ${atSeconds}\n${text}`;
}

/** The line of a witness over a checkpoint: the time in eight bytes, then the signature. */
export function cosignCheckpoint(
  checkpoint: Checkpoint,
  witness: { readonly key: NoteKey; readonly atSeconds: number },
  sign: (message: Uint8Array) => Uint8Array,
): NoteSignature {
  const { key, atSeconds } = witness;
  const time = new Uint8Array(8);
  new DataView(time.buffer).setBigUint64(0, BigInt(atSeconds));
  const signature = sign(encodeUtf8(cosignedText(renderCheckpoint(checkpoint), atSeconds)));
  return { name: key.name, keyHash: keyHashOf(key), signature: Uint8Array.of(...time, ...signature) };
}

/** Whether a note bears a good signature of a key, of a log or of a witness. */
export function isSignedBy(note: SignedNote, key: NoteKey, check: CheckEd25519): boolean {
  const line = findSignature(note, key);
  if (line === null) return false;
  if (key.kind === noteKinds.ed25519) return check(key.publicKey, encodeUtf8(note.text), line.signature);
  return cosignedAt(note, key, check) !== null;
}

/** When a witness says that it saw the state of a note, in seconds since the epoch; null without its good cosignature. */
export function cosignedAt(note: SignedNote, key: NoteKey, check: CheckEd25519): number | null {
  const bytes = findSignature(note, key)?.signature;
  if (key.kind !== noteKinds.cosignature || bytes?.length !== 72) return null;
  const atSeconds = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0));
  return check(key.publicKey, encodeUtf8(cosignedText(note.text, atSeconds)), bytes.slice(8)) ? atSeconds : null;
}
