import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Fault } from '../../core/fault.js';
import { hasSshKeygen, sshKeygen, temporaryDirectory } from './fixtures/ssh.js';
import { createKeyring } from './keyring.js';
import { signedData } from './sshsig.js';

const directory = temporaryDirectory();
afterAll(directory.remove);
const at = (...names: string[]): string => join(directory.path, ...names);
const repository = at('repository');
mkdirSync(join(repository, 'sub'), { recursive: true });
const keyring = createKeyring({ trustDirectory: at('trust') });
const faultOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error: unknown) => (error instanceof Fault ? error.code : `no fault: ${String(error)}`),
  );
const withSshKeygen = it.skipIf(!hasSshKeygen);
const why = hasSshKeygen ? '' : ' (skipped: ssh-keygen missing)';

describe('createKey', () => {
  it('makes a key for its owner alone, in folders for its owner alone', async () => {
    await keyring.createKey(at('new', 'keys', 'verdict'), 'c', repository);
    expect(statSync(at('new', 'keys', 'verdict')).mode & 0o777).toBe(0o600);
    expect(statSync(at('new', 'keys')).mode & 0o777).toBe(0o700);
  });

  it('never overwrites a key, nor the public half alone, nor a link that leads nowhere', async () => {
    await keyring.createKey(at('kept'), 'c', null);
    const before = readFileSync(at('kept'), 'utf8');
    expect(await faultOf(keyring.createKey(at('kept'), 'c', null))).toBe('KEY_EXISTS');
    expect(readFileSync(at('kept'), 'utf8')).toBe(before);
    writeFileSync(at('half.pub'), 'precious');
    expect(await faultOf(keyring.createKey(at('half'), 'c', null))).toBe('KEY_EXISTS');
    expect(existsSync(at('half'))).toBe(false);
    symlinkSync(at('nowhere'), at('dangling'));
    expect(await faultOf(keyring.createKey(at('dangling'), 'c', null))).toBe('KEY_EXISTS');
    expect(existsSync(at('nowhere'))).toBe(false);
  });

  it('refuses every way into the repository', async () => {
    symlinkSync(join(repository, 'sub'), at('link-in'));
    symlinkSync(repository, at('other-name'));
    for (const path of [
      join(repository, 'key'),
      join(repository, 'deep', 'new', 'key'),
      at('link-in', 'key'),
      at('other-name', 'key'),
      join(repository, '..', 'repository', 'key'),
    ]) {
      expect([path, await faultOf(keyring.createKey(path, 'c', repository))]).toEqual([path, 'KEY_INSIDE_REPOSITORY']);
      expect(await faultOf(keyring.createKey(path, 'c', at('other-name')))).toBe('KEY_INSIDE_REPOSITORY');
    }
    expect(await faultOf(keyring.createKey(at('..beside'), 'c', directory.path))).toBe('KEY_INSIDE_REPOSITORY');
    expect(await faultOf(keyring.createKey(at('repository-beside'), 'c', repository))).toBe('none');
  });
});

describe('loadSigner', () => {
  it('refuses a key that lies in the repository, by either end of a link', async () => {
    await keyring.createKey(at('outside'), 'c', repository);
    symlinkSync(at('outside'), join(repository, 'link-out'));
    await keyring.createKey(join(repository, 'inside'), 'c', null);
    symlinkSync(join(repository, 'inside'), at('link-to-inside'));
    for (const path of [join(repository, 'inside'), join(repository, 'link-out'), at('link-to-inside')]) {
      expect([path, await faultOf(keyring.loadSigner(path, repository))]).toEqual([path, 'KEY_INSIDE_REPOSITORY']);
    }
    expect(await faultOf(keyring.loadSigner(at('outside'), repository))).toBe('none');
  });

  it.each([0o640, 0o604, 0o660, 0o644, 0o610])('refuses a key of mode %o that others can reach', async (mode) => {
    const path = at(`mode-${mode.toString(8)}`);
    await keyring.createKey(path, 'c', null);
    chmodSync(path, mode);
    expect(await faultOf(keyring.loadSigner(path, null))).toBe('KEY_EXPOSED');
  });

  it('says what is wrong with a file that is no usable key', async () => {
    expect(await faultOf(keyring.loadSigner(at('absent'), null))).toBe('KEY_MISSING');
    mkdirSync(at('folder'));
    execFileSync('mkfifo', ['-m', '600', at('pipe')]);
    writeFileSync(at('junk'), 'not a key', { mode: 0o600 });
    writeFileSync(at('large'), 'x'.repeat(100_000), { mode: 0o600 });
    for (const name of ['folder', 'pipe', 'junk', 'large']) {
      expect([name, await faultOf(keyring.loadSigner(at(name), null))]).toEqual([name, 'KEY_UNREADABLE']);
    }
  });

  it('sees damage in every part of a key', async () => {
    await keyring.createKey(at('whole'), 'c', null);
    const blob = Buffer.from(readFileSync(at('whole'), 'utf8').split('\n').slice(1, -2).join(''), 'base64');
    for (let index = 0; index < blob.length; index += 1) {
      const damaged = Buffer.from(blob);
      damaged[index] = (damaged[index] ?? 0) ^ 0x01;
      const text = `-----BEGIN OPENSSH PRIVATE KEY-----\n${damaged.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`;
      writeFileSync(at('damaged'), text, { mode: 0o600 });
      const code = await faultOf(keyring.loadSigner(at('damaged'), null));
      // The comment is not part of the key: its one byte may change.
      const isComment = index === blob.length - 5;
      if (!isComment) expect([index, code]).toEqual([index, 'KEY_UNREADABLE']);
    }
  });

  withSshKeygen(`refuses an encrypted key and one of another kind, and says what to do${why}`, async () => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'secret words', '-f', at('encrypted')]);
    sshKeygen(at('rsa'), 'rsa', '-b', '2048');
    await expect(keyring.loadSigner(at('encrypted'), null)).rejects.toMatchObject({
      code: 'KEY_UNREADABLE',
      message: expect.stringContaining('encrypted with a passphrase'),
      mend: expect.stringContaining('unencrypted Ed25519 key'),
    });
    expect(await faultOf(keyring.loadSigner(at('rsa'), null))).toBe('KEY_UNREADABLE');
  });

  it('tells whose the key and the work tree are', async () => {
    await keyring.createKey(at('custody'), 'c', null);
    const { custody } = await keyring.loadSigner(at('custody'), repository);
    expect(custody).toEqual({ keyUid: process.getuid?.(), keyMode: 0o600, treeUid: process.getuid?.() });
  });
});

