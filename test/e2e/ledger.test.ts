import { execFileSync } from 'node:child_process';
import { createPublicKey, verify } from 'node:crypto';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownerUrl } from '../../src/adapters/postgres/launcher/probe-server.js';
import { storeFolders } from '../../src/adapters/postgres/launcher/store-folders.js';
import { init } from '../../src/app/init/init.js';
import { decodeBase64 } from '../../src/core/base64.js';
import { noteKinds, parseNote, parseNoteKey, renderNoteKey } from '../../src/core/ledger/note.js';
import { isSignedBy, parseCheckpoint } from '../../src/core/ledger/checkpoint.js';
import { hexOf } from '../../src/core/ledger/hex.js';
import { verifyInclusion } from '../../src/core/ledger/proof.js';
import { hashLeaf } from '../../src/core/ledger/tree.js';
import type { LedgerProof } from '../../src/app/ledger/prove.js';
import type { LedgerState } from '../../src/app/ledger/show.js';
import type { LedgerVerification } from '../../src/app/ledger/verification.js';
import type { LedgerCosignature } from '../../src/app/ledger/witness.js';
import type { Ports } from '../../src/ports/ports.js';
import { createPorts } from '../../src/wiring.js';
import { arbiter } from './cli.js';
import { runCommand } from './run-command.js';
import { createWorld, product } from './world.js';

const world = createWorld({ ARBITER_FSYNC: 'off' });
const { home } = world;
const at = (name: string): string => join(home, name);
const runOn = (ports: Ports, argv: readonly string[]) => runCommand(ports, home, ['ledger', ...argv]);
const run = (...argv: string[]) => runOn(world.ports, argv);
const json = async <Output>(...argv: string[]): Promise<Output> =>
  JSON.parse((await run(...argv, '--json')).out) as Output;
const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));

// No command appends: what the application records is stood in for by the port.
async function record(from: number, to: number): Promise<void> {
  const runtime = await world.ports.runtime.open(new AbortController().signal);
  try {
    const drafts = Array.from({ length: to - from }, (_, step) => ({
      key: `task/${from + step}`,
      draft: { apiVersion: '0.0.1', kind: 'note', spec: { words: `entry ${from + step}` } },
    }));
    await runtime.ledger.append(drafts);
  } finally {
    await runtime.close();
  }
}

/** A web server that knows nothing of logs. */
async function serve(folder: string): Promise<{ url: string; server: Server }> {
  const server = createServer((request, answer) => {
    const path = join(folder, decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname));
    if (path.endsWith('moved')) answer.writeHead(302, { location: '/checkpoint' }).end();
    else if (existsSync(path)) answer.end(readFileSync(path));
    else answer.writeHead(404).end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server };
}

// Another session of this world keeps the embedded server up, so that each command costs no start.
let keep: Awaited<ReturnType<typeof world.ports.runtime.open>>;
beforeAll(async () => {
  keep = await world.ports.runtime.open(new AbortController().signal);
});
afterAll(async () => {
  await keep.close();
  await world.ports.runtime.stopServer();
  await world.close();
});

describe('arbiter ledger, before there is a key', () => {
  it('is a command of the program that people start', () => {
    const options = { home, env: { ARBITER_FSYNC: 'off' } };
    expect(arbiter(['ledger', 'verify'], options)).toMatchObject({ code: 0, out: expect.stringMatching(/^VERIFIED/) });
    expect(arbiter(['ledger', 'append'], options).code).toBe(3);
  });

  it('shows an empty log, unsigned, and says how to make the key', async () => {
    const state = await json<LedgerState>('show');
    expect(state).toMatchObject({ size: 0, checkpoint: null, log_key: null, latest: [], entry: null });
    expect((await run('show')).out).toMatch(/no log key on this machine: arbiter init/);
    expect((await run('verify')).code).toBe(0);
  });

  it('exports nothing', async () => {
    const { code, err } = await run('export', at('early'));
    expect({ code, err }).toMatchObject({
      code: 3,
      err: expect.stringMatching(/no key file .*keys\/log[^]*arbiter init/),
    });
    expect(existsSync(at('early'))).toBe(false);
  });
});

