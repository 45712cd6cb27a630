import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { canonicalJson, digestJson } from './canonical-json.js';

const text = fc.string({ unit: 'binary', maxLength: 10 });
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(text, fc.boolean(), fc.constant(null), fc.maxSafeInteger()),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4 }),
  ),
}));

function reverseKeys(input: unknown): unknown {
  if (Array.isArray(input)) return input.map(reverseKeys);
  if (typeof input !== 'object' || input === null) return input;
  const entries = Object.entries(input).reverse();
  return Object.fromEntries(entries.map(([key, item]) => [key, reverseKeys(item)]));
}

describe('canonicalJson', () => {
  property.prop([value])('is JSON of the same value, and key order never changes its digest', (input) => {
    expect(JSON.parse(canonicalJson(input))).toEqual(input);
    expect(canonicalJson(reverseKeys(input))).toBe(canonicalJson(input));
    expect(digestJson(reverseKeys(input))).toBe(digestJson(input));
  });

  it('writes the sorting and escapes of RFC 8785, §3.2.3 and §3.2.2.2', () => {
    const input = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\u{1f600}': 5, '\u0080': 6, '\u00f6': 7 };
    expect(canonicalJson(input)).toBe('{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\u{1f600}":5,"\ufb33":3}');
    expect(canonicalJson('\u20ac$\u000f\nA\'B"\\/')).toBe('"\u20ac$\\u000f\\nA\'B\\"\\\\/"');
    expect(canonicalJson([-0, 0, -1, Number.MAX_SAFE_INTEGER])).toBe('[0,0,-1,9007199254740991]');
  });

  it.each([
    ['a float', { a: [1.5] }, '/a/0'],
    ['NaN', Number.NaN, ''],
    ['infinity', { x: Infinity }, '/x'],
    ['an unsafe integer', 2 ** 53, ''],
    ['undefined', { a: undefined }, '/a'],
    ['a hole', [1, , 2], '/1'], // oxlint-disable-line no-sparse-arrays
    ['half a surrogate pair', { 'a/b~': '\ud800' }, '/a~1b~0'],
    ['half a surrogate pair as a key', { '\udc00': 1 }, '/\udc00'],
    ['a bigint', 1n, ''],
    ['a function', { f: () => 1 }, '/f'],
    ['a date', { at: new Date(0) }, '/at'],
    ['a map', new Map([[1, 2]]), ''],
    ['bytes', new Uint8Array(2), ''],
  ])('refuses %s and says where', (_name, input, pointer) => {
    expect(() => canonicalJson(input)).toThrow(
      expect.objectContaining({ code: 'JSON_NOT_CANONICAL', message: expect.stringContaining(`"${pointer}"`) }),
    );
  });

  it('refuses a value that contains itself, and ends', () => {
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    expect(() => canonicalJson(loop)).toThrow(expect.objectContaining({ code: 'JSON_NOT_CANONICAL' }));
  });
});
