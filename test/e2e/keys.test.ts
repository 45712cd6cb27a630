import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { hasSshKeygen, sshVerifies } from '../../src/adapters/signing/fixtures/ssh.js';
import { init as initRepository } from '../../src/app/init/init.js';
import { keysExportSigners } from '../../src/app/keys/export-signers.js';
import { keysList } from '../../src/app/keys/list-keys.js';
import { keysInit } from '../../src/app/keys/make-keys.js';
import { keysRevoke } from '../../src/app/keys/revoke-key.js';
import { keysRotate } from '../../src/app/keys/rotate-key.js';
import { createMemoryLedger } from '../../src/adapters/memory/memory-ledger.js';
import type { Ports } from '../../src/ports/ports.js';
import type { OpenRuntime } from '../../src/ports/runtime.js';
import { arbiter } from './cli.js';
import { type World, createWorld, governed } from './world.js';

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});
const withSshKeygen = it.skipIf(!hasSshKeygen);
const why = hasSshKeygen ? '' : ' (skipped: ssh-keygen missing)';

async function ground() {
  const world = createWorld();
  worlds.push(world);
  const repository = await governed(world);
  const folder = join(world.home, '.config/arbiter/keys');
  const input = { repository: repository.directory };
  const read = (path: string): string => readFileSync(join(repository.directory, '.caws/keys', path), 'utf8');
  const list = () => keysList.run(world.ports, input, world.context);
  const currentId = async (role: string): Promise<string> =>
    (await list()).keys.find((key) => key.role === role && key.state === 'current')?.keyId ?? 'none';
  return { world, repository, folder, input, read, list, currentId };
}

/** The ports of a process that is gone before its n-th step that leaves something behind. */
function dyingBefore(step: number, ports: Ports): Ports {
  let count = 0;
  const counted =
    <Arguments extends unknown[], Result>(run: (...given: Arguments) => Promise<Result>) =>
    (...given: Arguments): Promise<Result> => {
      count += 1;
      return count >= step ? Promise.reject(new Error('killed')) : run(...given);
    };
  return {
    ...ports,
    files: {
      ...ports.files,
      replaceFile: counted(ports.files.replaceFile),
      removeFile: counted(ports.files.removeFile),
    },
    keyring: {
      ...ports.keyring,
      createKey: counted(ports.keyring.createKey),
      replaceKey: counted(ports.keyring.replaceKey),
    },
  };
}

describe('keys init', () => {
  it('makes what is missing, 0600 and outside, keeps what arbiter init made, and lets each key in', async () => {
    const { world, folder, input, read, list } = await ground();
    const before = readFileSync(join(folder, 'verdict'), 'utf8');
    const made = await keysInit.run(world.ports, { ...input, name: 'ada@example.org' }, world.context);
    expect(made.keys.map(({ role, made: isNew }) => [role, isNew])).toEqual([
      ['root', false],
      ['verdict', false],
      ['log', false],
      ['publish', false],
      ['waiver', true],
    ]);
    expect(made.written).toEqual(['.caws/keys/allowed_signers', '.caws/keys/allowed_signers.sig']);
    expect(readFileSync(join(folder, 'verdict'), 'utf8')).toBe(before);
    expect(statSync(join(folder, 'log')).mode & 0o777).toBe(0o600);
    expect(read('allowed_signers')).toContain('ada@example.org namespaces="caws-waiver,caws-review" ssh-ed25519 ');
    const { distrust, keys, problems } = await list();
    expect([distrust, problems]).toEqual([null, []]);
    expect(keys.map(({ role, state, safe, inKeyring }) => [role, state, safe, inKeyring])).toEqual([
      ['log', 'current', true, true],
      ['publish', 'current', true, true],
      ['root', 'current', true, false],
      ['verdict', 'current', true, true],
      ['waiver', 'current', true, true],
    ]);
    const again = await keysInit.run(world.ports, { ...input, name: 'ada@example.org' }, world.context);
    expect([again.written, again.keys.filter(({ made: isNew }) => isNew)]).toEqual([[], []]);
  });

  it('wants a name for a waiver key, and takes the root from where it is kept', async () => {
    const { world, folder, input } = await ground();
    const init = (more: object) => keysInit.run(world.ports, { ...input, ...more }, world.context);
    await expect(init({ roles: ['waiver'] })).rejects.toMatchObject({ code: 'KEY_NAME_WANTED' });
    mkdirSync(join(world.home, 'stick'));
    execFileSync('mv', [join(folder, 'root'), join(folder, 'root.pub'), join(world.home, 'stick')]);
    await expect(init({ roles: ['log'] })).rejects.toMatchObject({ code: 'KEYRING_UNTRUSTED' });
    expect(existsSync(join(folder, 'root'))).toBe(false);
    const { keys } = await init({ roles: ['log'], rootKey: join(world.home, 'stick/root') });
    expect(keys.map(({ role }) => role)).toEqual(['log']);
  });
});

