import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { encodeUtf8 } from '../digest.js';

/** What sets a commitment apart from every other SHA-256 that we take. Part of the format: it never changes. */
export const commitmentDomain = 'arbiter/content/v1\0';

/** Bytes of a content's salt. */
export const saltBytes = 32;

/**
 * What the log holds of a content: SHA-256(domain ‖ salt ‖ content), in hex. The salt is random and is stored beside the
 * content; without it nobody can test whether a guess is what was committed to. @throws RangeError for a salt of another size
 */
export function commitContent(salt: Uint8Array, content: Uint8Array): string {
  if (salt.length !== saltBytes) throw new RangeError(`a salt of ${salt.length} bytes`);
  return bytesToHex(sha256.create().update(encodeUtf8(commitmentDomain)).update(salt).update(content).digest());
}
