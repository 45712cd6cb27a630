import { Buffer } from 'node:buffer';
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { decodeBase64, encodeBase64, isBase64 } from './base64.js';

describe('base64', () => {
  test.prop([fc.uint8Array({ maxLength: 200 })])('is that of Node, there and back', (bytes) => {
    const text = encodeBase64(bytes);
    expect(text).toBe(Buffer.from(bytes).toString('base64'));
    expect(decodeBase64(text)).toEqual(bytes);
  });

  test.prop([fc.stringMatching(/^[A-Za-z0-9+/=]{0,24}$/)])('has one text for the same bytes', (text) => {
    const bytes = decodeBase64(text);
    if (bytes === null) return;
    expect(encodeBase64(bytes)).toBe(text);
    expect(isBase64(text)).toBe(true);
  });

  it.each(['AAA', 'AB==', 'AAB=', '====', 'A===', 'AA=A', 'AA-_', 'AAAA\n', ' AAAA'])('refuses %j', (text) => {
    expect(decodeBase64(text)).toBeNull();
  });
});