describe('keys rotate', () => {
  it('ends the old key, begins the new one, keeps the old file, and leaves the commit to a human', async () => {
    const { world, repository, folder, input, list, currentId } = await ground();
    const old = await currentId('verdict');
    const rotated = await keysRotate.run(world.ports, { ...input, role: 'verdict' }, world.context);
    expect(rotated).toMatchObject({ retiredKeyId: old, file: join(folder, 'verdict') });
    expect(rotated.keyId).not.toBe(old);
    const { distrust, keys } = await list();
    expect(distrust).toBeNull();
    const rows = keys.filter(({ role }) => role === 'verdict');
    expect(rows.map(({ keyId, state, file }) => [keyId, state, file])).toEqual([
      [rotated.keyId, 'current', join(folder, 'verdict')],
      [old, expect.stringMatching(/retired/), rotated.retiredFile],
    ]);
    expect([rows[0]?.since, rows[1]?.until].map((instant) => typeof instant)).toEqual(['string', 'string']);
    const status = execFileSync('git', ['-C', repository.directory, 'status', '--porcelain'], { encoding: 'utf8' });
    expect(status).toContain(' M .caws/keys/allowed_signers\n');
  });

  it('killed before any step and run again, it finishes the same rotation with one new key', async () => {
    let steps = 0;
    for (let step = 1; ; step += 1) {
      const { world, folder, input, list } = await ground();
      const rotate = (ports: Ports) => keysRotate.run(ports, { ...input, role: 'verdict' }, world.context);
      const died = await rotate(dyingBefore(step, world.ports)).then(
        () => false,
        (error: unknown) => (error as Error).message === 'killed',
      );
      if (!died) break;
      steps += 1;
      const begun = existsSync(join(folder, 'verdict.next'))
        ? readFileSync(join(folder, 'verdict.next'), 'utf8')
        : null;
      await rotate(world.ports);
      const names = readdirSync(folder).filter((name) => name.startsWith('verdict') && !name.endsWith('.pub'));
      expect([step, names]).toEqual([step, ['verdict', expect.stringMatching(/^verdict\.retired-/)]]);
      if (begun !== null) expect(readFileSync(join(folder, 'verdict'), 'utf8')).toBe(begun);
      const { distrust, keys } = await list();
      expect([step, distrust, keys.filter(({ role }) => role === 'verdict').length]).toEqual([step, null, 2]);
      await world.close();
      worlds.pop();
    }
    // A key, a note, the keyring, its signature, the note gone, the files.
    expect(steps).toBe(6);
  });

  it('reaches another repository of the same user by keys init there', async () => {
    const { world, input } = await ground();
    const other = await governed(world);
    const { keyId, retiredKeyId } = await keysRotate.run(world.ports, { ...input, role: 'verdict' }, world.context);
    await keysInit.run(world.ports, { repository: other.directory }, world.context);
    const { distrust, keys } = await keysList.run(world.ports, { repository: other.directory }, world.context);
    const stateOf = (id: string) => keys.find((key) => key.keyId === id);
    expect(distrust).toBeNull();
    expect(stateOf(keyId)).toMatchObject({ state: 'current', inKeyring: true });
    expect(stateOf(retiredKeyId)).toMatchObject({ state: 'retired', until: expect.stringMatching(/Z$/) });
  });

  withSshKeygen(`of the root is done by hand, as docs/keys.md says${why}`, async () => {
    const { world, repository, folder, input, list, currentId } = await ground();
    const old = await currentId('root');
    for (const name of ['root', 'root.pub']) rmSync(join(folder, name));
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'root')]);
    const signers = join(repository.directory, '.caws/keys/allowed_signers');
    rmSync(`${signers}.sig`);
    execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-f', join(folder, 'root'), '-n', 'caws-keyring', signers]);
    const init = () => initRepository.run(world.ports, input, world.context);
    await expect(init()).rejects.toMatchObject({ code: 'PINNED_ROOT_DIFFERS' });
    expect((await list()).distrust).toContain('not signed by the pinned root');
    for (const pin of readdirSync(join(folder, '../trust'))) rmSync(join(folder, '../trust', pin));
    await init();
    expect([(await list()).distrust, (await currentId('root')) === old]).toEqual([null, false]);
    expect((await keysRotate.run(world.ports, { ...input, role: 'verdict' }, world.context)).written).toHaveLength(2);
  });

  it('refuses the root, a role without a key, and a key that the keyring does not know', async () => {
    const { world, input } = await ground();
    const rotate = (role: 'root' | 'witness' | 'waiver', more = {}) =>
      keysRotate.run(world.ports, { ...input, role, ...more }, world.context);
    await expect(rotate('root')).rejects.toMatchObject({
      code: 'ROOT_ROTATES_BY_HAND',
      mend: expect.stringContaining('ssh-keygen'),
    });
    await expect(rotate('witness')).rejects.toMatchObject({ code: 'KEY_MISSING' });
    await expect(rotate('waiver')).rejects.toMatchObject({ code: 'KEY_NAME_WANTED' });
    await world.ports.keyring.createKey(join(world.home, '.config/arbiter/keys/witness'), 'witness', null);
    await expect(rotate('witness')).rejects.toMatchObject({ code: 'KEY_UNKNOWN' });
  });
});

