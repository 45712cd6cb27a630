import { createHash } from 'node:crypto';
import { fc, it } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { commitContent, commitmentDomain } from './commitment.js';

const salt = fc.uint8Array({ minLength: 32, maxLength: 32 });
const content = fc.uint8Array({ maxLength: 300 });

describe('a commitment', () => {
  it.prop([salt, content])('is SHA-256 of domain, salt and content, one after the other', (random, bytes) => {
    const whole = Buffer.concat([Buffer.from('arbiter/content/v1\0'), random, bytes]);
    expect(commitContent(random, bytes)).toBe(createHash('sha256').update(whole).digest('hex'));
    expect(commitContent(random, bytes)).not.toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  it.prop([salt, salt, content, content])('is another one for another salt or another content', (a, b, x, y) => {
    const same = Buffer.compare(a, b) === 0 && Buffer.compare(x, y) === 0;
    expect(commitContent(a, x) === commitContent(b, y)).toBe(same);
  });

  it('takes salts of one size, so that a byte never moves from salt to content', () => {
    for (const size of [0, 31, 33])
      expect(() => commitContent(new Uint8Array(size), new Uint8Array())).toThrow(RangeError);
    expect(commitmentDomain.endsWith('\0')).toBe(true);
  });
});
