import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../digest.js';
import { parsePem, renderPem, sshKeyOf } from './public-key.js';

const { publicKey } = generateKeyPairSync('ed25519');
const raw = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }).subarray(-32));

describe('a raw public key', () => {
  it('is written as node:crypto writes it, and reads back', () => {
    expect(renderPem(raw)).toBe(publicKey.export({ type: 'spki', format: 'pem' }));
    expect(parsePem(encodeUtf8(renderPem(raw)))).toEqual(raw);
    expect(createPublicKey(renderPem(raw)).equals(publicKey)).toBe(true);
  });

  it.each<[string, (pem: string) => string]>([
    ['CRLF', (pem) => pem.replaceAll('\n', '\r\n')],
    ['no final newline', (pem) => pem.trimEnd()],
    ['something after it', (pem) => `${pem} `],
    ['another key type', (pem) => pem.replace('MCow', 'MCox')],
    ['nothing', () => ''],
    ['another label', (pem) => pem.replaceAll('PUBLIC', 'SECRET')],
  ])('is not read from a PEM with %s', (_name, spoil) => {
    expect(parsePem(encodeUtf8(spoil(renderPem(raw))))).toBeNull();
  });

  it('is known to SSH by the blob of RFC 8709 and its fingerprint', () => {
    const zero = sshKeyOf(new Uint8Array(32));
    // As `ssh-keygen -l` prints the key of 32 zero bytes.
    expect(zero.key).toBe('AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA');
    expect(zero.keyId).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
  });
});
