import { equalHashes } from './hex.js';
import { prevOf } from './prev-of.js';
import { type Hash, type TreeHash, pureTreeHash, rootOf } from './tree.js';
import { type NodePlace, frontierOf } from './wanted-nodes.js';

/** One entry as it is read back; `leaf` null where only the bytes were published. */
export interface ReadBack {
  readonly index: number;
  readonly bytes: Uint8Array;
  readonly leaf: Hash | null;
}

/** The first place where a log is not what it should be. `index` null: the entries agree, but are not those of the root. */
export interface LogFlaw {
  readonly index: number | null;
  readonly what: string;
}

/** A state that the entries have to lead to. */
export interface ExpectedState {
  readonly size: number;
  readonly root: Hash;
  /** Where it comes from, in words. */
  readonly source: string;
}

/** A complete subtree and the hash that its leaves make. */
export interface MadeNode extends NodePlace {
  readonly hash: Hash;
}

/** How far a log has been checked. Small, whatever the size. */
export interface LogCheck {
  /** Entries that were found good. */
  readonly size: number;
  /** Leaf hash of the last of them; zeros before the first. */
  readonly prev: Hash;
  /** Complete subtrees, largest first: those of `frontierOf(size)`. */
  readonly frontier: readonly Hash[];
  /**
   * Nodes above the leaves that the last of them completed, lowest first; none where its place is even. They are made of
   * the entries alone: what is stored has no say in them.
   */
  readonly made: readonly MadeNode[];
  readonly flaw: LogFlaw | null;
}

/** Before the first entry. */
export const startedCheck: LogCheck = { size: 0, prev: new Uint8Array(32), frontier: [], made: [], flaw: null };

/**
 * Takes the next entry of a log. Total: whatever is wrong becomes the flaw, and nothing after the first one is looked at.
 * `expected` are states to compare with on the way; those of other sizes are left alone.
 */
export function checkNext(
  check: LogCheck,
  entry: ReadBack,
  expected: readonly ExpectedState[] = [],
  hash: TreeHash = pureTreeHash,
): LogCheck {
  if (check.flaw !== null) return check;
  const leaf = hash.leaf(entry.bytes);
  const what = findFlaw(check, entry, leaf);
  if (what !== null) return { ...check, flaw: { index: check.size, what } };
  const { frontier, made } = pushLeaf(check.frontier, check.size, leaf, hash);
  const next: LogCheck = { size: check.size + 1, prev: leaf, frontier, made, flaw: null };
  return compare(next, expected);
}

/** The end of the log: all expected states must have been reached. A flaw is answered with the size that was good. */
export function endCheck(check: LogCheck, expected: readonly ExpectedState[]): LogCheck {
  // A state of no entries is not passed on the way.
  const whole = check.size === 0 && check.flaw === null ? compare(check, expected) : check;
  const beyond = expected.find(({ size }) => size > whole.size);
  if (whole.flaw !== null || beyond === undefined) return whole;
  const what = `it ends after ${whole.size} entries, and ${beyond.source} has ${beyond.size}: its tail is missing`;
  return { ...whole, flaw: { index: whole.size, what } };
}

/** A check that cannot go on, as the next entry cannot be had. */
export function stopCheck(check: LogCheck, what: string): LogCheck {
  return check.flaw === null ? { ...check, flaw: { index: check.size, what } } : check;
}

/** Root over the entries that were found good. */
export function rootOfCheck({ size, frontier }: LogCheck): Hash {
  const places = frontierOf(size);
  return rootOf(size, (level, index) => {
    const at = places.findIndex((place) => place.level === level && place.index === index);
    return frontier[at] ?? new Uint8Array(32);
  });
}

function findFlaw(check: LogCheck, entry: ReadBack, leaf: Hash): string | null {
  if (entry.index !== check.size) return `entry ${check.size} is missing: ${entry.index} stands in its place`;
  if (entry.leaf !== null && !equalHashes(entry.leaf, leaf)) {
    return `entry ${entry.index} was changed: its bytes are not those that its leaf was made of`;
  }
  const prev = prevOf(entry.bytes);
  if (prev === null) return `entry ${entry.index} is no entry`;
  if (equalHashes(prev, check.prev)) return null;
  return entry.index === 0
    ? 'entry 0 does not begin the log: it names an entry before it'
    : `entry ${entry.index} does not follow entry ${entry.index - 1}: it names another one as the entry before it`;
}

function compare(check: LogCheck, expected: readonly ExpectedState[]): LogCheck {
  if (!expected.some(({ size }) => size === check.size)) return check;
  const root = rootOfCheck(check);
  const wrong = expected.find((state) => state.size === check.size && !equalHashes(state.root, root));
  if (wrong === undefined) return check;
  return { ...check, flaw: { index: null, what: `the first ${check.size} entries are not those of ${wrong.source}` } };
}

/** The frontier after one more leaf: as often as the size before is odd, the last subtree is completed by its sibling. */
function pushLeaf(
  frontier: readonly Hash[],
  size: number,
  leaf: Hash,
  tree: TreeHash,
): Pick<LogCheck, 'frontier' | 'made'> {
  const made: MadeNode[] = [];
  let hash = leaf;
  let kept = frontier.length;
  for (let level = 1, left = size; left % 2 === 1; level += 1, left = (left - 1) / 2) {
    kept -= 1;
    hash = tree.children(frontier[kept] ?? leaf, hash);
    made.push({ level, index: (left - 1) / 2, hash });
  }
  return { frontier: [...frontier.slice(0, kept), hash], made };
}
