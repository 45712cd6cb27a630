import { type Hash, type TreeHash, completeNodes, pureTreeHash } from './tree.js';
import type { LogCheck } from './verify-log.js';
import type { NodePlace } from './wanted-nodes.js';

/** A complete subtree and the hash that its leaves make. */
export interface MadeNode extends NodePlace {
  readonly hash: Hash;
}

/**
 * The nodes above the leaves that the next entry of a checked log completes, lowest first; none where its place is even.
 * They are made of the entries alone: what is stored has no say in them.
 */
export function completedBy(
  { size, frontier }: LogCheck,
  leaf: Hash,
  hash: TreeHash = pureTreeHash,
): readonly MadeNode[] {
  // Left siblings are asked for from the lowest level up, and the frontier holds them largest first.
  let kept = frontier.length;
  const [, ...made] = completeNodes(size, leaf, () => frontier[(kept -= 1)] ?? leaf, hash);
  return made;
}
