import { bytesToHex } from '@noble/hashes/utils.js';
import type { Hash } from './tree.js';

/** A hash as 64 lower-case hex digits. */
export function hexOf(hash: Hash): string {
  return bytesToHex(hash);
}
