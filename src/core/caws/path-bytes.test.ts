import { fc, test } from '@fast-check/vitest';
import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { comparePaths, decodePath, encodePath } from './path-bytes.js';

const bytes = fc.uint8Array({ maxLength: 40 });
const nearUtf8 = fc
  .array(fc.oneof(fc.constantFrom(0x61, 0x2f, 0x80, 0xbf, 0xc2, 0xe0, 0xed, 0xa0, 0x9f, 0xf0, 0x90, 0xf4, 0xff)), {
    maxLength: 12,
  })
  .map((list) => Uint8Array.from(list));

describe('paths as bytes and as strings', () => {
  test.prop([fc.oneof(bytes, nearUtf8)])('every byte string comes back as it went in', (path) => {
    expect([...encodePath(decodePath(path))]).toEqual([...path]);
  });

  test.prop([fc.string({ unit: 'grapheme' })])('valid UTF-8 reads as it does everywhere', (text) => {
    expect(decodePath(Buffer.from(text, 'utf8'))).toBe(text);
    expect(Buffer.from(encodePath(text)).toString('utf8')).toBe(text);
  });

  test.prop([fc.oneof(bytes, nearUtf8), fc.oneof(bytes, nearUtf8)])('sorts as the bytes sort', (a, b) => {
    expect(Math.sign(comparePaths(decodePath(a), decodePath(b)))).toBe(Math.sign(Buffer.compare(a, b)));
  });

  it('keeps a bad byte as the lone surrogate of PEP 383', () => {
    expect(decodePath(Uint8Array.of(0x61, 0xff, 0x62))).toBe('a\udcffb');
    expect(decodePath(Uint8Array.of(0xed, 0xb3, 0xbf))).toBe('\udced\udcb3\udcbf');
    expect(decodePath(new Uint8Array())).toBe('');
  });

  it('gives a surrogate that no path decodes to bytes that no path has', () => {
    expect([...encodePath('\ud800')]).toEqual([0xed, 0xa0, 0x80]);
  });
});
