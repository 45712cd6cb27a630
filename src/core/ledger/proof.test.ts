import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { proveConsistency, proveInclusion, verifyConsistency, verifyInclusion } from './proof.js';
import { type Hash, type ReadNode, completeNodes, hashLeaf, rootOf } from './tree.js';

/** RFC 6962's definition word for word, over all leaves. */
function defined(leaves: readonly Hash[]): Hash {
  const hash = (...parts: readonly Uint8Array[]): Hash =>
    new Uint8Array(createHash('sha256').update(Buffer.concat(parts)).digest());
  const [only] = leaves;
  if (only === undefined) return hash();
  if (leaves.length === 1) return only;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return hash(Uint8Array.of(1), defined(leaves.slice(0, k)), defined(leaves.slice(k)));
}

const most = 70;
const leaves = Array.from({ length: most }, (_, index) => hashLeaf(new TextEncoder().encode(`entry ${index}`)));
const nodes = new Map<string, Hash>();
const read: ReadNode = (level, index) => {
  const hash = nodes.get(`${level}/${index}`);
  if (hash === undefined) throw new Error(`node ${level}/${index} is not complete`);
  return hash;
};
for (const [index, leaf] of leaves.entries()) {
  for (const node of completeNodes(index, leaf, read)) nodes.set(`${node.level}/${node.index}`, node.hash);
}
const roots = Array.from({ length: most + 1 }, (_, size) => defined(leaves.slice(0, size)));
const rootAt = (size: number): Hash => roots[size] ?? new Uint8Array();
const leafAt = (index: number): Hash => leaves[index] ?? new Uint8Array();
const flip = (hash: Hash): Hash => Uint8Array.from(hash, (byte, index) => (index === 7 ? byte ^ 1 : byte));

describe('the tree', () => {
  it('has the roots of RFC 6962, of every size', () => {
    for (let size = 0; size <= most; size += 1) expect(rootOf(size, read)).toEqual(rootAt(size));
  });

  it('has the known root of nothing', () => {
    const hex = Buffer.from(rootOf(0, read)).toString('hex');
    expect(hex).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });
});

describe('inclusion', () => {
  it('is proved for every leaf of every size, and for no other leaf, place, size or root', () => {
    for (let size = 1; size <= most; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const proof = proveInclusion(index, size, read);
        const claim = { index, size, leaf: leafAt(index), root: rootAt(size) };
        expect(verifyInclusion(claim, proof)).toBe(true);
        expect(verifyInclusion({ ...claim, leaf: flip(claim.leaf) }, proof)).toBe(false);
        expect(verifyInclusion({ ...claim, root: flip(claim.root) }, proof)).toBe(false);
        expect(verifyInclusion(claim, [...proof, claim.leaf])).toBe(false);
        if (proof.length === 0) continue;
        expect(verifyInclusion(claim, proof.slice(1))).toBe(false);
        expect(verifyInclusion(claim, [flip(proof[0] ?? claim.leaf), ...proof.slice(1)])).toBe(false);
        const other = (index + 1) % size;
        expect(verifyInclusion({ ...claim, index: other }, proof)).toBe(false);
      }
    }
  });

  it.each([-1, 3, 0.5, Number.NaN])('of leaf %s in a tree of three is refused, not proved', (index) => {
    expect(() => proveInclusion(index, 3, read)).toThrow(RangeError);
    expect(verifyInclusion({ index, size: 3, leaf: leafAt(0), root: rootAt(3) }, [])).toBe(false);
  });
});

describe('consistency', () => {
  it('is proved between all sizes, and not for a changed history', () => {
    for (let size = 0; size <= most; size += 1) {
      for (let before = 0; before <= size; before += 1) {
        const proof = proveConsistency(before, size, read);
        const [old, now] = [
          { size: before, root: rootAt(before) },
          { size, root: rootAt(size) },
        ];
        expect(verifyConsistency(old, now, proof)).toBe(true);
        expect(verifyConsistency(old, now, [...proof, now.root])).toBe(false);
        if (before === 0) continue;
        expect(verifyConsistency({ ...old, root: flip(old.root) }, now, proof)).toBe(false);
        expect(verifyConsistency(old, { ...now, root: flip(now.root) }, proof)).toBe(false);
        if (proof.length > 0) expect(verifyConsistency(old, now, proof.slice(1))).toBe(false);
      }
    }
  });

  it('with a tree that is shorter is refused', () => {
    expect(() => proveConsistency(4, 3, read)).toThrow(RangeError);
    expect(verifyConsistency({ size: 4, root: rootAt(4) }, { size: 3, root: rootAt(3) }, [])).toBe(false);
  });
});
