import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, chmod, chown, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  openDatabase,
  stopServer,
  type DatabaseOptions,
  type OpenDatabase,
} from '../../src/adapters/postgres/index.js';
import { findTree } from '../../src/adapters/postgres/launcher/find-tree.js';
import { findPostmaster, readPostmaster } from '../../src/adapters/postgres/launcher/postmaster.js';
import { isNumberAlive } from '../../src/adapters/postgres/launcher/process-mark.js';
import { identitiesOf } from '../../src/adapters/postgres/launcher/run-as.js';
import { storeFolders } from '../../src/adapters/postgres/launcher/store-folders.js';
import { schemaVersion } from '../../src/adapters/postgres/schema/migrate.js';
import type { Answer } from './open-store-process.js';
import { aTask, submitted } from './stores.js';

const isRoot = process.getuid?.() === 0;
const rootOnly = it.skipIf(!isRoot);
if (!isRoot) console.warn('skipped: what only root can try (other users, uid 65534)');
const tsx = import.meta.resolve('tsx');
const script = join(import.meta.dirname, 'open-store-process.ts');

describe('the launcher', () => {
  let root: string;
  let home: string;
  const databases: OpenDatabase[] = [];
  const children: ChildProcess[] = [];
  const homes = new Set<string>();
  beforeEach(async () => {
    // What a private home looks like: nobody else may pass.
    root = await mkdtemp(join(tmpdir(), 'arbiter-launcher-'));
    home = join(root, 'state');
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await Promise.all(databases.splice(0).map((database) => database.close()));
    for (const one of homes) await stopServer(one).catch(() => false);
    homes.clear();
    await rm(root, { recursive: true, force: true });
  });

  const open = async (more: Partial<DatabaseOptions> = {}): Promise<OpenDatabase> => {
    homes.add(more.stateHome ?? home);
    const database = await openDatabase({ stateHome: home, databaseUrl: null, durable: false, ...more });
    databases.push(database);
    return database;
  };
  const postmaster = (): Promise<number | null> => findPostmaster(storeFolders(home).data);
  const alive = (pid: number | null): boolean => pid !== null && isNumberAlive(pid);
  const until = async (what: () => boolean | Promise<boolean>): Promise<void> => {
    const end = Date.now() + 30_000;
    while (!(await what())) {
      if (Date.now() > end) throw new Error('it did not come');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const openElsewhere = async (
    options: { before?: readonly string[]; tree?: string; detached?: boolean } = {},
  ): Promise<{ child: ChildProcess; answer: Answer }> => {
    homes.add(home);
    const argv = [
      ...(options.before ?? []),
      process.execPath,
      '--import',
      tsx,
      script,
      home,
      ...(options.tree === undefined ? [] : [options.tree]),
    ];
    const child = spawn(argv[0] ?? '', argv.slice(1), {
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: options.detached ?? false,
      env: { PATH: process.env['PATH'], TMPDIR: '/tmp' },
    });
    children.push(child);
    let said = '';
    for await (const chunk of child.stdout ?? []) {
      said += String(chunk);
      if (said.includes('\n')) break;
    }
    return { child, answer: JSON.parse(said) as Answer };
  };

  it('makes a database that only its owner can come near', async () => {
    const database = await open();
    const { store, data, socket, secrets } = storeFolders(home);
    for (const folder of [store, data, socket]) expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(secrets)).mode & 0o777).toBe(0o600);
    const passwords = JSON.parse(await readFile(secrets, 'utf8')) as { owner: string; app: string };
    const { rows } = await database.pool.query<Record<string, string>>(
      `select current_setting('listen_addresses') as tcp, current_setting('unix_socket_permissions') as mode,
        current_setting('password_encryption') as passwords, current_user as me`,
    );
    expect(rows).toEqual([{ tcp: '', mode: '0700', passwords: 'scram-sha-256', me: 'arbiter_app' }]);
    for (const [user, password] of [
      ['postgres', passwords.app],
      ['arbiter_app', 'guess'],
      ['postgres', ''],
    ]) {
      const stranger = new Client({ host: socket, database: 'arbiter', user, password });
      await expect(stranger.connect()).rejects.toThrow(/password/);
    }
    const status = await database.care.status();
    expect(status).toMatchObject({ kind: 'embedded', address: socket, durable: false, schemaVersion });
    expect(status.serverVersion).toMatch(/^18\./);
    const line = await readFile(`/proc/${(await postmaster()) ?? 0}/environ`, 'utf8');
    expect(line).not.toContain('HOME=');
  });

  it('stops the server when the last one leaves, not before', async () => {
    const [one, two] = [await open(), await open()];
    const pid = await postmaster();
    await one.close();
    expect(alive(pid)).toBe(true);
    await two.tasks.create(aTask(), submitted, { maxOpen: 10 });
    await two.close();
    expect(alive(pid)).toBe(false);
    expect(await (await open()).tasks.list()).toHaveLength(1);
  });

  it('starts one server for many that come at the same moment, in this process and in others', async () => {
    const [here, others] = await Promise.all([
      Promise.all([open(), open(), open()]),
      Promise.all([openElsewhere(), openElsewhere(), openElsewhere()]),
    ]);
    const pid = await postmaster();
    expect(new Set(others.map(({ answer }) => answer.postmaster))).toEqual(new Set([pid]));
    const task = aTask();
    await here[0].tasks.create(task, submitted, { maxOpen: 10 });
    expect(await here[2].tasks.find(task.id)).toBe(task.id);
    const { store } = storeFolders(home);
    expect((await readdir(store)).filter((name) => name.startsWith('init-'))).toEqual([]);
  });

  it('attaches to the server that a killed process left, and ends it after itself', async () => {
    const { child, answer } = await openElsewhere();
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(alive(answer.postmaster)).toBe(true);
    const database = await open();
    expect(await postmaster()).toBe(answer.postmaster);
    await database.close();
    expect(alive(answer.postmaster)).toBe(false);
  });

  it('keeps the server away from a terminal’s Ctrl-C', async () => {
    const { child, answer } = await openElsewhere({ detached: true });
    process.kill(-(child.pid ?? 0), 'SIGINT');
    await once(child, 'exit');
    expect(alive(answer.postmaster)).toBe(true);
  });

  it('brings a killed server back under a process that uses it, with all that was written', async () => {
    const database = await open({ durable: true });
    const task = aTask();
    await database.tasks.create(task, submitted, { maxOpen: 10 });
    for (let round = 0; round < 3; round += 1) {
      const pid = await postmaster();
      if (pid === null) throw new Error('no server runs');
      process.kill(pid, 'SIGKILL');
      const { seq } = await database.tasks.read(task.id);
      await database.tasks.append(task.id, seq, [{ type: 'deliberation-started', at_ms: round }], task, 'me');
      // A session of the killed server may still have answered, and kept its word.
      await until(async () => ![pid, null].includes(await postmaster()));
    }
    expect(await database.tasks.readEvents(task.id)).toHaveLength(4);
    const changed: number[] = [];
    const stop = new AbortController();
    const watch = database.tasks.watch(task.id, () => changed.push(1), stop.signal);
    await database.tasks.append(task.id, 4, [{ type: 'deliberation-started', at_ms: 9 }], task, 'me');
    expect(changed.length).toBeGreaterThan(0);
    stop.abort();
    await watch;
  });

  it('lets go soon of a server that was killed with something left to say', async () => {
    const database = await open();
    await database.tasks.create(aTask(), submitted, { maxOpen: 10 });
    process.kill((await postmaster()) ?? 0, 'SIGKILL');
    const began = Date.now();
    await database.close();
    expect(Date.now() - began).toBeLessThan(10_000);
  });

  it('starts over a killed server, also where its number is another process’s by now', async () => {
    await (await open()).tasks.create(aTask(), submitted, { maxOpen: 10 });
    const { data, socket } = storeFolders(home);
    const pid = await postmaster();
    // As a machine leaves it that lost its power: nobody is there to bring it back.
    const left = databases.splice(0);
    await writeFile(storeFolders(home).stopped, '');
    process.kill(pid ?? 0, 'SIGKILL');
    await until(() => !alive(pid));
    await Promise.all(left.map((database) => database.close()));
    for (const file of [join(data, 'postmaster.pid'), join(socket, '.s.PGSQL.5432.lock')]) {
      const text = await readFile(file, 'utf8');
      await writeFile(file, text.replace(/^\d+/, String(process.pid)));
    }
    expect(await (await open()).tasks.list()).toHaveLength(1);
    expect(await readPostmaster(data)).not.toBe(process.pid);
  });

  it('makes the database anew where a process was killed while making it', async () => {
    const { store } = storeFolders(home);
    await mkdir(join(store, 'init-12345', 'data', 'base'), { recursive: true });
    await chmod(store, 0o700);
    await writeFile(join(store, 'init-12345', 'data', 'PG_VERSION'), '18\n');
    await open();
    expect((await readdir(store)).filter((name) => name.startsWith('init-'))).toEqual([]);
  });

  it('starts a new server where the socket of a live one was swept away', async () => {
    const first = await open();
    const pid = await postmaster();
    await rm(storeFolders(home).socket, { recursive: true });
    const second = await open();
    expect(await postmaster()).not.toBe(pid);
    const task = aTask();
    await first.tasks.create(task, submitted, { maxOpen: 10 });
    expect(await second.tasks.find(task.id)).toBe(task.id);
  });

  it('stops the server whoever uses it, and nobody but a new command starts it again', async () => {
    const database = await open({ patienceMs: 300 });
    expect(await stopServer(home)).toBe(true);
    await expect(database.tasks.list()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await postmaster()).toBeNull();
    expect(await stopServer(home)).toBe(false);
    expect(await stopServer(join(root, 'nowhere'))).toBe(false);
    await open();
    expect(await database.tasks.list()).toEqual([]);
  });

  it('puts the socket of a long path into a short private folder, and refuses one of somebody else', async () => {
    const long = join(root, 'x'.repeat(60), 'y'.repeat(60));
    await mkdir(long, { recursive: true });
    const { socket } = storeFolders(long);
    try {
      const database = await open({ stateHome: long });
      expect(socket.length).toBeLessThan(60);
      expect(database.address).toBe(socket);
      expect((await stat(socket)).mode & 0o777).toBe(0o700);
      await database.close();
      await chmod(socket, 0o777);
      await expect(open({ stateHome: long })).rejects.toMatchObject({ code: 'DATABASE_UNSAFE' });
      await chmod(socket, 0o700);
      if (isRoot) {
        await chown(socket, 1234, 1234);
        await expect(open({ stateHome: long })).rejects.toMatchObject({ code: 'DATABASE_UNSAFE' });
        await chown(socket, 0, 0);
      }
      await rm(socket, { recursive: true });
      await writeFile(socket, 'a file');
      await expect(open({ stateHome: long })).rejects.toMatchObject({ code: 'DATABASE_UNSAFE' });
    } finally {
      await rm(socket, { recursive: true, force: true });
    }
  });

  it('takes paths with blanks, commas and quotes', async () => {
    const odd = join(root, `a b,c"d'e%f`);
    const database = await open({ stateHome: odd });
    expect(await database.tasks.list()).toEqual([]);
  });

  it('makes the library links that npm ci --ignore-scripts leaves out', async () => {
    const tree = await treeWithoutLinks(join(root, 'package', 'native'));
    await open({ tree });
    expect(await readdir(join(tree, 'lib'))).toEqual(expect.arrayContaining(['libicuuc.so.60', 'libpq.so.5']));
  });

  rootOnly.each([
    { who: 'an ordinary user', uid: 65_534 },
    { who: 'a user without a name', uid: 4321 },
  ])('runs for $who, with links in a copy where the package cannot be written', async ({ uid }) => {
    const tree = await treeWithoutLinks(join(root, 'package', 'native'));
    await chmod(root, 0o755);
    await chmod(dirname(tree), 0o755);
    await mkdir(home);
    await chown(home, uid, uid);
    const before = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
    const { child, answer } = await openElsewhere({ before, tree });
    expect(answer).toMatchObject({ address: storeFolders(home).socket });
    const status = await readFile(`/proc/${answer.postmaster}/status`, 'utf8');
    expect(status).toContain(`Uid:\t${uid}\t${uid}`);
    expect((await readdir(storeFolders(home).store)).filter((name) => name.startsWith('tree-'))).toHaveLength(1);
    expect(await readdir(join(tree, 'lib'))).not.toContain('libpq.so.5');
    child.stdin?.end();
    await once(child, 'exit');
    expect(alive(answer.postmaster)).toBe(false);
  });

  rootOnly('runs for root from a package in a home that is another user’s alone', async () => {
    const tree = join(root, 'package', 'native');
    await cp(findTree(), tree, { recursive: true, verbatimSymlinks: true });
    await chmod(dirname(tree), 0o700);
    await chown(dirname(tree), 1234, 1234);
    await open({ tree });
    expect((await readdir(storeFolders(home).store)).filter((name) => name.startsWith('tree-'))).toHaveLength(1);
  });

  rootOnly(
    'runs for root as uid 65534 without user namespaces, and hands the data over when these come back',
    async () => {
      const [namespace, nobody] = await identitiesOf(0);
      if (namespace === undefined || nobody === undefined) throw new Error('root has two identities');
      const tree = join(root, 'package', 'native');
      await cp(findTree(), tree, { recursive: true, verbatimSymlinks: true });
      for (const folder of [root, dirname(tree)]) await chmod(folder, 0o755);
      await mkdir(home);
      const first = await open({ tree, identities: [nobody] });
      const { store, data, socket, secrets } = storeFolders(home);
      expect(await readFile(`/proc/${(await postmaster()) ?? 0}/status`, 'utf8')).toMatch(/^Uid:\t65534/m);
      for (const folder of [data, socket]) expect(await stat(folder)).toMatchObject({ uid: 65_534 });
      expect((await stat(store)).mode & 0o777).toBe(0o711);
      expect(await stat(secrets)).toMatchObject({ uid: 0 });
      await first.tasks.create(aTask(), submitted, { maxOpen: 10 });
      await first.close();
      const second = await open({ tree, identities: [namespace] });
      expect(await second.tasks.list()).toHaveLength(1);
      expect(await stat(join(data, 'PG_VERSION'))).toMatchObject({ uid: 0 });
      expect((await stat(store)).mode & 0o777).toBe(0o700);
      await second.close();
      await open({ tree, identities: [nobody] });
    },
  );

  rootOnly('says what to do where root can become nobody who reaches the home', async () => {
    const [, nobody] = await identitiesOf(0);
    if (nobody === undefined) throw new Error('root has two identities');
    await expect(open({ identities: [nobody] })).rejects.toMatchObject({
      code: 'DATABASE_FAILED',
      mend: expect.stringContaining('XDG_STATE_HOME'),
    });
  });

  it('says what is missing, spoilt or not to be reached, never a password', async () => {
    expect(() => findTree('plan9-mips')).toThrow(expect.objectContaining({ code: 'DATABASE_MISSING' }));
    await writeFile(join(root, 'file'), '');
    await expect(open({ stateHome: join(root, 'file', 'state') })).rejects.toMatchObject({ code: 'DATABASE_FAILED' });
    for (const url of [
      'postgresql://me:hidden@127.0.0.1:1/x',
      'mysql://me:hidden@h/x',
      'me:hidden@@//',
      'postgresql://me:hidden@[/x',
    ]) {
      const fault: unknown = await open({ databaseUrl: url }).catch((error: unknown) => error);
      expect(fault).toMatchObject({ code: 'DATABASE_FAILED' });
      const { message, mend, stack, cause } = fault as Error & { mend: string };
      expect(`${message} ${mend} ${stack ?? ''} ${String(cause)}`).not.toContain('hidden');
    }
    await expect(open({ databaseUrl: 'postgresql://me:hidden@127.0.0.1:1/x' })).rejects.toThrow('127.0.0.1:1/x');
    await (await open()).close();
    const { secrets, data } = storeFolders(home);
    const kept = await readFile(secrets, 'utf8');
    await rm(secrets);
    await expect(open()).rejects.toMatchObject({ code: 'DATABASE_FAILED' });
    await writeFile(secrets, '{');
    await expect(open()).rejects.toMatchObject({ code: 'DATABASE_FAILED' });
    await writeFile(secrets, kept.replace(/"owner":"..../, '"owner":"xxxx'));
    await expect(open({ signal: AbortSignal.timeout(20_000) })).rejects.toMatchObject({ code: 'DATABASE_FAILED' });
    await writeFile(secrets, kept);
    await stopServer(home);
    await writeFile(join(data, 'PG_VERSION'), '12\n');
    await expect(open()).rejects.toThrow(/made by PostgreSQL 12/);
    await writeFile(join(data, 'PG_VERSION'), '18\n');
    await rm(join(data, 'global', 'pg_control'));
    await expect(open()).rejects.toThrow(/did not start: .*pg_control/);
  });

  it('caps the log of the server', async () => {
    await (await open()).close();
    const { log } = storeFolders(home);
    await appendFile(log, Buffer.alloc(5 * 1024 * 1024, 'x'));
    await open();
    expect((await stat(log)).size).toBeLessThan(100_000);
    expect((await stat(`${log}.1`)).size).toBe(256 * 1024);
  });

  it('stops waiting when it is told to', async () => {
    await expect(open({ signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  });
});

async function treeWithoutLinks(tree: string): Promise<string> {
  await cp(findTree(), tree, { recursive: true, verbatimSymlinks: true, filter: (path) => !path.endsWith('.a') });
  const links = JSON.parse(await readFile(join(tree, 'pg-symlinks.json'), 'utf8')) as { target: string }[];
  for (const { target } of links) await rm(join(tree, '..', target), { force: true });
  return tree;
}
