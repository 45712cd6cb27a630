import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownerUrl } from '../../src/adapters/postgres/launcher/probe-server.js';
import { storeFolders } from '../../src/adapters/postgres/launcher/store-folders.js';
import { init } from '../../src/app/init/init.js';
import type { LedgerState } from '../../src/app/ledger/show.js';
import type { LedgerVerification } from '../../src/app/ledger/verification.js';
import type { LedgerCosignature } from '../../src/app/ledger/witness.js';
import type { Ports } from '../../src/ports/ports.js';
import { createPorts } from '../../src/wiring.js';
import { runCommand } from './run-command.js';
import { createWorld, product } from './world.js';

const world = createWorld({ ARBITER_FSYNC: 'off' });
const { home } = world;
const at = (name: string): string => join(home, name);
const runOn = (ports: Ports, ...argv: string[]) => runCommand(ports, home, argv);
const run = (...argv: string[]) => runOn(world.ports, ...argv);
const json = async <Output>(...argv: string[]): Promise<Output> =>
  JSON.parse((await run(...argv, '--json')).out) as Output;

async function record(ports: Ports, from: number, to: number, words = 'entry'): Promise<void> {
  const runtime = await ports.runtime.open(new AbortController().signal);
  try {
    const drafts = Array.from({ length: to - from }, (_, step) => ({
      key: `task/${from + step}`,
      draft: { apiVersion: '0.0.1', kind: 'note', spec: { words: `${words} ${from + step}` } },
    }));
    await runtime.ledger.append(drafts);
  } finally {
    await runtime.close();
  }
}

/** Who owns the database can take the triggers away: what follows is found all the same. */
async function asOwner(state: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const folders = storeFolders(state);
  const secrets = JSON.parse(readFileSync(folders.secrets, 'utf8')) as { owner: string; app: string };
  const client = new Client({ connectionString: ownerUrl(folders, secrets, 'arbiter') });
  await client.connect();
  try {
    await client.query(`set session_replication_role = 'replica'`);
    await work(client);
  } finally {
    await client.end();
  }
}

const state = at('.local/state/arbiter');
/** Spoils the store by one statement, verifies, and mends it by another. */
async function verifySpoilt(spoil: string, mend: string): Promise<{ code: number; out: string }> {
  await asOwner(state, (client) => client.query(spoil));
  try {
    return await run('ledger', 'verify');
  } finally {
    await asOwner(state, (client) => client.query(mend));
  }
}

let keep: Awaited<ReturnType<typeof world.ports.runtime.open>>;
let logKey: string;
beforeAll(async () => {
  keep = await world.ports.runtime.open(new AbortController().signal);
  const repository = await world.repository(product);
  await init.run(world.ports, { repository: repository.directory }, world.context);
  await record(world.ports, 0, 600);
  const shown = await json<LedgerState>('ledger', 'show');
  logKey = shown.log_key ?? '';
  writeFileSync(at('pin'), shown.checkpoint ?? '');
  await run('ledger', 'export', at('log'));
});
afterAll(async () => {
  await keep.close();
  await world.ports.runtime.stopServer();
  await world.close();
});

