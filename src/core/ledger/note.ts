import { sha256 } from '@noble/hashes/sha2.js';
import { decodeUtf8, encodeUtf8 } from '../digest.js';
import { decodeBase64, encodeBase64 } from '../base64.js';

/** Kinds of keys of signed notes. @see C2SP signed-note, Signature types */
export const noteKinds = { ed25519: 0x01, cosignature: 0x04 } as const;
export type NoteKind = (typeof noteKinds)[keyof typeof noteKinds];

/** A key that signs notes: a name without blanks and `+`, and the raw 32 bytes of an Ed25519 public key. */
export interface NoteKey {
  readonly name: string;
  readonly kind: NoteKind;
  readonly publicKey: Uint8Array;
}

/** One signature line: `signature` is what follows the four bytes of the key's hash. */
export interface NoteSignature {
  readonly name: string;
  readonly keyHash: Uint8Array;
  readonly signature: Uint8Array;
}

export interface SignedNote {
  /** What is signed: whole lines, the last of which ends as well. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

const dash = '\u2014 ';
const maxSignatures = 100;

/** The first four bytes of SHA-256(name, newline, kind, key): which key a line is by, and no more than a hint. */
export function keyHashOf({ name, kind, publicKey }: NoteKey): Uint8Array {
  return sha256(Uint8Array.of(...encodeUtf8(`${name}\n`), kind, ...publicKey)).slice(0, 4);
}

/** The verifier key as one line, `name+hash+key`. @see C2SP signed-note, Verifier keys */
export function renderNoteKey(key: NoteKey): string {
  const hash = [...keyHashOf(key)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${key.name}+${hash}+${encodeBase64(Uint8Array.of(key.kind, ...key.publicKey))}`;
}

/** Reads a verifier key; null when it is none, or its hash is another's. */
export function parseNoteKey(line: string): NoteKey | null {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(line.trim());
  const bytes = match === null ? null : decodeBase64(match[3] ?? '');
  if (match === null || bytes?.length !== 33) return null;
  const kind = Object.values(noteKinds).find((known) => known === bytes[0]);
  if (kind === undefined) return null;
  const key: NoteKey = { name: match[1] ?? '', kind, publicKey: bytes.slice(1) };
  return renderNoteKey(key) === line.trim() ? key : null;
}

/** A note as text: what is signed, an empty line, a line for each signature. */
export function renderNote({ text, signatures }: SignedNote): string {
  const lines = signatures.map(
    ({ name, keyHash, signature }) => `${dash}${name} ${encodeBase64(Uint8Array.of(...keyHash, ...signature))}\n`,
  );
  return `${text}\n${lines.join('')}`;
}

/** Reads a note; null when it is none. No signature is checked. @see C2SP signed-note, Format */
export function parseNote(note: string): SignedNote | null {
  const at = note.lastIndexOf('\n\n');
  if (at < 0 || !note.endsWith('\n') || hasControls(note)) return null;
  const lines = note
    .slice(at + 2)
    .split('\n')
    .slice(0, -1);
  if (lines.length === 0 || lines.length > maxSignatures) return null;
  const signatures = lines.map(parseSignature);
  if (!signatures.every((signature) => signature !== null)) return null;
  return { text: note.slice(0, at + 1), signatures };
}

/** The same for bytes, which have to be UTF-8. */
export function parseNoteBytes(bytes: Uint8Array): SignedNote | null {
  const text = decodeUtf8(bytes);
  return text === null ? null : parseNote(text);
}

function parseSignature(line: string): NoteSignature | null {
  const match = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/.exec(line);
  const bytes = match === null ? null : decodeBase64(match[2] ?? '');
  if (match === null || bytes === null || bytes.length < 5) return null;
  return { name: match[1] ?? '', keyHash: bytes.slice(0, 4), signature: bytes.slice(4) };
}

function hasControls(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x20 && code !== 0x0a) return true;
  }
  return false;
}

/** The signature of a note that names this key; null when there is none. */
export function findSignature(note: SignedNote, key: NoteKey): NoteSignature | null {
  const hash = keyHashOf(key);
  return (
    note.signatures.find(
      ({ name, keyHash }) => name === key.name && keyHash.every((byte, index) => byte === hash[index]),
    ) ?? null
  );
}
