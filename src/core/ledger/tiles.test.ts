import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import {
  type Tile,
  bundlePath,
  decodeBundle,
  decodeTile,
  encodeBundle,
  encodeTile,
  partialTiles,
  rootOfTile,
  startedTiling,
  takeLeaves,
  tileOf,
  tilePath,
} from './tiles.js';
import { type Hash, type ReadNode, hashChildren, hashLeaf, rootOf } from './tree.js';

const many = 70_000;
const leaves = Array.from({ length: many }, (_, index) =>
  hashLeaf(Uint8Array.of(index >> 16, (index >> 8) & 255, index & 255)),
);

function tilesFor(size: number): ReadonlyMap<string, readonly Hash[]> {
  let tiling = startedTiling;
  const tiles: Tile[] = [];
  for (let at = 0; at < size; at += 256) {
    const taken = takeLeaves(tiling, leaves.slice(at, Math.min(at + 256, size)));
    tiling = taken.tiling;
    tiles.push(...taken.full);
  }
  tiles.push(...partialTiles(tiling));
  return new Map(
    tiles.map(({ level, index, hashes }) => [tilePath({ level, index, width: hashes.length }), hashes] as const),
  );
}

const plain = (() => {
  const levels: Hash[][] = [leaves];
  for (let below = leaves; below.length > 1; below = levels.at(-1) ?? []) {
    const at = (index: number): Hash => below[index] ?? new Uint8Array();
    levels.push(
      Array.from({ length: below.length >> 1 }, (_, index) => hashChildren(at(2 * index), at(2 * index + 1))),
    );
  }
  const read: ReadNode = (level, index) => levels[level]?.[index] ?? new Uint8Array();
  return read;
})();

describe('tiles', () => {
  it('are named as C2SP tlog-tiles names them', () => {
    expect(tilePath({ level: 0, index: 0, width: 256 })).toBe('tile/0/000');
    expect(tilePath({ level: 1, index: 1_234_067, width: 256 })).toBe('tile/1/x001/x234/067');
    expect(tilePath({ level: 0, index: 273, width: 112 })).toBe('tile/0/273.p/112');
    expect(bundlePath(1000, 256)).toBe('tile/entries/x001/000');
    expect(bundlePath(70_000 >> 8, 70_000 & 255)).toBe('tile/entries/273.p/112');
  });

  it('of a log of 70,000 are those of the specification', () => {
    const names = [...tilesFor(many).keys()];
    expect(names.filter((name) => name.startsWith('tile/0/'))).toHaveLength(274);
    expect(names.filter((name) => !name.startsWith('tile/0/'))).toEqual([
      'tile/1/000',
      'tile/1/001.p/17',
      'tile/2/000.p/1',
    ]);
  });

  it.each([1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, many])(
    'of %i hold every node that a root needs',
    (size) => {
      const tiles = tilesFor(size);
      const read: ReadNode = (level, index) => {
        const { from, count, ...tile } = tileOf({ level, index }, size);
        const hashes = tiles.get(tilePath(tile));
        if (hashes === undefined) throw new Error(`no ${tilePath(tile)}`);
        return rootOfTile(hashes.slice(from, from + count));
      };
      expect(rootOf(size, read)).toEqual(rootOf(size, plain));
    },
  );

  it('read back, and no others', () => {
    const hashes = leaves.slice(0, 5);
    expect(decodeTile(encodeTile(hashes), 5)).toEqual(hashes);
    expect(decodeTile(encodeTile(hashes), 6)).toBeNull();
    expect(decodeTile(encodeTile(hashes).slice(1), 5)).toBeNull();
  });
});

describe('bundles', () => {
  property.prop([fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 6 })])(
    'read back as they were',
    (entries) => {
      expect(decodeBundle(encodeBundle(entries), entries.length)).toEqual(entries);
      expect(decodeBundle(encodeBundle(entries), entries.length + 1)).toBeNull();
    },
  );

  it('that are cut off are none', () => {
    const bytes = encodeBundle([new Uint8Array(300), new Uint8Array(65_535)]);
    expect(bytes).toHaveLength(300 + 65_535 + 4);
    for (const cut of [1, 2, 301, 303, bytes.length - 1]) expect(decodeBundle(bytes.slice(0, cut), 2)).toBeNull();
    expect(() => encodeBundle([new Uint8Array(65_536)])).toThrow(RangeError);
  });
});