describe('a store that somebody has changed', () => {
  const kept = 'create table if not exists public.kept as';
  it.each<[string, string, string, RegExp]>([
    [
      'a row whose bytes were changed',
      `update arbiter.ledger_entries set bytes = convert_to(replace(convert_from(bytes, 'UTF8'), 'entry 77', 'entry 78'), 'UTF8') where index = 77`,
      `update arbiter.ledger_entries set bytes = convert_to(replace(convert_from(bytes, 'UTF8'), 'entry 78', 'entry 77'), 'UTF8') where index = 77`,
      /FAIL log: entry 77 was changed/,
    ],
    [
      'a row that is gone',
      `${kept} select * from arbiter.ledger_entries where index = 300; delete from arbiter.ledger_entries where index = 300`,
      'insert into arbiter.ledger_entries select * from public.kept; drop table public.kept',
      /FAIL log: entry 300 is missing: 301 stands in its place/,
    ],
    [
      'an inner node that was changed, and that no root of now needs',
      `update arbiter.ledger_nodes set hash = set_byte(hash, 3, get_byte(hash, 3) # 1) where level = 3 and index = 5`,
      `update arbiter.ledger_nodes set hash = set_byte(hash, 3, get_byte(hash, 3) # 1) where level = 3 and index = 5`,
      /FAIL nodes: node 5 of level 3 was changed: it is not what the entries below it make/,
    ],
    [
      'an inner node that is gone',
      `${kept} select * from arbiter.ledger_nodes where level = 1 and index = 290; delete from arbiter.ledger_nodes where level = 1 and index = 290`,
      'insert into arbiter.ledger_nodes select * from public.kept; drop table public.kept',
      /FAIL nodes: the ledger is damaged: node 290 of level 1 is missing/,
    ],
    [
      'an inner node with more behind its hash',
      `alter table arbiter.ledger_nodes drop constraint ledger_nodes_hash_check;
        update arbiter.ledger_nodes set hash = hash || '\\x00'::bytea where level = 3 and index = 74`,
      `update arbiter.ledger_nodes set hash = substring(hash from 1 for 32) where level = 3 and index = 74;
        alter table arbiter.ledger_nodes add check (octet_length(hash) = 32)`,
      /FAIL nodes: the nodes that entries 0 to 599 complete are stored in another form than they have/,
    ],
    [
      'the last entries cut off',
      `${kept} select * from arbiter.ledger_entries where index >= 590; delete from arbiter.ledger_entries where index >= 590`,
      'insert into arbiter.ledger_entries select * from public.kept; drop table public.kept',
      /FAIL nodes: node 295 of level 1 is over entries that are not there: the log’s tail is missing/,
    ],
  ])('is refused for %s', async (_, spoil, mend, said) => {
    expect((await run('ledger', 'verify')).code).toBe(0);
    const refused = await verifySpoilt(spoil, mend);
    expect(refused).toMatchObject({ code: 1, out: expect.stringMatching(said) });
    const whole = await json<LedgerVerification>('ledger', 'verify');
    expect(whole).toMatchObject({ verified: true, size: 600 });
    // 600 leaves make 600 less one node for each 1 of its binary digits.
    expect(whole.checks.find(({ check }) => check === 'nodes')?.detail).toMatch(/^596 inner nodes/);
  });
});

describe('an export that broke off', () => {
  it.each<[string, (folder: string) => void, RegExp]>([
    [
      'a bundle that ends in the middle',
      (folder) => truncateSync(join(folder, 'tile/entries/002.p/88'), 500),
      /FAIL log: tile\/entries\/002\.p\/88 is cut off or too long/,
    ],
    ['a tile that is missing', (folder) => rmSync(join(folder, 'tile/0/001')), /FAIL tiles: tile\/0\/001 is missing/],
    [
      'a folder of entries that is missing',
      (folder) => rmSync(join(folder, 'tile/entries'), { recursive: true }),
      /FAIL log: tile\/entries\/000 is missing/,
    ],
  ])('is refused for %s', async (_, spoil, said) => {
    rmSync(at('cut'), { recursive: true, force: true });
    cpSync(at('log'), at('cut'), { recursive: true });
    spoil(at('cut'));
    const asked = ['ledger', 'verify', '--remote', at('cut'), '--log-key', logKey];
    expect(await run(...asked)).toMatchObject({ code: 1, out: expect.stringMatching(said) });
  });
});

