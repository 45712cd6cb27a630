import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllowedSigners } from '../../src/core/caws/keys/allowed-signers.js';
import type { Verdict } from '../../src/core/caws/verdict/verdict.js';
import { provePlace, readPlace } from '../../src/core/records/prove-place.js';
import type { Signer } from '../../src/ports/signer.js';
import { type Scene, createScene, origin } from './scene.js';

let scene: Scene;
beforeAll(async () => {
  scene = await createScene();
});
afterAll(() => scene.directory.remove());

async function logged() {
  const { verdict, bundlePath, index } = await scene.record();
  return { verdict, bytes: readFileSync(bundlePath ?? ''), index: index ?? -1 };
}

/** A keyring that knows the verdict key, and these keys as logs. */
function trust(verdict: Verdict, ...logs: Signer[]) {
  const lines = logs.map(({ publicKey }) => `arbiter-log namespaces="caws-log" ${publicKey}\n`);
  return { ...scene.trustIn(verdict), signers: parseAllowedSigners(scene.allowed + lines.join('')) };
}

describe('a place in a log', () => {
  it('is proven by the bundle, and vouched for by the log’s key of the keyring', async () => {
    const { verdict, bytes, index } = await logged();
    expect(readPlace(bytes)).toEqual({ origin, index });
    const held = trust(verdict, scene.stranger, scene.logSigner);
    expect(provePlace({ origin, index }, bytes, held)).toEqual({ trouble: null, vouched: true });
  });

  it('is followed, and vouched for by nobody, where the keyring knows no log', async () => {
    const { verdict, bytes, index } = await logged();
    expect(provePlace({ origin, index }, bytes, trust(verdict))).toEqual({ trouble: null, vouched: false });
  });

  it('is followed, and vouched for by nobody, where the log’s key is revoked or at its end', async () => {
    const { verdict, bytes, index } = await logged();
    const held = trust(verdict, scene.logSigner);
    const line = held.signers.entries.findIndex(({ principals }) => principals.includes('arbiter-log'));
    const withLine = (more: object) => ({
      ...held,
      signers: {
        ...held.signers,
        entries: held.signers.entries.map((each, at) => (at === line ? { ...each, ...more } : each)),
      },
    });
    for (const past of [withLine({ revokedAsOfSize: 0 }), withLine({ validBeforeMs: held.nowMs - 1000 })])
      expect(provePlace({ origin, index }, bytes, past)).toEqual({ trouble: null, vouched: false });
  });

  it('is refused when it is another, when nothing proves it, and when the log is a stranger’s', async () => {
    const { verdict, bytes, index } = await logged();
    const held = trust(verdict, scene.logSigner);
    const troubleOf = (...asked: Parameters<typeof provePlace>): string | null => provePlace(...asked).trouble;
    expect(troubleOf({ origin, index: index + 1 }, bytes, held)).toMatch(/its bundle stands at arbiter\.test\/log#\d+/);
    expect(troubleOf({ origin: 'other.log', index }, bytes, held)).toMatch(/names other\.log#/);
    expect(troubleOf({ origin, index }, null, held)).toMatch(/holds no bundle/);
    expect(troubleOf({ origin, index }, Buffer.from('{}\n'), held)).toMatch(/not a bundle/);
    expect(troubleOf({ origin, index }, bytes, trust(verdict, scene.stranger))).toMatch(/does not know the key/);
  });

  it('is refused when the bundle is of another verdict, or was changed', async () => {
    const [one, two] = [await logged(), await logged()];
    const place = { origin, index: one.index };
    expect(provePlace(place, one.bytes, trust(two.verdict, scene.logSigner)).trouble).toMatch(/another verdict\.yaml/);
    const text = one.bytes
      .toString('utf8')
      .replace(/"sig":"(.)/, (_, first: string) => `"sig":"${first === 'A' ? 'B' : 'A'}`);
    expect(provePlace(place, Buffer.from(text), trust(one.verdict, scene.logSigner)).trouble).toMatch(/its bundle: /);
    expect(readPlace(Buffer.from('no'))).toBeNull();
  });
});
