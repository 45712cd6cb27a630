import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { maxEntryBytes } from '../../core/ledger/entry.js';
import { buildLog } from '../../core/ledger/fixtures/built-log.js';
import { pureTreeHash, rootOf } from '../../core/ledger/tree.js';
import { type LogCheck, type ReadBack, checkNext, endCheck, startedCheck } from '../../core/ledger/verify-log.js';
import { nativeTreeHash } from './native-tree-hash.js';

const bytes = fc.uint8Array({ maxLength: 300 });

describe('the native hashes', () => {
  property.prop([bytes])('of a leaf are core’s own', (entry) => {
    expect(nativeTreeHash.leaf(entry)).toEqual(pureTreeHash.leaf(entry));
  });

  property.prop([bytes, bytes])('of two subtrees are core’s own, whatever is passed for a hash', (left, right) => {
    expect(nativeTreeHash.children(left, right)).toEqual(pureTreeHash.children(left, right));
  });

  property.prop([fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array({ minLength: 32, maxLength: 32 })])(
    'of two hashes are core’s own, and stay as they were answered',
    (left, right) => {
      const first = nativeTreeHash.children(left, right);
      nativeTreeHash.children(right, left);
      expect(first).toEqual(pureTreeHash.children(left, right));
    },
  );

  it.each([0, 1, maxEntryBytes, maxEntryBytes + 1])('take a leaf of %i bytes', (length) => {
    const entry = new Uint8Array(length).fill(7);
    expect(nativeTreeHash.leaf(entry)).toEqual(pureTreeHash.leaf(entry));
  });
});

describe('a check by native hashes', () => {
  const size = 40;
  const { entries, read } = buildLog(size);
  const expected = [{ size, root: rootOf(size, read), source: 'the head' }];
  const check = (log: readonly ReadBack[], hash: typeof pureTreeHash): LogCheck =>
    endCheck(
      log.reduce((sum, entry) => checkNext(sum, entry, expected, hash), startedCheck),
      expected,
    );
  const index = fc.nat({ max: size - 1 });

  property.prop([index, index, fc.nat(), fc.nat({ max: 255 }), fc.boolean()])(
    'finds what the pure one finds, in a log that is whole and in one that is not',
    (at, other, place, by, swap) => {
      const log: ReadBack[] = entries.map((entry) => ({ ...entry, bytes: entry.bytes.slice() }));
      const changed = log[at];
      if (changed !== undefined) changed.bytes[place % changed.bytes.length]! ^= by;
      if (swap) [log[at], log[other]] = [log[other], log[at]] as [ReadBack, ReadBack];
      expect(check(log, nativeTreeHash)).toEqual(check(log, pureTreeHash));
    },
  );
});
