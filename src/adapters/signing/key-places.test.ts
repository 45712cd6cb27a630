import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createShownToWorkers, shownToWorkers } from '../workers/room/shown-to-workers.js';
import { temporaryDirectory } from './fixtures/ssh.js';
import { createKeyring } from './keyring.js';

const directory = temporaryDirectory();
afterAll(directory.remove);
const at = (...names: string[]): string => join(directory.path, ...names);
mkdirSync(at('shown'));
const keyring = createKeyring({
  trustDirectory: at('trust'),
  shownToWorkers: () => [{ path: at('shown'), why: 'where an agent is installed' }],
});

describe('a key that a worker’s sandbox shows', () => {
  it('is neither made nor used, whatever way leads there, and the reason is said', async () => {
    symlinkSync(at('shown'), at('way-in'));
    for (const path of [at('shown', 'key'), at('shown', 'deep', 'key'), at('way-in', 'key')]) {
      await expect(keyring.createKey(path, 'c', null)).rejects.toMatchObject({
        code: 'KEY_WITHIN_SANDBOX',
        message: expect.stringContaining('where an agent is installed'),
      });
      expect(existsSync(path)).toBe(false);
    }
    await createKeyring({ trustDirectory: at('trust') }).createKey(at('shown', 'old'), 'c', null);
    symlinkSync(at('shown', 'old'), at('link'));
    for (const path of [at('shown', 'old'), at('link')]) {
      await expect(keyring.loadSigner(path, null)).rejects.toMatchObject({ code: 'KEY_WITHIN_SANDBOX' });
      expect((await keyring.inspectKey(path, null)).problem).toContain('can be read by workers');
    }
  });

  it('and its honest twin beside it is', async () => {
    await keyring.createKey(at('shown-beside'), 'c', null);
    await expect(keyring.loadSigner(at('shown-beside'), null)).resolves.toBeDefined();
  });

  it('is looked for in the system and where our own node lies', () => {
    const shown = shownToWorkers('').map(({ path }) => path);
    expect(shown).toContain('/usr');
    expect(shown.some((path) => process.execPath.startsWith(`${path}/`) || process.execPath === path)).toBe(true);
    expect(shown).not.toContain('/');
  });

  it('is looked for again after five seconds, and at once on another path', () => {
    const [one, two] = [at('bin-one'), at('bin-two')];
    for (const folder of [one, two]) mkdirSync(folder);
    let [path, nowMs] = [one, 0];
    const shown = createShownToWorkers(
      () => path,
      () => nowMs,
    );
    const codex = (folder: string): boolean =>
      shown().some((each) => each.path === join(realpathSync(folder), 'codex'));
    expect(codex(one)).toBe(false);
    for (const folder of [one, two]) writeFileSync(join(folder, 'codex'), '#!/bin/sh\n', { mode: 0o755 });
    nowMs = 5000;
    expect(codex(one)).toBe(false);
    path = two;
    expect(codex(two)).toBe(true);
    path = one;
    expect(codex(one)).toBe(true);
    rmSync(join(one, 'codex'));
    nowMs = 10_001;
    expect(codex(one)).toBe(false);
  });
});

describe('inspectKey', () => {
  it('says what a key is, whose, and that it is good', async () => {
    const { keyId, publicKey } = await keyring.createKey(at('good'), 'c', null);
    const uid = process.getuid?.();
    const good = { publicKeys: [{ keyId, publicKey }], uid, mode: 0o600, problem: null };
    expect(await keyring.inspectKey(at('good'), null)).toEqual(good);
    rmSync(at('good.pub'));
    expect(await keyring.inspectKey(at('good'), null)).toEqual(good);
  });

  it('says what is wrong and never throws', async () => {
    await keyring.createKey(at('open'), 'c', null);
    chmodSync(at('open'), 0o644);
    expect(await keyring.inspectKey(at('open'), null)).toMatchObject({
      mode: 0o644,
      problem: expect.stringContaining('0644'),
    });
    await keyring.createKey(at('one'), 'c', null);
    await keyring.createKey(at('two'), 'c', null);
    renameSync(at('two.pub'), at('one.pub'));
    const mixed = await keyring.inspectKey(at('one'), null);
    expect(mixed.problem).toContain('another key');
    expect(mixed.publicKeys).toHaveLength(2);
    mkdirSync(at('folder'));
    expect((await keyring.inspectKey(at('folder'), null)).problem).toContain('not a regular file');
    symlinkSync(at('nowhere'), at('dangling'));
    expect((await keyring.inspectKey(at('dangling'), null)).problem).toContain('no key file');
    expect(await keyring.inspectKey(at('absent'), null)).toEqual({
      publicKeys: [],
      uid: null,
      mode: null,
      problem: null,
    });
  });
});

describe('replaceKey', () => {
  const pair = async (name: string) => {
    mkdirSync(at(name));
    const path = at(name, 'verdict');
    const places = { next: `${path}.next`, retired: `${path}.retired-x` };
    const old = await keyring.createKey(path, 'old', null);
    const next = await keyring.createKey(places.next, 'next', null);
    return { path, places, old, next };
  };
  const idAt = async (path: string): Promise<string> => (await keyring.loadSigner(path, null)).signer.keyId;
  const openAt = (path: string): string => readFileSync(`${path}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');

  it.each([
    ['from the start', () => undefined],
    ['after the old key was kept', (path: string) => linkSync(path, `${path}.retired-x`)],
    [
      'after both old halves were kept',
      (path: string) => {
        linkSync(path, `${path}.retired-x`);
        linkSync(`${path}.pub`, `${path}.retired-x.pub`);
      },
    ],
    [
      'after the public half was replaced',
      (path: string) => {
        linkSync(path, `${path}.retired-x`);
        linkSync(`${path}.pub`, `${path}.retired-x.pub`);
        renameSync(`${path}.next.pub`, `${path}.pub`);
      },
    ],
  ])('puts the new key in the old one’s place %s', async (name, stopped) => {
    const { path, places, old, next } = await pair(name);
    stopped(path);
    await keyring.replaceKey(path, places);
    expect([await idAt(path), await idAt(places.retired)]).toEqual([next.keyId, old.keyId]);
    expect([openAt(path), openAt(places.retired)]).toEqual([next.publicKey, old.publicKey]);
    expect(existsSync(places.next)).toBe(false);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('never overwrites what stands under the retired name, and wants the next key', async () => {
    const { path, places } = await pair('taken');
    await keyring.createKey(places.retired, 'another', null);
    await expect(keyring.replaceKey(path, places)).rejects.toMatchObject({ code: 'KEY_EXISTS' });
    rmSync(places.next);
    await expect(keyring.replaceKey(path, places)).rejects.toMatchObject({ code: 'KEY_MISSING' });
  });
});
