import { fc, test as property } from '@fast-check/vitest';
import { expect } from 'vitest';
import { encodeUtf8 } from '../digest.js';
import { encodeEntry } from './entry.js';
import { hexOf } from './hex.js';
import { prevOf } from './prev-of.js';

const pattern = /^\{"apiVersion":"\d+\.\d+\.\d+","kind":"[a-z][a-z0-9-]{0,63}","prev":"([0-9a-f]{64})","spec":\{/;
const expected = (bytes: Uint8Array): string | null =>
  pattern.exec(String.fromCharCode(...bytes.subarray(0, 400)))?.[1] ?? null;
const found = (bytes: Uint8Array): string | null => {
  const prev = prevOf(bytes);
  return prev === null ? null : hexOf(prev);
};

const entry = fc
  .record({
    apiVersion: fc.stringMatching(/^\d{1,3}\.\d{1,3}\.\d{1,3}$/),
    kind: fc.stringMatching(/^[a-z][a-z0-9-]{0,63}$/),
    prev: fc.stringMatching(/^[0-9a-f]{64}$/),
    words: fc.string({ unit: 'grapheme', maxLength: 5 }),
  })
  .map(({ prev, words, ...draft }) => encodeEntry({ ...draft, spec: { words } }, prev));

property.prop([entry])('reads what an entry names as the one before it', (bytes) => {
  expect(found(bytes)).toBe(expected(bytes));
  expect(found(bytes)).not.toBeNull();
});

property.prop([entry, fc.nat({ max: 200 }), fc.constantFrom(...'"{}:,.-/09:@AFGafgz`'), fc.nat({ max: 2 })], {
  numRuns: 2000,
})('reads what a pattern reads when a byte is put in, changed or taken away', (bytes, at, sign, taken) => {
  const place = at % bytes.length;
  const more = taken === 2 ? [] : encodeUtf8(sign);
  const edited = Uint8Array.of(...bytes.subarray(0, place), ...more, ...bytes.subarray(place + (taken === 0 ? 0 : 1)));
  expect(found(edited)).toBe(expected(edited));
});

property.prop([entry, fc.nat({ max: 300 })])('reads nothing of an entry that is cut off in its head', (bytes, to) => {
  expect(found(bytes.subarray(0, to))).toBe(expected(bytes.subarray(0, to)));
});

property.prop([fc.stringMatching(/^[a-z]{60,70}$/)])('takes a kind of 64 letters and none longer', (kind) => {
  const bytes = encodeUtf8(`{"apiVersion":"1.0.0","kind":"${kind}","prev":"${'a'.repeat(64)}","spec":{}}`);
  expect(found(bytes)).toBe(kind.length <= 64 ? 'a'.repeat(64) : null);
});