describe('keys revoke', () => {
  it('refuses a size that the log of the store has not reached, unless it is of another log', async () => {
    const { world, input, currentId } = await ground();
    const keyId = await currentId('verdict');
    const ledger = createMemoryLedger('arbiter.test/revoke');
    const entry = (number: number) => ({ apiVersion: '1.0.0', kind: 'note', spec: { number } });
    await ledger.append([0, 1, 2].map((number) => ({ key: `n/${number}`, draft: entry(number) })));
    const opened: Partial<OpenRuntime> = { ledger, close: () => Promise.resolve() };
    const open = () => Promise.resolve(opened as OpenRuntime);
    const ports = { ...world.ports, runtime: { ...world.ports.runtime, exists: () => Promise.resolve(true), open } };
    const revoke = (asOfSize: number, otherLog = false) =>
      keysRevoke.run(ports, { ...input, keyId, asOfSize, otherLog }, world.context);
    await expect(revoke(4)).rejects.toMatchObject({
      code: 'REVOCATION_AHEAD',
      message: expect.stringMatching(/holds 3 entries, and 4 is beyond/) as string,
    });
    expect((await revoke(4, true)).asOfSize).toBe(4);
    expect((await revoke(3)).asOfSize).toBe(3);
  });

  it('writes what was revoked and from where on, and the line ends', async () => {
    const { world, input, read, list, currentId } = await ground();
    const keyId = await currentId('verdict');
    const revoke = (asOfSize: number, ports = world.ports) =>
      keysRevoke.run(ports, { ...input, keyId, asOfSize, reason: 'a laptop was stolen' }, world.context);
    expect(await revoke(12)).toMatchObject({ keyId, asOfSize: 12, reason: 'a laptop was stolen' });
    expect(read('revoked.yaml')).toContain(`key_id: "${keyId}"\n    as_of_size: 12\n`);
    expect(read('allowed_signers')).toMatch(/valid-before="\d{14}Z"/);
    const { distrust, keys } = await list();
    expect(distrust).toBeNull();
    expect(keys.find((key) => key.keyId === keyId)).toMatchObject({ state: 'revoked', asOfSize: 12 });
    expect((await revoke(20)).asOfSize).toBe(12);
    expect((await revoke(3)).asOfSize).toBe(3);
    const next = await keysRotate.run(world.ports, { ...input, role: 'verdict' }, world.context);
    expect((await list()).keys.find((key) => key.keyId === next.keyId)).toMatchObject({ state: 'current' });
  });

  it('killed before any step, the keyring is believed whole or not at all, and a second run finishes it', async () => {
    const between: string[] = [];
    for (let step = 1; ; step += 1) {
      const { world, input, list, currentId } = await ground();
      const keyId = await currentId('verdict');
      const revoke = (ports: Ports) => keysRevoke.run(ports, { ...input, keyId, asOfSize: 5 }, world.context);
      const died = await revoke(dyingBefore(step, world.ports)).then(
        () => false,
        (error: unknown) => (error as Error).message === 'killed',
      );
      if (!died) break;
      const stopped = await list();
      const state = stopped.keys.find((key) => key.keyId === keyId)?.state ?? 'gone';
      between.push(stopped.distrust === null ? state : 'not believed');
      await revoke(world.ports);
      const { distrust, keys } = await list();
      expect([step, distrust]).toEqual([step, null]);
      expect(keys.find((key) => key.keyId === keyId)).toMatchObject({ state: 'revoked', asOfSize: 5 });
      await world.close();
      worlds.pop();
    }
    // The note, revoked.yaml, its signature, the signers, their signature, the note gone.
    expect(between).toEqual(['current', 'current', 'not believed', 'revoked', 'not believed', 'revoked']);
  });

  it('refuses an unknown key, the root, and what is no id or size', async () => {
    const { world, input, currentId } = await ground();
    const revoke = (keyId: string) => keysRevoke.run(world.ports, { ...input, keyId, asOfSize: 1 }, world.context);
    await expect(revoke(`SHA256:${'a'.repeat(43)}`)).rejects.toMatchObject({ code: 'KEY_UNKNOWN' });
    await expect(revoke(await currentId('root'))).rejects.toMatchObject({ code: 'ROOT_ROTATES_BY_HAND' });
    for (const bad of [
      { keyId: 'verdict', asOfSize: 1 },
      { keyId: `SHA256:${'a'.repeat(43)}`, asOfSize: -1 },
    ]) {
      expect(keysRevoke.input.safeParse({ ...input, ...bad }).success).toBe(false);
    }
  });
});

