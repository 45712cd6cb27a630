import { hash } from 'node:crypto';
import { maxEntryBytes } from '../../core/ledger/entry.js';
import type { TreeHash } from '../../core/ledger/tree.js';

// Prefix and content in one piece: one call a hash. Nothing waits in between, so that one place each is enough.
const leafRoom = new Uint8Array(1 + maxEntryBytes);
const pairRoom = new Uint8Array(65);
pairRoom[0] = 1;

/** The tree's hashes by node:crypto, which uses the processor's own SHA-256 instructions. @see RFC 6962 §2.1 */
export const nativeTreeHash: TreeHash = {
  leaf(bytes) {
    const room = bytes.length <= maxEntryBytes ? leafRoom : new Uint8Array(1 + bytes.length);
    room.set(bytes, 1);
    return digest(room.subarray(0, 1 + bytes.length));
  },
  children(left, right) {
    // Other lengths are no hashes of ours: the room would be half filled.
    if (left.length !== 32 || right.length !== 32) return digest(Uint8Array.of(1, ...left, ...right));
    pairRoom.set(left, 1);
    pairRoom.set(right, 33);
    return digest(pairRoom);
  },
};

/** As a string of bytes: node makes that in half the time that it takes for a buffer. */
function digest(bytes: Uint8Array): Uint8Array {
  const text = hash('sha256', bytes, 'binary');
  const made = new Uint8Array(32);
  for (let index = 0; index < 32; index += 1) made[index] = text.charCodeAt(index);
  return made;
}
