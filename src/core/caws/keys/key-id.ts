import { sha256 } from '@noble/hashes/sha2.js';
import { decodeBase64, encodeBase64 } from '../../base64.js';

/** A key id as `ssh-keygen -l` prints it. */
export const keyIdPattern = /^SHA256:[A-Za-z0-9+/]{43}$/;

/** `SHA256:…` of a public key's blob in base64; null when it is no base64 with padding. */
export function keyIdOf(key: string): string | null {
  const blob = decodeBase64(key);
  return blob === null ? null : `SHA256:${encodeBase64(sha256(blob)).replace(/=+$/, '')}`;
}
