import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { Fault } from './fault.js';

export type DigestFaultCode = 'TEXT_NOT_UNICODE';

const loneSurrogate = /\p{Surrogate}/u;

/** True when a text holds no lone surrogate and so has exactly one UTF-8 form. The empty text has. */
export function isWellFormed(text: string): boolean {
  return !loneSurrogate.test(text);
}

/**
 * UTF-8 bytes of a text. A lone surrogate is refused: platform encoders fold them all into U+FFFD, so two different
 * texts would get one digest.
 * @throws TEXT_NOT_UNICODE
 */
export function encodeUtf8(text: string): Uint8Array {
  if (!isWellFormed(text)) {
    throw new Fault<DigestFaultCode>('TEXT_NOT_UNICODE', 'text holds half of a surrogate pair', {
      mend: 'pass text that is valid Unicode; write a path that is not UTF-8 by its escaped form',
    });
  }
  return utf8ToBytes(text);
}

/** The text of UTF-8 bytes, a byte order mark kept; null when they are not UTF-8 (overlong and surrogate forms too). */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    // The one strict UTF-8 decoder that the language itself has (ECMA-262 §19.2.6).
    return decodeURIComponent(bytesToHex(bytes).replaceAll(/../g, '%$&'));
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

/** SHA-256 of bytes as 64 lower-case hex digits. */
export function digestBytes(bytes: Uint8Array): string {
  return bytesToHex(sha256(bytes));
}

/** SHA-256 of a text's UTF-8 bytes as 64 lower-case hex digits. @throws TEXT_NOT_UNICODE */
export function digestText(text: string): string {
  return digestBytes(encodeUtf8(text));
}