describe('the signatures of a checkpoint', () => {
  const verifyPin = (...more: string[]) => run('ledger', 'verify', '--checkpoint', at('pin'), ...more);
  const rawLine = (file: string): string => readFileSync(file, 'utf8').split(' ').slice(0, 2).join(' ').trim();
  const keyFile = at('.config/arbiter/keys/log.pub');

  it('are named where nobody knows the signer', async () => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at('other')]);
    writeFileSync(at('signers'), `arbiter-log namespaces="caws-log" ${rawLine(at('other.pub'))}\n`);
    const refused = await verifyPin('--allowed-signers', at('signers'));
    expect(refused).toMatchObject({
      code: 1,
      out: expect.stringMatching(
        /FAIL signature: nobody in the keyring signed .*: it is signed by arbiter\/\w+\+\w{8}/,
      ),
    });
    mkdirSync(at('elsewhere/arbiter/keys'), { recursive: true });
    for (const name of ['log', 'log.pub'])
      cpSync(at(name === 'log' ? 'other' : 'other.pub'), at(`elsewhere/arbiter/keys/${name}`));
    const ports = createPorts({ HOME: home, XDG_CONFIG_HOME: at('elsewhere'), ARBITER_FSYNC: 'off' }, '0.0.0-test');
    const unknown = await runOn(ports, 'ledger', 'verify', '--remote', at('log'));
    expect(unknown).toMatchObject({
      code: 1,
      out: expect.stringMatching(/its signer is unknown: it is signed by \S+, and the log's key is \S+\+\w{8}/),
    });
  });

  it('count for the time of their line alone', async () => {
    const line = (options: string): void =>
      writeFileSync(at('signers'), `arbiter-log namespaces="caws-log"${options} ${rawLine(keyFile)}\n`);
    line('');
    expect(await verifyPin('--allowed-signers', at('signers'))).toMatchObject({
      code: 0,
      out: expect.stringMatching(/ok {3}signature: .* is signed by arbiter-log with key SHA256:/),
    });
    line(',valid-before="20200101Z"');
    expect(await verifyPin('--allowed-signers', at('signers'))).toMatchObject({
      code: 1,
      out: expect.stringMatching(/expired-key: .*; its line is good until 2020-01-01T.*, and it is asked now/),
    });
    line(',valid-after="20990101Z"');
    expect(await verifyPin('--allowed-signers', at('signers'))).toMatchObject({
      code: 1,
      out: expect.stringMatching(/its line is good from 2099-01-01T/),
    });
    writeFileSync(at('signers'), `arbiter namespaces="caws-verdict" ${rawLine(keyFile)}\n`);
    expect(await verifyPin('--allowed-signers', at('signers'))).toMatchObject({
      code: 1,
      out: expect.stringMatching(/wrong-namespace/),
    });
  });

  it('of a witness are wanted, and not too old', async () => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at('witness')]);
    const asked = ['--remote', at('log'), '--key', at('witness'), '--state', at('seen'), '--name', 'witness.test'];
    const cosigned = await json<LedgerCosignature>('ledger', 'witness', ...asked);
    writeFileSync(at('cosigned'), cosigned.note ?? '');
    const key = cosigned.witness_key;
    const verify = (file: string, ...more: string[]) =>
      run('ledger', 'verify', '--checkpoint', at(file), '--witness-key', key, ...more);
    expect(await verify('cosigned')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/ok {3}cosignature: witness\.test saw it at 20/),
    });
    expect(await verify('pin')).toMatchObject({
      code: 1,
      out: expect.stringMatching(/FAIL cosignature: .* bears no good cosignature of witness\.test/),
    });
    const later = { ...world.ports, clock: { ...world.ports.clock, nowMs: () => Date.now() + 50 * 3_600_000 } };
    const old = ['ledger', 'verify', '--checkpoint', at('cosigned'), '--witness-key', key];
    expect(await runOn(later, ...old)).toMatchObject({
      code: 1,
      out: expect.stringMatching(/FAIL cosignature: .*, 50 hours ago, and 24 are allowed/),
    });
    expect((await runOn(later, ...old, '--max-age', '72')).code).toBe(0);
    const earlier = { ...world.ports, clock: { ...world.ports.clock, nowMs: () => Date.now() - 3_600_000 } };
    expect(await runOn(earlier, ...old)).toMatchObject({ code: 1, out: expect.stringMatching(/has not come yet/) });
    // The time that the witness gave is when the log's key had to be good.
    const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10).replaceAll('-', '');
    writeFileSync(
      at('signers'),
      `arbiter-log namespaces="caws-log",valid-before="${day(Date.now() + 86_400_000)}Z" ${rawLine(keyFile)}\n`,
    );
    const signers = ['--allowed-signers', at('signers'), '--max-age', '72'];
    expect((await runOn(later, ...old, ...signers)).code).toBe(0);
    const unseen = ['ledger', 'verify', '--checkpoint', at('cosigned'), ...signers];
    expect(await runOn(later, ...unseen)).toMatchObject({ code: 1, out: expect.stringMatching(/expired-key/) });
  });

  it('need a checkpoint, a number and a key to be asked for', async () => {
    expect(await run('ledger', 'verify', '--witness-key', logKey)).toMatchObject({
      code: 3,
      err: expect.stringMatching(/no checkpoint whose signatures/),
    });
    expect(await verifyPin('--witness-key', logKey)).toMatchObject({
      code: 3,
      err: expect.stringMatching(/is not the key of a witness[^]*witness_key/),
    });
    expect((await verifyPin('--witness-key', at('nowhere'))).code).toBe(3);
    for (const hours of ['soon', '-1', '0']) {
      expect({ hours, code: (await verifyPin('--max-age', hours)).code }).toEqual({ hours, code: 3 });
    }
  });
});