describe('raw signatures', () => {
  const message = new TextEncoder().encode('DSSEv1 1 t 1 p');

  it('hold for the key, the message and the signature, and for nothing else', async () => {
    const [one, other] = [
      await keyring.createKey(at('raw-one'), 'c', null),
      await keyring.createKey(at('raw-two'), 'c', null),
    ];
    expect(one.publicKeyRaw).toHaveLength(32);
    const blob = Buffer.from(one.publicKey.split(' ')[1] ?? '', 'base64');
    expect(new Uint8Array(blob.subarray(-32))).toEqual(one.publicKeyRaw);
    const signature = await one.signRaw(message);
    expect(signature).toHaveLength(64);
    expect(await one.signRaw(message)).toEqual(signature);
    expect(keyring.checkEd25519(one.publicKeyRaw, message, signature)).toBe(true);
    expect(keyring.checkEd25519(other.publicKeyRaw, message, signature)).toBe(false);
    expect(keyring.checkEd25519(one.publicKeyRaw, message.subarray(1), signature)).toBe(false);
    expect(keyring.checkEd25519(one.publicKeyRaw, message, signature.subarray(1))).toBe(false);
    expect(keyring.checkEd25519(new Uint8Array(31), message, signature)).toBe(false);
    expect(keyring.checkEd25519(new Uint8Array(32).fill(0xff), message, signature)).toBe(false);
  });

  it('are the same from a key that was read again', async () => {
    const made = await keyring.createKey(at('raw-again'), 'c', null);
    const { signer } = await keyring.loadSigner(at('raw-again'), null);
    expect(await signer.signRaw(message)).toEqual(await made.signRaw(message));
    expect(signer.publicKeyRaw).toEqual(made.publicKeyRaw);
  });

  it('are never made over what an SSHSIG signs, in whatever namespace', async () => {
    const signer = await keyring.createKey(at('raw-refused'), 'c', null);
    for (const namespace of ['caws-verdict', 'git', '']) {
      const data = new Uint8Array(signedData(namespace, 'sha512', message));
      expect(await faultOf(signer.signRaw(data))).toBe('SIGNATURE_INVALID');
    }
    expect(await faultOf(signer.signRaw(new TextEncoder().encode('SSHSIG')))).toBe('SIGNATURE_INVALID');
    expect(await faultOf(signer.signRaw(new TextEncoder().encode('SSHSI')))).toBe('none');
    expect(await faultOf(signer.signRaw(new Uint8Array()))).toBe('none');
  });
});

describe('the pinned root', () => {
  const repositoryId = 'ab'.repeat(32);
  const root = { keyId: `SHA256:${'a'.repeat(43)}`, publicKey: 'ssh-ed25519 AAAA' };

  it('is remembered, once, outside of the repository', async () => {
    expect(await keyring.readPinnedRoot(repositoryId)).toBeNull();
    await keyring.pinRoot(repositoryId, root);
    await keyring.pinRoot(repositoryId, root);
    expect(await keyring.readPinnedRoot(repositoryId)).toEqual(root);
    expect(await keyring.readPinnedRoot('cd'.repeat(32))).toBeNull();
    const other = { ...root, publicKey: 'ssh-ed25519 BBBB' };
    expect(await faultOf(keyring.pinRoot(repositoryId, other))).toBe('PINNED_ROOT_DIFFERS');
    expect(await keyring.readPinnedRoot(repositoryId)).toEqual(root);
  });

  it('is refused when others can write it, when it is broken, or when it is another repository’s', async () => {
    const id = 'ef'.repeat(32);
    await keyring.pinRoot(id, root);
    const path = at('trust', `${id}.json`);
    chmodSync(path, 0o666);
    expect(await faultOf(keyring.readPinnedRoot(id))).toBe('PINNED_ROOT_UNREADABLE');
    chmodSync(path, 0o600);
    writeFileSync(path, '{');
    expect(await faultOf(keyring.readPinnedRoot(id))).toBe('PINNED_ROOT_UNREADABLE');
    writeFileSync(path, readFileSync(at('trust', `${repositoryId}.json`)));
    expect(await faultOf(keyring.readPinnedRoot(id))).toBe('PINNED_ROOT_UNREADABLE');
    expect(await faultOf(keyring.readPinnedRoot('../../etc/x'))).toBe('PINNED_ROOT_UNREADABLE');
  });
});
