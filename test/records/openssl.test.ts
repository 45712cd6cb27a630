import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { envelopeSchema, openEnvelope, paeOf } from '../../src/core/records/envelope.js';
import { parseBundle } from '../../src/core/records/bundle.js';
import { renderPem } from '../../src/core/records/public-key.js';
import type { Envelope } from '../../src/core/records/envelope.js';
import type { Signer } from '../../src/ports/signer.js';
import { type Scene, createScene } from './scene.js';

// Raw Ed25519 over a file takes -rawin, which came with OpenSSL 3.0.
const hasOpenssl = /-rawin/.test(spawnSync('openssl', ['pkeyutl', '-help'], { encoding: 'utf8' }).stderr ?? '');
const withOpenssl = it.skipIf(!hasOpenssl);
const why = hasOpenssl ? '' : ' (skipped: no openssl with pkeyutl -rawin)';

let scene: Scene;
let envelopes: readonly Envelope[];
beforeAll(async () => {
  scene = await createScene();
  const recorded = await scene.record();
  const bundle = parseBundle(new Uint8Array(readFileSync(recorded.bundlePath ?? '')));
  const summary = envelopeSchema.parse(JSON.parse(readFileSync(recorded.summaryPath ?? '', 'utf8')));
  envelopes = typeof bundle === 'string' ? [] : [bundle.dsseEnvelope, summary];
});
afterAll(() => scene.directory.remove());

function opensslVerifies(by: Signer, message: Uint8Array, signature: Uint8Array): boolean {
  const at = (name: string): string => join(scene.directory.path, name);
  writeFileSync(at('key.pem'), renderPem(by.publicKeyRaw));
  writeFileSync(at('message'), message);
  writeFileSync(at('signature'), signature);
  const argv = ['pkeyutl', '-verify', '-pubin', '-inkey', at('key.pem'), '-rawin', '-in', at('message')];
  return spawnSync('openssl', [...argv, '-sigfile', at('signature')]).status === 0;
}

describe('openssl', () => {
  withOpenssl(
    `accepts the envelopes of verdict and summary, and refuses each that was tampered with${why}`,
    async () => {
      expect(envelopes).toHaveLength(2);
      for (const envelope of envelopes) {
        const opened = openEnvelope(envelope);
        if (opened === null) throw new Error('the envelope does not open');
        const { payload, signature } = opened;
        const pae = paeOf(envelope.payloadType, payload);
        expect(opensslVerifies(scene.signer, pae, signature)).toBe(true);
        expect(opensslVerifies(scene.logSigner, pae, signature)).toBe(false);
        expect(opensslVerifies(scene.signer, payload, signature)).toBe(false);
        expect(opensslVerifies(scene.signer, paeOf('text/plain', payload), signature)).toBe(false);
        for (const [message, sig] of [
          [changed(pae), signature],
          [pae, changed(signature)],
        ] as const) {
          expect(opensslVerifies(scene.signer, message, sig)).toBe(false);
        }
      }
    },
  );

  withOpenssl(`reads the public key as we write it${why}`, () => {
    const text = execFileSync('openssl', ['pkey', '-pubin', '-noout', '-text'], {
      input: renderPem(scene.signer.publicKeyRaw),
      encoding: 'utf8',
    });
    const hex = text.replaceAll(/[^0-9a-f:]/g, '').replaceAll(':', '');
    expect(hex).toContain(Buffer.from(scene.signer.publicKeyRaw).toString('hex'));
  });
});

function changed(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy[40] = (copy[40] ?? 0) ^ 1;
  return copy;
}
