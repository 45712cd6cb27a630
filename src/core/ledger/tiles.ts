import { maxEntryBytes } from './entry.js';
import { type Hash, type TreeHash, pureTreeHash } from './tree.js';

/** Hashes in a full tile, and entries in a full bundle. @see C2SP tlog-tiles */
export const tileWidth = 256;

/**
 * Up to 256 hashes side by side: those of tree level `8 * level`, from `256 * index` on. One with fewer is partial, and
 * is replaced by a wider one as the log grows.
 */
export interface Tile {
  readonly level: number;
  readonly index: number;
  readonly hashes: readonly Hash[];
}

/** Path of a tile below the root of the published tree. @see C2SP tlog-tiles, Merkle Tree */
export function tilePath(tile: { readonly level: number; readonly index: number; readonly width: number }): string {
  return `tile/${tile.level}/${numberPath(tile.index)}${partialSuffix(tile.width)}`;
}

/** Path of the bundle of entries from `256 * index` on. @see C2SP tlog-tiles, Log entries */
export function bundlePath(index: number, width: number): string {
  return `tile/entries/${numberPath(index)}${partialSuffix(width)}`;
}

/** Three digits a folder, all but the last with an `x` before them: 1234067 is `x001/x234/067`. */
function numberPath(index: number): string {
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const groups = padded.match(/\d{3}/g) ?? [];
  return groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
}

function partialSuffix(width: number): string {
  return width === tileWidth ? '' : `.p/${width}`;
}

/** The bytes of a tile: its hashes one after the other. */
export function encodeTile(hashes: readonly Hash[]): Uint8Array {
  const bytes = new Uint8Array(hashes.length * 32);
  for (const [at, hash] of hashes.entries()) bytes.set(hash, at * 32);
  return bytes;
}

/** The hashes of a tile of that width; null when the bytes are not as many. */
export function decodeTile(bytes: Uint8Array, width: number): readonly Hash[] | null {
  if (bytes.length !== width * 32) return null;
  return Array.from({ length: width }, (_, at) => bytes.slice(at * 32, at * 32 + 32));
}

/** The bytes of a bundle: each entry after its length in two bytes. @throws RangeError for an entry that is too long */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(entries.reduce((sum, entry) => sum + 2 + entry.length, 0));
  let at = 0;
  for (const entry of entries) {
    if (entry.length > maxEntryBytes) throw new RangeError(`an entry of ${entry.length} bytes fits no bundle`);
    bytes.set([entry.length >> 8, entry.length & 0xff], at);
    bytes.set(entry, at + 2);
    at += 2 + entry.length;
  }
  return bytes;
}

/** The entries of a bundle of that width; null when the bytes are cut off, or hold more or fewer. */
export function decodeBundle(bytes: Uint8Array, width: number): readonly Uint8Array[] | null {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    const [high, low] = bytes.subarray(at, at + 2);
    if (high === undefined || low === undefined) return null;
    const end = at + 2 + (high << 8) + low;
    if (end > bytes.length) return null;
    entries.push(bytes.slice(at + 2, end));
    at = end;
  }
  return entries.length === width ? entries : null;
}

/** Tiles under way, lowest level first. */
export interface Tiling {
  readonly levels: readonly { readonly index: number; readonly hashes: readonly Hash[] }[];
}

/** Of no leaf. */
export const startedTiling: Tiling = { levels: [] };

/** Takes up to 256 leaves that begin a tile, and answers what became full. INVARIANT: only the last take is not of 256. */
export function takeLeaves(
  { levels }: Tiling,
  leaves: readonly Hash[],
  hash: TreeHash = pureTreeHash,
): { readonly tiling: Tiling; readonly full: readonly Tile[] } {
  const next = [...levels];
  const full: Tile[] = [];
  let added = leaves;
  for (let level = 0; added.length > 0; level += 1) {
    const { index, hashes } = next[level] ?? { index: 0, hashes: [] };
    const whole = [...hashes, ...added];
    if (whole.length < tileWidth) {
      next[level] = { index, hashes: whole };
      break;
    }
    full.push({ level, index, hashes: whole });
    next[level] = { index: index + 1, hashes: [] };
    added = [rootOfTile(whole, hash)];
  }
  return { tiling: { levels: next }, full };
}

/** The partial tiles that end the tree. */
export function partialTiles({ levels }: Tiling): readonly Tile[] {
  return levels.flatMap(({ index, hashes }, level) => (hashes.length === 0 ? [] : [{ level, index, hashes }]));
}

/** Hash of the complete subtree over a power of two of hashes side by side. */
export function rootOfTile(hashes: readonly Hash[], hash: TreeHash = pureTreeHash): Hash {
  let row = hashes;
  while (row.length > 1) {
    const below = row;
    row = Array.from({ length: below.length / 2 }, (_, at) =>
      hash.children(below[2 * at] ?? new Uint8Array(32), below[2 * at + 1] ?? new Uint8Array(32)),
    );
  }
  return row[0] ?? new Uint8Array(32);
}

/** The tile that a node of the tree lies in or above, in the tree of `size`, and which of its hashes make it up. */
export function tileOf(
  node: { readonly level: number; readonly index: number },
  size: number,
): {
  readonly level: number;
  readonly index: number;
  readonly width: number;
  readonly from: number;
  readonly count: number;
} {
  const level = Math.floor(node.level / 8);
  const count = 2 ** (node.level % 8);
  const first = node.index * count;
  const index = Math.floor(first / tileWidth);
  const width = Math.min(tileWidth, Math.floor(size / 2 ** (8 * level)) - index * tileWidth);
  return { level, index, width, from: first - index * tileWidth, count };
}
