import { createHash } from 'node:crypto';
import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { decodeUtf8, digestBytes, digestText, encodeUtf8, isWellFormed } from './digest.js';

const sha256 = (input: Uint8Array | string): string => createHash('sha256').update(input).digest('hex');

describe('digests', () => {
  property.prop([fc.uint8Array({ maxLength: 300 })])('of bytes are those of another implementation', (bytes) => {
    expect(digestBytes(bytes)).toBe(sha256(bytes));
  });

  property.prop([fc.string({ unit: 'binary' })])('of texts are over their UTF-8 bytes', (text) => {
    expect(digestText(text)).toBe(sha256(text));
    expect(decodeUtf8(encodeUtf8(text))).toBe(text);
  });

  it('of texts with half a surrogate pair do not exist', () => {
    expect(isWellFormed('a\ud800')).toBe(false);
    expect(() => digestText('a\ud800')).toThrow(expect.objectContaining({ code: 'TEXT_NOT_UNICODE' }));
    expect(() => digestText('a\ud801')).toThrow(expect.objectContaining({ code: 'TEXT_NOT_UNICODE' }));
  });
});

describe('decodeUtf8', () => {
  property.prop([fc.uint8Array({ maxLength: 8 })])('takes and refuses what the platform does', (bytes) => {
    const decode = (): string => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const ours = decodeUtf8(bytes);
    if (ours === null) expect(decode).toThrow(TypeError);
    else expect(decode()).toBe(ours);
  });

  it.each([[[0xc0, 0x80]], [[0xed, 0xa0, 0x80]], [[0xf4, 0x90, 0x80, 0x80]], [[0xe2, 0x82]], [[0x80]]])(
    'refuses %j',
    (bytes) => {
      expect(decodeUtf8(Uint8Array.from(bytes))).toBeNull();
    },
  );
});
