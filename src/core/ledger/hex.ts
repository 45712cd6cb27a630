import { bytesToHex } from '@noble/hashes/utils.js';
import type { Hash } from './tree.js';

/** A hash as 64 lower-case hex digits. */
export function hexOf(hash: Hash): string {
  return bytesToHex(hash);
}

/** Whether two hashes are the same bytes. */
export function equalHashes(one: Hash, other: Hash): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index += 1) if (one[index] !== other[index]) return false;
  return true;
}
