import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../digest.js';
import { openEnvelope, paeOf, sealEnvelope } from './envelope.js';

describe('paeOf', () => {
  it('gives the bytes of the example in DSSE’s own protocol', () => {
    const bytes = paeOf('http://example.com/HelloWorld', encodeUtf8('hello world'));
    expect(decodeUtf8(bytes)).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
  });

  it('counts bytes, not characters', () => {
    expect(decodeUtf8(paeOf('é', encodeUtf8('ü€')))).toBe('DSSEv1 2 é 5 ü€');
  });

  property.prop([fc.string({ unit: 'grapheme' }), fc.uint8Array(), fc.string({ unit: 'grapheme' }), fc.uint8Array()])(
    'never gives the same bytes for another type or payload',
    (type, payload, otherType, otherPayload) => {
      const same = type === otherType && Buffer.from(payload).equals(otherPayload);
      expect(Buffer.from(paeOf(type, payload)).equals(paeOf(otherType, otherPayload))).toBe(same);
    },
  );
});

describe('an envelope', () => {
  property.prop([fc.uint8Array({ minLength: 1 }), fc.uint8Array({ minLength: 64, maxLength: 64 })])(
    'opens to what was sealed',
    (payload, signature) => {
      const envelope = sealEnvelope(payload, 'SHA256:key', () => signature);
      expect(openEnvelope(envelope)).toEqual({ payload, signature, keyId: 'SHA256:key' });
    },
  );

  it('is signed over type and payload, never over the payload alone', () => {
    const payload = encodeUtf8('{}');
    sealEnvelope(payload, 'k', (message) => {
      expect(decodeUtf8(message)).toBe('DSSEv1 28 application/vnd.in-toto+json 2 {}');
      return new Uint8Array(64);
    });
    expect.assertions(1);
  });

  it('does not open when its base64 is spelled in another way', () => {
    const envelope = sealEnvelope(encodeUtf8('a'), 'k', () => new Uint8Array(64));
    expect(openEnvelope({ ...envelope, payload: 'YR==' })).toBeNull();
    expect(openEnvelope({ ...envelope, payload: 'YQ==' })).not.toBeNull();
  });
});