describe('two databases that claim one origin', () => {
  it('are told apart by a kept checkpoint, by the export and by the witness, each of which names it', async () => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at('guard')]);
    const witness = ['--key', at('guard'), '--state', at('guarded'), '--name', 'guard.test'];
    expect((await run('db', 'backup', at('backup'))).code).toBe(0);
    await record(world.ports, 600, 610);
    const shown = await json<LedgerState>('ledger', 'show');
    writeFileSync(at('pin-610'), shown.checkpoint ?? '');
    await run('ledger', 'export', at('first'));
    expect((await run('ledger', 'witness', '--remote', at('first'), ...witness)).code).toBe(0);
    // The backup comes to life on another machine, with the same keys, and goes on by itself.
    const twin = createPorts({ ARBITER_FSYNC: 'off', HOME: home, XDG_STATE_HOME: at('twin') }, '0.0.0-test');
    try {
      expect((await runOn(twin, 'db', 'restore', at('backup'))).code).toBe(0);
      const behind = await runOn(twin, 'ledger', 'verify', '--checkpoint', at('pin-610'));
      expect(behind).toMatchObject({
        code: 1,
        out: expect.stringMatching(/it ends after 600 entries.*tail is missing/),
      });
      await record(twin, 600, 610, 'another');
      expect((await runOn(twin, 'ledger', 'verify')).code).toBe(0);
      const forked = await runOn(twin, 'ledger', 'verify', '--checkpoint', at('pin-610'));
      expect(forked).toMatchObject({
        code: 1,
        out: expect.stringMatching(/a second root at 610 entries: the log tells two histories/),
      });
      expect(await runOn(twin, 'ledger', 'export', at('first'))).toMatchObject({
        code: 3,
        err: expect.stringMatching(/does not belong to this log as it is now: .*two histories/),
      });
      expect((await runOn(twin, 'ledger', 'export', at('second'))).code).toBe(0);
      expect(await run('ledger', 'witness', '--remote', at('second'), ...witness)).toMatchObject({
        code: 1,
        out: expect.stringMatching(/NOT COSIGNED .*two histories/),
      });
    } finally {
      await twin.runtime.stopServer();
    }
  });
});
