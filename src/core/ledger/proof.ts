import { equalHashes } from './hex.js';
import { type Hash, type ReadNode, hashChildren, hashRange, splitOf } from './tree.js';

/**
 * The audit path of a leaf in the tree of `size` leaves, from the leaf up. @throws RangeError unless 0 ≤ index < size
 * @see RFC 6962 §2.1.1
 */
export function proveInclusion(index: number, size: number, read: ReadNode): readonly Hash[] {
  if (!(Number.isSafeInteger(index) && index >= 0 && index < size)) {
    throw new RangeError(`there is no leaf ${index} in a tree of ${size}`);
  }
  const path = (begin: number, end: number): Hash[] => {
    if (end - begin === 1) return [];
    const middle = begin + splitOf(end - begin);
    return index < middle
      ? [...path(begin, middle), hashRange(middle, end, read)]
      : [...path(middle, end), hashRange(begin, middle, read)];
  };
  return path(0, size);
}

/**
 * That the tree of `size` leaves extends that of the first `before`; empty when nothing is to be proved (none before, or
 * as many). @throws RangeError unless 0 ≤ before ≤ size @see RFC 6962 §2.1.2
 */
export function proveConsistency(before: number, size: number, read: ReadNode): readonly Hash[] {
  if (!(Number.isSafeInteger(before) && before >= 0 && before <= size)) {
    throw new RangeError(`a tree of ${size} does not extend one of ${before}`);
  }
  if (before === 0 || before === size) return [];
  const proof = (begin: number, end: number, isWhole: boolean): Hash[] => {
    if (before === end) return isWhole ? [] : [hashRange(begin, end, read)];
    const middle = begin + splitOf(end - begin);
    return before <= middle
      ? [...proof(begin, middle, isWhole), hashRange(middle, end, read)]
      : [...proof(middle, end, false), hashRange(begin, middle, read)];
  };
  return proof(0, size, true);
}

/** Whether a leaf's hash stands at an index of the tree with that root. Total: nonsense is false. @see RFC 9162 §2.1.3.2 */
export function verifyInclusion(
  claim: { readonly index: number; readonly size: number; readonly leaf: Hash; readonly root: Hash },
  proof: readonly Hash[],
): boolean {
  if (!isCount(claim.index) || !isCount(claim.size) || claim.index >= claim.size) return false;
  let hash = claim.leaf;
  const arrives = climb(claim.index, claim.size - 1, proof, (sibling, isLeft) => {
    hash = isLeft ? hashChildren(sibling, hash) : hashChildren(hash, sibling);
  });
  return arrives && equalHashes(hash, claim.root);
}

/** Whether one tree extends another. Total: nonsense is false. @see RFC 9162 §2.1.4.2 */
export function verifyConsistency(
  before: { readonly size: number; readonly root: Hash },
  after: { readonly size: number; readonly root: Hash },
  proof: readonly Hash[],
): boolean {
  if (!isCount(before.size) || !isCount(after.size) || before.size > after.size) return false;
  if (before.size === after.size) return proof.length === 0 && equalHashes(before.root, after.root);
  // Every tree extends the empty one, whose root is known to be the hash of nothing.
  if (before.size === 0) return proof.length === 0;
  if (proof.length === 0) return false;
  const [first, ...rest] = Number.isInteger(Math.log2(before.size)) ? [before.root, ...proof] : proof;
  return first !== undefined && growsFrom(first, rest, before, after);
}

/** Both roots are made from the one subtree that they share: the old one of what stands left of it, the new one of all. */
function growsFrom(
  shared: Hash,
  steps: readonly Hash[],
  before: { readonly size: number; readonly root: Hash },
  after: { readonly size: number; readonly root: Hash },
): boolean {
  let at = before.size - 1;
  let last = after.size - 1;
  while (at % 2 === 1) [at, last] = [(at - 1) / 2, Math.floor(last / 2)];
  let [old, now] = [shared, shared];
  const arrives = climb(at, last, steps, (step, isLeft) => {
    if (isLeft) old = hashChildren(step, old);
    now = isLeft ? hashChildren(step, now) : hashChildren(now, step);
  });
  return arrives && equalHashes(old, before.root) && equalHashes(now, after.root);
}

/**
 * Goes up from the node `at` of a level whose last one is `last`, and tells of each hash of a proof on which side of the
 * way it stands. True when the hashes lead to the root: no fewer and no more.
 */
function climb(
  at: number,
  last: number,
  proof: readonly Hash[],
  join: (sibling: Hash, isLeft: boolean) => void,
): boolean {
  for (const sibling of proof) {
    if (last === 0) return false;
    const isLeft = at % 2 === 1 || at === last;
    join(sibling, isLeft);
    // A last node without a sibling is its own parent, as often as that goes on.
    while (isLeft && at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
