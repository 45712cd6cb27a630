import type { Hash, ReadNode } from './tree.js';

/** A complete subtree by its place in the tree, as `ReadNode` has it. */
export interface NodePlace {
  readonly level: number;
  readonly index: number;
}

/**
 * Which nodes a computation over the tree reads, so that they can be fetched together: it is run once over hashes that
 * mean nothing. What it reads may not depend on the hashes.
 */
export function wantedNodes(compute: (read: ReadNode) => unknown): readonly NodePlace[] {
  const places = new Map<string, NodePlace>();
  compute((level, index) => {
    places.set(`${level}/${index}`, { level, index });
    return nothing;
  });
  return [...places.values()];
}

const nothing: Hash = new Uint8Array(32);

/** Reads from what was fetched; `missing` makes the fault of a node that is not there. */
export function readFrom(
  places: readonly NodePlace[],
  hashes: readonly Hash[],
  missing: (place: NodePlace) => Error,
): ReadNode {
  const known = new Map(places.map(({ level, index }, at) => [`${level}/${index}`, hashes[at]]));
  return (level, index) => {
    const hash = known.get(`${level}/${index}`);
    if (hash === undefined) throw missing({ level, index });
    return hash;
  };
}

/** The complete subtrees that the first `size` leaves fall into, largest first: what a root, and the next entry, need. */
export function frontierOf(size: number): readonly NodePlace[] {
  const places: NodePlace[] = [];
  for (let left = size, begin = 0; left > 0;) {
    const level = Math.floor(Math.log2(left));
    const count = 2 ** level;
    places.push({ level, index: begin / count });
    begin += count;
    left -= count;
  }
  return places;
}
