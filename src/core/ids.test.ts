import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { makeUlid, ulidMs, ulidPattern } from './ids.js';

const time = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const random = fc.uint8Array({ minLength: 10, maxLength: 10 });

describe('makeUlid', () => {
  property.prop([time, random, time, random])('sorts as text by time, and carries its time', (a, x, b, y) => {
    const [first, second] = [makeUlid(a, x), makeUlid(b, y)];
    expect(first).toMatch(ulidPattern);
    expect(ulidMs(first)).toBe(a);
    if (a !== b) expect(first < second).toBe(a < b);
  });

  it('writes the example of the ULID specification’s time, and both ends', () => {
    expect(makeUlid(1469918176385, new Uint8Array(10)).slice(0, 10)).toBe('01ARYZ6S41');
    expect(makeUlid(0, new Uint8Array(10))).toBe('0'.repeat(26));
    expect(makeUlid(2 ** 48 - 1, new Uint8Array(10).fill(255))).toBe(`7${'Z'.repeat(25)}`);
  });

  it.each([
    [-1, 10],
    [1.5, 10],
    [2 ** 48, 10],
    [Number.NaN, 10],
    [0, 9],
    [0, 16],
  ])('refuses time %d with %d bytes', (ms, count) => {
    expect(() => makeUlid(ms, new Uint8Array(count))).toThrow(expect.objectContaining({ code: 'ID_INVALID' }));
  });

  it.each(['', '8ZZZZZZZZZZZZZZZZZZZZZZZZZ', '01ARYZ6S41TSV4RRFFQ69G5FAV0', '01ARYZ6S41TSV4RRFFQ69G5FAI'])(
    'reads no time from %j',
    (text) => {
      expect(() => ulidMs(text)).toThrow(expect.objectContaining({ code: 'ID_INVALID' }));
    },
  );
});