describe('keys export-signers', () => {
  withSshKeygen(`gives what ssh-keygen alone needs to check the signers by the root${why}`, async () => {
    const { world, input } = await ground();
    const out = join(world.home, 'given/allowed_signers');
    const given = await keysExportSigners.run(world.ports, { ...input, out }, world.context);
    expect(given.written).toEqual([out, `${out}.sig`, `${out}.root`]);
    const check = (message: Buffer): boolean =>
      sshVerifies({
        directory: join(world.home, 'given'),
        allowedSigners: readFileSync(`${out}.root`, 'utf8'),
        principal: 'root',
        namespace: 'caws-keyring',
        signature: given.signature,
        message,
      });
    const signers = readFileSync(join(input.repository, '.caws/keys/allowed_signers'));
    expect(check(signers)).toBe(true);
    expect(check(Buffer.concat([signers, Buffer.from('mallory ssh-ed25519 AAAA\n')]))).toBe(false);
    const printed = await keysExportSigners.run(world.ports, input, world.context);
    expect([printed.allowedSigners, printed.written]).toEqual([signers.toString(), []]);
  });

  it('gives out what was revoked too, and nothing that is not believed here', async () => {
    const { world, input, read, currentId } = await ground();
    const exported = () => keysExportSigners.run(world.ports, input, world.context);
    expect((await exported()).revoked).toBeNull();
    const keyId = await currentId('verdict');
    await keysRevoke.run(world.ports, { ...input, keyId, asOfSize: 2 }, world.context);
    expect((await exported()).revoked?.text).toBe(read('revoked.yaml'));
    writeFileSync(join(input.repository, '.caws/keys/allowed_signers'), '# other\n');
    await expect(exported()).rejects.toMatchObject({ code: 'KEYRING_UNTRUSTED' });
    await expect(keysExportSigners.run(world.ports, { repository: world.home }, world.context)).rejects.toMatchObject({
      code: 'KEYRING_UNTRUSTED',
    });
  });
});

describe('the command line', () => {
  it('runs the whole life of a key, with stable JSON and exit codes', async () => {
    const { world, repository, folder } = await ground();
    const run = (...argv: string[]) => arbiter(argv, { home: world.home, cwd: repository.directory });
    expect(run('keys', 'init', '--role', 'log', '--role', 'witness').out).toMatch(/made witness /);
    const listed = run('keys', 'list', '--json');
    const { keys } = keysList.output.parse(JSON.parse(listed.out));
    expect([listed.code, keys.length]).toEqual([0, 5]);
    expect(run('keys', 'rotate', 'log').out).toMatch(/^retired SHA256:.*\nmade {4}SHA256:/);
    const keyId = keys.find(({ role }) => role === 'verdict')?.keyId ?? '';
    expect(run('keys', 'revoke', keyId, '--as-of-size', '7').out).toContain(`revoked ${keyId} as of log size 7`);
    expect(run('keys', 'list').out).toMatch(/revoked {2}verdict .* as of log size 7/);
    expect(run('keys', 'export-signers').out).toContain('root namespaces="caws-keyring" ssh-ed25519 ');
    expect(run('keys', 'rotate', 'root')).toMatchObject({ code: 3, err: expect.stringContaining('docs/keys.md') });
    expect(run('keys', 'rotate', 'nonsense').code).toBe(3);
    expect(run('keys', 'revoke', keyId, '--as-of-size', '1.5').code).toBe(3);
    expect(run('keys', 'revoke', keyId).code).toBe(3);
    for (const end of ['', '.pub']) copyFileSync(join(folder, `log${end}`), join(folder, `publish${end}`));
    expect(run('keys', 'list')).toMatchObject({
      code: 1,
      out: expect.stringContaining('one key is used for two roles'),
    });
  });
});
