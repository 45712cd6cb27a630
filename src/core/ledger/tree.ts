import { sha256 } from '@noble/hashes/sha2.js';

/** A SHA-256 digest, 32 bytes. */
export type Hash = Uint8Array;

/**
 * The hash of a complete subtree: `level` 0 are leaves, and node `index` of a level covers the leaves from
 * `index * 2^level` up to, and without, `(index + 1) * 2^level`.
 */
export type ReadNode = (level: number, index: number) => Hash;

/**
 * The two hashes that a tree is made of. Core's own are `pureTreeHash`; a caller with a native SHA-256 passes its own,
 * which must answer the same bytes, each time in an array of its own.
 */
export interface TreeHash {
  readonly leaf: (bytes: Uint8Array) => Hash;
  readonly children: (left: Hash, right: Hash) => Hash;
}

/** Hash of an entry's bytes as a leaf. @see RFC 6962 §2.1 */
export function hashLeaf(bytes: Uint8Array): Hash {
  return sha256.create().update(leafPrefix).update(bytes).digest();
}

/** Hash of two subtrees side by side. @see RFC 6962 §2.1 */
export function hashChildren(left: Hash, right: Hash): Hash {
  return sha256.create().update(nodePrefix).update(left).update(right).digest();
}

/** By SHA-256 in plain JavaScript: everywhere the same, and several times slower than a native one. */
export const pureTreeHash: TreeHash = { leaf: hashLeaf, children: hashChildren };

const leafPrefix = new Uint8Array([0]);
const nodePrefix = new Uint8Array([1]);

/** Root of the tree over the first `size` leaves; of no leaf the hash of nothing. O(log size) reads. */
export function rootOf(size: number, read: ReadNode, hash: TreeHash = pureTreeHash): Hash {
  return size === 0 ? sha256(new Uint8Array()) : hashRange(0, size, read, hash);
}

/**
 * Hash of the leaves from `begin` up to, and without, `end`, as RFC 6962's MTH has it. Where the range is a complete
 * subtree that is one read.
 * INVARIANT: begin is a multiple of the smallest power of two that is not less than end - begin.
 */
export function hashRange(begin: number, end: number, read: ReadNode, hash: TreeHash = pureTreeHash): Hash {
  const count = end - begin;
  const level = Math.log2(count);
  if (Number.isInteger(level)) return read(level, begin / count);
  const middle = begin + splitOf(count);
  return hash.children(hashRange(begin, middle, read, hash), hashRange(middle, end, read, hash));
}

/** The largest power of two that is less than `count`, of at least 2. @see RFC 6962 §2.1 */
export function splitOf(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

/** The nodes that have become complete once the leaf at `index` is there: the leaf itself, then its parents, lowest first. */
export function completeNodes(
  index: number,
  leaf: Hash,
  read: ReadNode,
  tree: TreeHash = pureTreeHash,
): readonly { readonly level: number; readonly index: number; readonly hash: Hash }[] {
  const nodes = [{ level: 0, index, hash: leaf }];
  let hash = leaf;
  // A right child completes its parent; the left one was complete before.
  for (let level = 0, at = index; at % 2 === 1; level += 1, at = (at - 1) / 2) {
    hash = tree.children(read(level, at - 1), hash);
    nodes.push({ level: level + 1, index: (at - 1) / 2, hash });
  }
  return nodes;
}
