/**
 * Paths as git keeps them are bytes; as Arbiter speaks of them they are strings. A byte that is no part of valid UTF-8
 * becomes the lone surrogate U+DC00 + byte (PEP 383, "surrogateescape"), so that no two paths ever read alike and every
 * path can be given back to git byte for byte.
 * @see https://peps.python.org/pep-0383/
 */

/** Second-byte bounds by lead byte, Unicode 15 table 3-7: they keep out overlong forms, surrogates and > U+10FFFF. */
function secondByteBounds(lead: number): readonly [low: number, high: number] {
  if (lead === 0xe0) return [0xa0, 0xbf];
  if (lead === 0xed) return [0x80, 0x9f];
  if (lead === 0xf0) return [0x90, 0xbf];
  if (lead === 0xf4) return [0x80, 0x8f];
  return [0x80, 0xbf];
}

function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  return 0;
}

/** Length of the valid UTF-8 sequence that starts at `at`, 0 when there is none. */
function validSequenceAt(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  const length = sequenceLength(lead);
  if (length < 2) return length;
  const [low, high] = secondByteBounds(lead);
  for (let offset = 1; offset < length; offset += 1) {
    const byte = bytes[at + offset] ?? 0;
    if (byte < (offset === 1 ? low : 0x80) || byte > (offset === 1 ? high : 0xbf)) return 0;
  }
  return length;
}

function codePointAt(bytes: Uint8Array, at: number, length: number): number {
  const lead = bytes[at] ?? 0;
  if (length === 1) return lead;
  let codePoint = lead & (0xff >> (length + 1));
  for (let offset = 1; offset < length; offset += 1) codePoint = (codePoint << 6) | ((bytes[at + offset] ?? 0) & 0x3f);
  return codePoint;
}

/** The bytes of a path as a string; total, and `encodePath` gives exactly these bytes back. Empty gives ''. */
export function decodePath(bytes: Uint8Array): string {
  let path = '';
  for (let at = 0; at < bytes.length;) {
    const length = validSequenceAt(bytes, at);
    path += String.fromCodePoint(length === 0 ? 0xdc00 + (bytes[at] ?? 0) : codePointAt(bytes, at, length));
    at += length === 0 ? 1 : length;
  }
  return path;
}

function pushCodePoint(out: number[], codePoint: number): void {
  if (codePoint < 0x80) out.push(codePoint);
  else if (codePoint < 0x800) out.push(0xc0 | (codePoint >> 6), 0x80 | (codePoint & 0x3f));
  else if (codePoint >= 0xdc80 && codePoint <= 0xdcff) out.push(codePoint - 0xdc00);
  else if (codePoint < 0x10000) {
    out.push(0xe0 | (codePoint >> 12), 0x80 | ((codePoint >> 6) & 0x3f), 0x80 | (codePoint & 0x3f));
  } else {
    const middle = [0x80 | ((codePoint >> 12) & 0x3f), 0x80 | ((codePoint >> 6) & 0x3f)] as const;
    out.push(0xf0 | (codePoint >> 18), ...middle, 0x80 | (codePoint & 0x3f));
  }
}

/**
 * The bytes of a path that `decodePath` gave. Total: a lone surrogate outside U+DC80–U+DCFF, which no path of git's
 * decodes to, becomes the three bytes of its code point and so names no file that git could have named.
 */
export function encodePath(path: string): Uint8Array {
  const out: number[] = [];
  for (const character of path) pushCodePoint(out, character.codePointAt(0) ?? 0);
  return Uint8Array.from(out);
}

/** Byte order of two paths, as git sorts them: below zero when `a` comes first, 0 when they are the same bytes. */
export function comparePaths(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const difference = a.charCodeAt(at) - b.charCodeAt(at);
    if (difference === 0) continue;
    // UTF-16 order is byte order as long as both sides are ASCII here; beyond it the bytes decide.
    if (a.charCodeAt(at) < 0x80 && b.charCodeAt(at) < 0x80) return difference;
    return compareBytes(encodePath(a), encodePath(b));
  }
  return a.length - b.length;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