describe('arbiter ledger', () => {
  let logKey: string;
  beforeAll(async () => {
    const repository = await world.repository(product);
    await init.run(world.ports, { repository: repository.directory }, world.context);
    await record(0, 300);
    const { checkpoint, log_key: key } = await json<LedgerState>('show');
    logKey = key ?? '';
    writeFileSync(at('pin-300'), checkpoint ?? '');
    await record(300, 700);
  });

  it('shows a state that anybody can check with the key beside it', async () => {
    const state = await json<LedgerState>('show');
    expect(state.latest.map(({ index }) => index)).toEqual([699, 698, 697, 696, 695, 694, 693, 692, 691, 690]);
    const note = parseNote(state.checkpoint ?? '');
    const key = parseNoteKey(state.log_key ?? '');
    if (note === null || key === null) throw new Error('no note');
    expect(parseCheckpoint(note.text)).toMatchObject({ origin: state.origin, size: 700 });
    expect(isSignedBy(note, key, world.ports.noteKeys.check)).toBe(true);
    const x = Buffer.from(key.publicKey).toString('base64url');
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    expect(verify(null, Buffer.from(note.text), publicKey, note.signatures[0]?.signature ?? Buffer.alloc(0))).toBe(
      true,
    );
  });

  it('shows one entry, by its place or its key', async () => {
    const byIndex = await json<LedgerState>('show', '42');
    expect(byIndex.entry).toMatchObject({ index: 42, key: 'task/42', says: { spec: { words: 'entry 42' } } });
    expect((await json<LedgerState>('show', 'task/42')).entry).toEqual(byIndex.entry);
    for (const unknown of ['700', 'task/700']) {
      expect(await run('show', unknown)).toMatchObject({ code: 3, err: expect.stringMatching(/arbiter ledger show/) });
    }
  });

  it('verifies the store, and a checkpoint that was kept', async () => {
    const found = await json<LedgerVerification>('verify', '--checkpoint', at('pin-300'));
    expect(found).toMatchObject({ verified: true, size: 700, first_wrong: null });
    expect(found.checks.map(({ check }) => check)).toEqual([
      'tree',
      'log',
      'nodes',
      'origin',
      'signature',
      'consistency',
    ]);
    writeFileSync(at('no-pin'), 'hello\n');
    expect(await run('verify', '--checkpoint', at('no-pin'))).toMatchObject({
      code: 3,
      err: expect.stringMatching(/not a signed/),
    });
    const forged = readFileSync(at('pin-300'), 'utf8').replace('\n300\n', '\n299\n');
    writeFileSync(at('forged-pin'), forged);
    const refused = await run('verify', '--checkpoint', at('forged-pin'));
    expect(refused).toMatchObject({ code: 1, out: expect.stringMatching(/FAIL signature[^]*FAIL consistency/) });
  });

  it('proves an entry to whoever checks it', async () => {
    const proof = await json<LedgerProof>('prove', '299');
    const entry = decodeBase64(proof.entry) ?? new Uint8Array();
    expect(hexOf(hashLeaf(entry))).toBe(proof.leaf);
    const claim = { index: proof.index, size: proof.size, leaf: bytesOf(proof.leaf), root: bytesOf(proof.root) };
    expect(verifyInclusion(claim, proof.path.map(bytesOf))).toBe(true);
    expect(parseNote(proof.checkpoint ?? '')?.text).toContain(`\n${proof.size}\n`);
    expect((await run('prove', '700')).code).toBe(3);
    expect(await run('prove', 'seven')).toMatchObject({ code: 3, err: expect.stringMatching(/index/) });
  });

  it('exports files that a web server serves and a stranger checks, and adds to them later', async () => {
    expect(await run('export', at('log'))).toMatchObject({
      code: 0,
      out: expect.stringMatching(/of 700, 7 new files, 0 as/),
    });
    for (const path of [
      'checkpoint',
      'tile/0/000',
      'tile/0/001',
      'tile/0/002.p/188',
      'tile/1/000.p/2',
      'tile/entries/002.p/188',
    ])
      expect({ path, there: existsSync(join(at('log'), path)) }).toEqual({ path, there: true });
    expect(readFileSync(join(at('log'), 'tile/0/000'))).toHaveLength(8192);
    const { url, server } = await serve(at('log'));
    try {
      // Another machine: no store, no keys.
      const elsewhere = { ...world.context };
      const { ledgerVerify } = await import('../../src/app/ledger/verify.js');
      for (const remote of [url, at('log')]) {
        const asked = { remote, logKey, checkpoint: at('pin-300') };
        expect(await ledgerVerify.run(world.ports, asked, elsewhere)).toMatchObject({ verified: true, size: 700 });
      }
    } finally {
      server.close();
    }
    await record(700, 800);
    expect(await run('export', at('log'))).toMatchObject({
      code: 0,
      out: expect.stringMatching(/of 800, .* as they were/),
    });
    expect((await run('verify', '--remote', at('log'), '--checkpoint', at('pin-300'))).code).toBe(0);
  });

  it.each([
    [
      'a changed entry',
      'tile/entries/001',
      (bytes: Buffer) => bytes.fill(bytes[900] === 65 ? 66 : 65, 900, 901),
      /FAIL log/,
    ],
    [
      'a cut bundle',
      'tile/entries/001',
      (bytes: Buffer) => bytes.subarray(0, -1),
      /FAIL log: tile\/entries\/001 is cut off/,
    ],
    ['a missing bundle', 'tile/entries/000', () => null, /FAIL log: tile\/entries\/000 is missing/],
    [
      'a changed tile',
      'tile/0/001',
      (bytes: Buffer) => bytes.fill((bytes[5] ?? 0) ^ 1, 5, 6),
      /FAIL tiles: tile 1 of level 0/,
    ],
    ['a missing tile', 'tile/1/000.p/3', () => null, /FAIL tiles: tile\/1\/000\.p\/3 is missing/],
    [
      'an edited checkpoint',
      'checkpoint',
      (bytes: Buffer) => Buffer.from(bytes.toString().replace('\n800\n', '\n799\n')),
      /FAIL signature/,
    ],
  ])('refuses an export with %s', async (_, path, spoil, said) => {
    rmSync(at('spoilt'), { recursive: true, force: true });
    cpSync(at('log'), at('spoilt'), { recursive: true });
    const bytes = spoil(readFileSync(join(at('spoilt'), path)));
    if (bytes === null) rmSync(join(at('spoilt'), path));
    else writeFileSync(join(at('spoilt'), path), bytes);
    const refused = await run('verify', '--remote', at('spoilt'));
    expect(refused).toMatchObject({ code: 1, out: expect.stringMatching(said) });
  });

  it('never replaces what was published, and finishes an export that was stopped', async () => {
    rmSync(at('stopped'), { recursive: true, force: true });
    cpSync(at('log'), at('stopped'), { recursive: true });
    rmSync(join(at('stopped'), 'checkpoint'));
    rmSync(join(at('stopped'), 'tile/1'), { recursive: true });
    expect((await run('verify', '--remote', at('stopped'))).code).toBe(3);
    expect((await run('export', at('stopped'))).code).toBe(0);
    expect((await run('verify', '--remote', at('stopped'))).code).toBe(0);
    writeFileSync(join(at('stopped'), 'tile/0/000'), Buffer.alloc(8192));
    expect(await run('export', at('stopped'))).toMatchObject({
      code: 3,
      err: expect.stringMatching(/tile\/0\/000 does not belong/),
    });
  });

  it('reads http from this machine alone', async () => {
    for (const remote of [
      'http://example.org/',
      'https://127.0.0.1/',
      'http://10.0.0.1/',
      'ftp://localhost/',
      'http://u:p@localhost/',
    ])
      expect({ remote, code: (await run('verify', '--remote', remote)).code }).toEqual({ remote, code: 3 });
    expect(await run('verify', '--remote', 'http://127.0.0.1:9/')).toMatchObject({
      code: 4,
      err: expect.stringMatching(/cannot be read/),
    });
    expect((await run('verify', '--remote', at('nowhere'))).code).toBe(3);
  });

  it('is not believed under another key', async () => {
    const other = renderNoteKey({ name: 'other.log', kind: noteKinds.ed25519, publicKey: new Uint8Array(32) });
    expect(await run('verify', '--remote', at('log'), '--log-key', other)).toMatchObject({
      code: 1,
      out: expect.stringMatching(/FAIL signature/),
    });
    expect(await run('verify', '--remote', at('log'), '--log-key', at('pin-300'))).toMatchObject({ code: 3 });
  });

  it('is cosigned by a witness as long as it only grows', async () => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at('witness')]);
    const asked = ['--key', at('witness'), '--state', at('seen'), '--name', 'witness.test'];
    const first = await json<LedgerCosignature>('witness', '--remote', at('log'), ...asked);
    expect(first).toMatchObject({ cosigned: true, size: 800, seen_size: null });
    const note = parseNote(first.note ?? '');
    const key = parseNoteKey(first.witness_key);
    if (note === null || key === null) throw new Error('no cosignature');
    expect(isSignedBy(note, key, world.ports.noteKeys.check)).toBe(true);
    await record(800, 830);
    cpSync(at('log'), at('old'), { recursive: true });
    await run('export', at('log'));
    const next = await json<LedgerCosignature>('witness', '--remote', at('log'), ...asked);
    expect(next).toMatchObject({ cosigned: true, size: 830, seen_size: 800 });
    const old = await run('witness', '--remote', at('old'), ...asked);
    expect(old).toMatchObject({ code: 1, out: expect.stringMatching(/830 were seen before/) });
    expect((await run('witness', '--remote', at('log'), ...asked, '--log-key', first.witness_key)).code).toBe(3);
    expect(await run('witness', '--remote', at('log'), ...asked.slice(0, 4), '--name', 'other')).toMatchObject({
      code: 3,
      err: expect.stringMatching(/not signed by this witness/),
    });
    writeFileSync(at('seen.lock'), '');
    expect(await run('witness', '--remote', at('log'), ...asked)).toMatchObject({
      code: 3,
      err: expect.stringMatching(/seen\.lock/),
    });
    rmSync(at('seen.lock'));
    expect((await run('witness', '--remote', at('log'), ...asked)).code).toBe(0);
  });

  it('that was written anew under the same name and key is refused by a kept checkpoint and by the witness', async () => {
    const ports = createPorts({ ARBITER_FSYNC: 'off', HOME: home, XDG_STATE_HOME: at('other') }, '0.0.0-test');
    const runtime = await ports.runtime.open(new AbortController().signal);
    try {
      const folders = storeFolders(at('other/arbiter'));
      const secrets = JSON.parse(readFileSync(folders.secrets, 'utf8')) as { owner: string; app: string };
      const client = new Client({ connectionString: ownerUrl(folders, secrets, 'arbiter') });
      await client.connect();
      await client.query('insert into arbiter.ledger (origin) values ($1)', [(await json<LedgerState>('show')).origin]);
      await client.end();
      const drafts = Array.from({ length: 900 }, (_, step) => ({
        key: `task/${step}`,
        draft: { apiVersion: '0.0.1', kind: 'note', spec: { words: step === 5 ? 'another' : `entry ${step}` } },
      }));
      await runtime.ledger.append(drafts);
      const rewritten = (...argv: string[]) => runOn(ports, argv);
      expect((await rewritten('export', at('rewritten'))).code).toBe(0);
      expect((await rewritten('verify', '--remote', at('rewritten'))).code).toBe(0);
      const pinned = /first 300 entries are not those of[^]*FAIL consistency/;
      for (const argv of [['verify'], ['verify', '--remote', at('rewritten')]]) {
        expect(await rewritten(...argv, '--checkpoint', at('pin-300'))).toMatchObject({
          code: 1,
          out: expect.stringMatching(pinned),
        });
      }
      const refused = await rewritten(
        'witness',
        '--remote',
        at('rewritten'),
        '--key',
        at('witness'),
        '--state',
        at('seen'),
        '--name',
        'witness.test',
      );
      expect(refused).toMatchObject({ code: 1, out: expect.stringMatching(/rewritten/) });
      expect(await rewritten('export', at('log'))).toMatchObject({ code: 3, err: expect.stringMatching(/rewritten/) });
    } finally {
      await runtime.close();
      await ports.runtime.stopServer();
    }
  });
});
