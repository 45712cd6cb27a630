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
  const { index, size, leaf, root } = claim;
  if (!isCount(index) || !isCount(size) || index >= size) return false;
  const sides = sidesOf({ at: index, last: size - 1 }, proof.length);
  return sides !== null && equals(climb(leaf, proof, sides), root);
}

/** Whether one tree extends another. Total: nonsense is false. @see RFC 9162 §2.1.4.2 */
export function verifyConsistency(
  before: { readonly size: number; readonly root: Hash },
  after: { readonly size: number; readonly root: Hash },
  proof: readonly Hash[],
): boolean {
  if (!isCount(before.size) || !isCount(after.size) || before.size > after.size) return false;
  if (before.size === after.size) return proof.length === 0 && equals(before.root, after.root);
  // Every tree extends the empty one, whose root is known to be the hash of nothing.
  if (before.size === 0) return proof.length === 0;
  return proof.length > 0 && provesGrowth(before, after, proof);
}

/** INVARIANT: 0 < before.size < after.size, and the proof is not empty. */
function provesGrowth(
  before: { readonly size: number; readonly root: Hash },
  after: { readonly size: number; readonly root: Hash },
  proof: readonly Hash[],
): boolean {
  // Where the earlier tree is one complete subtree, its root is where both ways begin, and is left out of the proof.
  const [first, ...rest] = Number.isInteger(Math.log2(before.size)) ? [before.root, ...proof] : proof;
  if (first === undefined) return false;
  const sides = sidesOf(aboveOdd({ at: before.size - 1, last: after.size - 1 }), rest.length);
  if (sides === null) return false;
  const old = climb(
    first,
    rest.filter((_, step) => sides[step] === 'left'),
    sides.filter((side) => side === 'left'),
  );
  return equals(old, before.root) && equals(climb(first, rest, sides), after.root);
}

/** A node by its place in its level, and that of the level's last one. */
interface Rung {
  readonly at: number;
  readonly last: number;
}

function above({ at, last }: Rung): Rung {
  return { at: Math.floor(at / 2), last: Math.floor(last / 2) };
}

/** The subtree that ends with this node: right children are climbed past. */
function aboveOdd(rung: Rung): Rung {
  let found = rung;
  while (found.at % 2 === 1) found = above(found);
  return found;
}

/** On which side each step of a proof stands on the way up to the root; null when it is not as long as the way. */
function sidesOf(from: Rung, steps: number): readonly ('left' | 'right')[] | null {
  const sides: ('left' | 'right')[] = [];
  let rung = from;
  while (sides.length < steps && rung.last > 0) {
    const isLeft = rung.at % 2 === 1 || rung.at === rung.last;
    sides.push(isLeft ? 'left' : 'right');
    // The last node of a level without a sibling stands as it is in the levels above.
    if (isLeft) while (rung.at % 2 === 0 && rung.at > 0) rung = above(rung);
    rung = above(rung);
  }
  return sides.length === steps && rung.last === 0 ? sides : null;
}

function climb(from: Hash, steps: readonly Hash[], sides: readonly ('left' | 'right')[]): Hash {
  return steps.reduce(
    (hash, step, at) => (sides[at] === 'left' ? hashChildren(step, hash) : hashChildren(hash, step)),
    from,
  );
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function equals(one: Hash, other: Hash): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
