import { bytesToHex } from '@noble/hashes/utils.js';
import type { Checkpoint } from './checkpoint.js';
import { verifyConsistency } from './proof.js';
import type { Hash } from './tree.js';

/**
 * Whether a log that was seen in one state can have grown into another; null when it can, else what is wrong. `proof` is
 * that of `proveConsistency`; nothing of it is trusted. Every state of the same log may follow on none at all.
 */
export function judgeGrowth(seen: Checkpoint | null, offered: Checkpoint, proof: readonly Hash[]): string | null {
  if (seen === null) return null;
  if (seen.origin !== offered.origin) return `it is of the log ${offered.origin}, and not of ${seen.origin}`;
  if (offered.size < seen.size) {
    return `it has ${offered.size} entries, and ${seen.size} were seen before: the log was cut, or this is an old state`;
  }
  if (offered.size === seen.size && bytesToHex(offered.root) !== bytesToHex(seen.root)) {
    return `a second root at ${seen.size} entries: the log tells two histories`;
  }
  if (verifyConsistency(seen, offered, proof)) return null;
  return `its ${offered.size} entries do not begin with the ${seen.size} that were seen before: the log was rewritten`;
}
