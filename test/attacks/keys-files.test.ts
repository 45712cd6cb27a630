import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refuseShownKeys } from '../../src/adapters/workers/room/refuse-shown-keys.js';
import { init } from '../../src/app/init/init.js';
import { keysList } from '../../src/app/keys/list-keys.js';
import { loadRoleKey } from '../../src/app/keys/load-role-key.js';
import { keysInit } from '../../src/app/keys/make-keys.js';
import { keysRotate } from '../../src/app/keys/rotate-key.js';
import { createPorts } from '../../src/wiring.js';
import { assignmentOf, profileOf } from '../workers/give-work.js';
import { type KeysGround, keysGround } from './keys-ground.js';

// Keys where others can take them, and keys that are used twice. Each refusal names what is wrong.
let ground: KeysGround;
beforeEach(async () => {
  ground = await keysGround();
});
afterEach(() => ground.world.close());

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );

describe('a key where others can take it', () => {
  it('inside the repository: neither made nor used; its twin outside is', async () => {
    const { directory, folder, world } = ground;
    const inside = createPorts({ HOME: join(directory, 'home') }, '0.0.0-test');
    expect(await codeOf(keysInit.run(inside, ground.input, world.context))).toBe('KEY_INSIDE_REPOSITORY');
    copyFileSync(join(folder, 'verdict'), join(directory, 'verdict'));
    const load = (path: string) => codeOf(loadRoleKey(world.ports, { role: 'verdict', path }, directory));
    expect(await load(join(directory, 'verdict'))).toBe('KEY_INSIDE_REPOSITORY');
    expect(await load(join(folder, 'verdict'))).toBe('none');
  });

  it('readable by others: not used, and shown as not safe; its twin is', async () => {
    const { directory, folder, world } = ground;
    const list = () => keysList.run(world.ports, ground.input, world.context);
    expect((await list()).problems).toEqual([]);
    chmodSync(join(folder, 'verdict'), 0o640);
    const { keys, problems } = await list();
    expect(keys.find(({ role }) => role === 'verdict')).toMatchObject({ safe: false, mode: '0640' });
    expect(problems).toEqual([expect.stringContaining('can be read by others (mode 0640)')]);
    expect(await codeOf(loadRoleKey(world.ports, { role: 'verdict' }, directory))).toBe('KEY_EXPOSED');
    expect(await codeOf(keysRotate.run(world.ports, { ...ground.input, role: 'verdict' }, world.context))).toBe(
      'KEY_EXPOSED',
    );
    chmodSync(join(folder, 'verdict'), 0o600);
    expect(await codeOf(loadRoleKey(world.ports, { role: 'verdict' }, directory))).toBe('none');
  });

  it('where an installed agent lies, which its sandbox shows: not made, with the reason; its twin beside is', async () => {
    const tools = join(ground.world.home, 'tools');
    const packaged = join(tools, 'node_modules');
    mkdirSync(join(packaged, '.bin'), { recursive: true });
    mkdirSync(join(tools, 'bin'));
    writeFileSync(join(packaged, '.bin/claude'), '#!/bin/sh\n', { mode: 0o755 });
    const portsIn = (home: string, path: string) =>
      createPorts({ HOME: ground.world.home, XDG_CONFIG_HOME: home, PATH: path }, '0.0.0-test');
    symlinkSync(join(packaged, '.bin/claude'), join(tools, 'bin/claude'));
    const path = `${join(tools, 'bin')}:${process.env['PATH'] ?? ''}`;
    const make = (home: string, on: string) =>
      init.run(portsIn(home, on), ground.input, ground.world.context).then(
        () => 'made',
        (error: unknown) => (error as Error).message,
      );
    expect(await make(join(packaged, 'config'), path)).toMatch(
      /can be read by workers: .*where the agent claude is installed/,
    );
    expect(await make(join(tools, 'config'), path)).not.toContain('can be read by workers');
  });

  it('named by an agent’s command line: the agent is not started; its twin with another folder is', async () => {
    const { folder, world, directory } = ground;
    const other = join(world.home, 'other');
    mkdirSync(other);
    const leases = { take: async () => 'one', release: async () => undefined, list: async () => [] };
    const workWith = async (named: string) => {
      const agent = profileOf({ model: null, command: ['/bin/sh', '-c', 'echo looked', named] });
      const worker = await world.ports.workers(leases).workerOf(agent);
      const git = await world.ports.git.open(directory);
      const base = (await git.resolveCommit('HEAD')).id;
      await git.close();
      const assignment = assignmentOf(agent, 'look', { repository: directory, base, sandbox: 'none' });
      return worker
        .work(assignment, () => undefined, world.context.signal)
        .then(
          () => 'worked',
          (error: unknown) => (error as Error).message,
        );
    };
    for (const named of [folder, join(folder, 'verdict'), join(world.home, '.config')]) {
      expect([named, await workWith(named)]).toEqual([named, expect.stringContaining('would show it keys')]);
    }
    // It was started and said so; that it edited nothing is another matter.
    expect(await workWith(other)).toContain('it said "looked');
    await expect(refuseShownKeys([other, `${folder}-beside`], [folder])).resolves.toBeUndefined();
  });
});

describe('one key for two roles', () => {
  it('is refused when made, when rotated and when used; its twin with a key of its own is not', async () => {
    const { directory, folder, world } = ground;
    copyFileSync(join(folder, 'verdict'), join(folder, 'witness'));
    const make = (): Promise<unknown> =>
      keysInit.run(world.ports, { ...ground.input, roles: ['witness'] }, world.context);
    const rotate = (): Promise<unknown> =>
      keysRotate.run(world.ports, { ...ground.input, role: 'verdict' }, world.context);
    const tries: readonly (() => Promise<unknown>)[] = [
      () => init.run(world.ports, ground.input, world.context),
      make,
      rotate,
      () => loadRoleKey(world.ports, { role: 'witness' }, directory),
      () => loadRoleKey(world.ports, { role: 'verdict' }, directory),
    ];
    for (const tried of tries) {
      expect(await codeOf(tried())).toBe('KEY_SHARED');
    }
    expect(ground.keysFile('allowed_signers')).not.toContain('arbiter-witness');
    rmSync(join(folder, 'witness'));
    expect(await codeOf(make())).toBe('none');
    expect(await codeOf(loadRoleKey(world.ports, { role: 'witness' }, directory))).toBe('none');
  });

  it('is seen through a retired key that comes back in another role', async () => {
    const { directory, folder, world } = ground;
    const { retiredFile } = await keysRotate.run(world.ports, { ...ground.input, role: 'verdict' }, world.context);
    copyFileSync(retiredFile, join(folder, 'publish'));
    await expect(loadRoleKey(world.ports, { role: 'publish' }, directory)).rejects.toMatchObject({
      code: 'KEY_SHARED',
      message: expect.stringContaining('verdict (retired)'),
    });
    expect(readFileSync(retiredFile, 'utf8')).toContain('OPENSSH PRIVATE KEY');
  });
});
