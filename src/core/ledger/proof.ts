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
  if (!(Number.isSafeInteger(claim.index) && Number.isSafeInteger(claim.size))) return false;
  if (claim.index < 0 || claim.index >= claim.size) return false;
  let at = claim.index;
  let last = claim.size - 1;
  let hash = claim.leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      hash = hashChildren(sibling, hash);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else {
      hash = hashChildren(hash, sibling);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 && equals(hash, claim.root);
}

/** Whether one tree extends another. Total: nonsense is false. @see RFC 9162 §2.1.4.2 */
export function verifyConsistency(
  before: { readonly size: number; readonly root: Hash },
  after: { readonly size: number; readonly root: Hash },
  proof: readonly Hash[],
): boolean {
  if (!(Number.isSafeInteger(before.size) && Number.isSafeInteger(after.size))) return false;
  if (before.size < 0 || before.size > after.size) return false;
  if (before.size === after.size) return proof.length === 0 && equals(before.root, after.root);
  // Every tree extends the empty one, whose root is known to be the hash of nothing.
  if (before.size === 0) return proof.length === 0;
  const steps = Number.isInteger(Math.log2(before.size)) ? [before.root, ...proof] : [...proof];
  const [first, ...rest] = steps;
  if (first === undefined || proof.length === 0) return false;
  let at = before.size - 1;
  let last = after.size - 1;
  while (at % 2 === 1) [at, last] = [(at - 1) / 2, Math.floor(last / 2)];
  let [old, now] = [first, first];
  for (const step of rest) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      [old, now] = [hashChildren(step, old), hashChildren(step, now)];
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else {
      now = hashChildren(now, step);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 && equals(old, before.root) && equals(now, after.root);
}

function equals(one: Hash, other: Hash): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
