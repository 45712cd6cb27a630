import { encodeUtf8 } from '../digest.js';
import type { Hash } from './tree.js';

const [opening, toKind, toPrev, toSpec] = ['{"apiVersion":"', '","kind":"', '","prev":"', '","spec":{'].map(encodeUtf8);
const maxKind = 64;
const prevDigits = 64;

/**
 * `prev` of an entry as bytes, read where our spelling has it; null for bytes of another form. Byte by byte, as it is
 * asked of each entry of a log: the same as matching
 * `{"apiVersion":"\d+.\d+.\d+","kind":"[a-z][a-z0-9-]{0,63}","prev":"[0-9a-f]{64}","spec":{` at the beginning.
 */
export function prevOf(bytes: Uint8Array): Hash | null {
  let at = skipVersion(bytes, skipWord(bytes, 0, opening));
  at = skipWord(bytes, at, toKind);
  at = skipWord(bytes, skipKind(bytes, at), toPrev);
  if (at < 0 || skipWord(bytes, at + prevDigits, toSpec) < 0) return null;
  const prev = new Uint8Array(prevDigits / 2);
  for (let index = 0; index < prev.length; index += 1) {
    const high = digitOf(bytes[at + 2 * index]);
    const low = digitOf(bytes[at + 2 * index + 1]);
    if (high < 0 || low < 0) return null;
    prev[index] = high * 16 + low;
  }
  return prev;
}

/** Where the word ends that begins at `at`; −1 where it does not stand there. */
function skipWord(bytes: Uint8Array, at: number, word: Uint8Array | undefined): number {
  if (at < 0 || word === undefined) return -1;
  for (let index = 0; index < word.length; index += 1) if (bytes[at + index] !== word[index]) return -1;
  return at + word.length;
}

/** Three numbers with points between them. */
function skipVersion(bytes: Uint8Array, from: number): number {
  let at = skipDigits(bytes, from);
  for (let part = 1; part < 3; part += 1) at = at < 0 || bytes[at] !== 0x2e ? -1 : skipDigits(bytes, at + 1);
  return at;
}

function skipDigits(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at >= 0 && isIn(bytes[at], 0x30, 0x39)) at += 1;
  return at > from ? at : -1;
}

function skipKind(bytes: Uint8Array, from: number): number {
  if (from < 0 || !isIn(bytes[from], 0x61, 0x7a)) return -1;
  let at = from + 1;
  while (isIn(bytes[at], 0x61, 0x7a) || isIn(bytes[at], 0x30, 0x39) || bytes[at] === 0x2d) at += 1;
  return at - from <= maxKind ? at : -1;
}

function isIn(byte: number | undefined, first: number, last: number): boolean {
  return byte !== undefined && byte >= first && byte <= last;
}

/** Value of a lower-case hex digit, −1 for what is none. */
function digitOf(byte: number | undefined): number {
  if (isIn(byte, 0x30, 0x39)) return (byte ?? 0) - 0x30;
  return isIn(byte, 0x61, 0x66) ? (byte ?? 0) - 0x57 : -1;
}
