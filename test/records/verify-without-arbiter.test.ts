import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasSshKeygen } from '../../src/adapters/signing/fixtures/ssh.js';
import { demo } from '../../src/app/demo/demo.js';
import { verdictVerificationSchema } from '../../src/core/caws/verdict/verification.js';
import { renderNoteKey } from '../../src/core/ledger/note.js';
import { arbiter } from '../e2e/cli.js';
import { createWorld } from '../e2e/world.js';
import { noteKeyOf } from './scene.js';

// Runs docs/verify-without-arbiter.md word for word, in a folder that holds only what the page asks for.
const root = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(join(root, 'docs/verify-without-arbiter.md'), 'utf8');
const blocks = [...page.matchAll(/^```(sh|js)\n([^]*?)^```$/gm)].map(([, language = '', code = '']) => ({
  language,
  code,
}));
const script = blocks.find(({ language }) => language === 'js')?.code ?? '';
const commands = blocks.filter(({ language }) => language === 'sh').map(({ code }) => code);

const opensslHelp = spawnSync('openssl', ['pkeyutl', '-help'], { encoding: 'utf8' }).stderr ?? '';
const lacks = [
  ...(hasSshKeygen ? [] : ['ssh-keygen -Y']),
  ...(/-rawin/.test(opensslHelp) ? [] : ['openssl pkeyutl -rawin']),
];
const withTools = it.skipIf(lacks.length > 0);
const why = lacks.length === 0 ? '' : ` (skipped: no ${lacks.join(' and no ')})`;

const folder = mkdtempSync(join(tmpdir(), 'arbiter-stranger-'));
const world = createWorld();
const leftovers: (() => Promise<void>)[] = [];
const verdicts: { readonly name: string; readonly folder: string; readonly line: string }[] = [];
afterAll(async () => {
  for (const remove of leftovers) await remove();
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Name of the log of the demo's store. */
let origin = '';

beforeAll(async () => {
  const { ports, context } = world;
  const folders = new Map<string, string>();
  const scratch: typeof ports.scratch = {
    async createFolder(name) {
      const made = await ports.scratch.createFolder(name);
      folders.set(name, made.directory);
      leftovers.push(() => made.remove());
      return made;
    },
    async createRepository(name) {
      const made = await ports.scratch.createRepository(name);
      leftovers.push(() => made.remove());
      return made;
    },
  };
  const { tasks, repository } = await demo.run({ ...ports, scratch }, { keep: true }, context);
  const keys = folders.get('demo-keys') ?? '';
  const { signer: logSigner } = await ports.keyring.loadSigner(join(keys, 'log'), repository);
  for (const { name, id, verdict } of tasks) {
    if (verdict === null) throw new Error(`${name} has no verdict`);
    const outDir = join(ports.places.stateHome, 'verdicts', id, `${verdict.attempt}-0`);
    const given = join(folder, name);
    mkdirSync(given);
    for (const file of ['verdict.yaml', 'verdict.yaml.sig', 'verdict.sigstore.json'])
      cpSync(join(outDir, file), join(given, file));
    for (const file of ['allowed_signers', 'allowed_signers.sig'])
      cpSync(join(repository ?? '', '.caws/keys', file), join(given, file));
    cpSync(join(keys, 'root.pub'), join(given, 'root.pub'));
    writeFileSync(join(given, 'check.mjs'), script);
    // Not for the page: for our own command, which takes the log's key in this form.
    [origin = ''] = envelopeIn(given).split('\n');
    writeFileSync(join(folder, 'log.vkey'), `${renderNoteKey({ ...noteKeyOf(logSigner), name: origin })}\n`);
    verdicts.push({ name, folder: given, line: `verified: ${verdict.verdict} ${verdict.verdict_id}\n` });
  }
  // In place of the page's npm install: the same two packages, from this repository's lock file.
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
});

function run(command: string, cwd: string): { readonly passed: boolean; readonly out: string } {
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, LC_ALL: 'C.UTF-8' };
  const ended = spawnSync('bash', ['--norc', '-euo', 'pipefail', '-c', command], { cwd, env, encoding: 'utf8' });
  return { passed: ended.status === 0, out: ended.stdout };
}

/** Which steps of the page refuse: 1 to n for its commands, `script` for its script. */
function refusals(cwd: string): string[] {
  const steps = [...commands, 'node check.mjs'].map((command) => run(command, cwd).passed);
  return steps.flatMap((passed, index) => (passed ? [] : [index === commands.length ? 'script' : String(index + 1)]));
}

describe('docs/verify-without-arbiter.md', () => {
  it('has five blocks of commands and one script', () => {
    expect([commands.length, script.length > 0]).toEqual([5, true]);
    expect(page).toContain('npm install @sigstore/verify@3.1.1 @sigstore/bundle@4.0.0');
    const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(devDependencies).toMatchObject({ '@sigstore/verify': '3.1.1', '@sigstore/bundle': '4.0.0' });
  });

  withTools(`accepts every verdict of the demo, whatever it says${why}`, () => {
    expect(verdicts.map(({ name }) => name)).toEqual(['honest-fix', 'refined', 'escalated', 'over-budget']);
    for (const { name, folder: cwd, line } of verdicts) {
      expect([name, refusals(cwd)]).toEqual([name, []]);
      expect(run('node check.mjs', cwd).out).toBe(line);
    }
  });

  withTools.each<[string, readonly string[], (at: (file: string) => string, other: string) => void]>([
    [
      'a verdict that was edited',
      ['2', '4', 'script'],
      (at) => edit(at('verdict.yaml'), (text) => text.replace('WAIVER_REQUIRED', 'PASS')),
    ],
    [
      'signers that were added to',
      ['1'],
      (at) => edit(at('allowed_signers'), (text) => `${text}mallory ssh-ed25519 AAAA\n`),
    ],
    [
      'a statement that was edited',
      ['3', 'script'],
      (at) => edit(at('verdict.sigstore.json'), respell('WAIVER_REQUIRED', 'PASS')),
    ],
    [
      'a checkpoint that was edited',
      ['5', 'script'],
      (at) =>
        edit(at('verdict.sigstore.json'), (text) =>
          text.replace(/\\n(\d+)\\n/, (_line, size) => `\\n${Number(size) + 1}\\n`),
        ),
    ],
    [
      'the bundle of another verdict',
      ['4', 'script'],
      (at, other) => cpSync(join(other, 'verdict.sigstore.json'), at('verdict.sigstore.json')),
    ],
    ['the root of someone else', ['1'], (at) => edit(at('root.pub'), () => readFileSync(at('stranger.pub'), 'utf8'))],
    [
      'the log key of someone else',
      ['1', '5', 'script'],
      (at) => {
        const [, key = ''] = readFileSync(at('stranger.pub'), 'utf8').split(' ');
        edit(at('allowed_signers'), (text) => text.replace(/("caws-log" ssh-ed25519 )\S+/, `$1${key}`));
      },
    ],
  ])(`refuses %s${why}`, async (name, steps, tamper) => {
    const last = verdicts.at(-1)?.folder ?? '';
    const cwd = join(folder, name.replaceAll(' ', '-'));
    cpSync(last, cwd, { recursive: true });
    const stranger = await world.ports.keyring.createKey(join(cwd, 'stranger'), 'stranger', null);
    expect(stranger.keyId).toMatch(/^SHA256:/);
    tamper((file) => join(cwd, file), verdicts[0]?.folder ?? '');
    expect(refusals(cwd)).toEqual(steps);
  });
});

describe('arbiter verdict verify', () => {
  const verify = (cwd: string, ...more: string[]) =>
    arbiter(['verdict', 'verify', 'verdict.yaml', '--allowed-signers', 'allowed_signers', ...more], {
      home: world.home,
      cwd,
    });

  it('agrees with the page: the log’s key from a file, its checks in the list', () => {
    const cwd = verdicts[0]?.folder ?? '';
    const { code, out } = verify(cwd, '--log-key', '../log.vkey', '--json');
    const { verified, checks } = verdictVerificationSchema.parse(JSON.parse(out));
    expect([code, verified]).toEqual([0, true]);
    expect(checks.map(({ check, passed }) => [check, passed])).toEqual(
      [
        'form',
        'keyring',
        'signature',
        'bundle',
        'envelope',
        'subjects',
        'predicate',
        'entry',
        'inclusion',
        'checkpoint',
      ].map((check) => [check, true]),
    );
  });

  it('says what it did not check, refuses another log’s key, and tells what a key looks like', () => {
    const cwd = join(folder, 'of-a-user');
    cpSync(verdicts[0]?.folder ?? '', cwd, { recursive: true });
    const plain = verify(cwd);
    expect([plain.code, plain.out]).toEqual([
      0,
      expect.stringContaining('?    inclusion: not checked: no key of the log'),
    ]);
    const raw = new Uint8Array(32).fill(1);
    writeFileSync(join(cwd, 'other.vkey'), renderNoteKey({ name: origin, kind: 1, publicKey: raw }));
    const foreign = verify(cwd, '--log-key', 'other.vkey');
    expect([foreign.code, foreign.out]).toEqual([1, expect.stringContaining('FAIL checkpoint')]);
    const wrong = verify(cwd, '--log-key', 'root.pub');
    expect([wrong.code, wrong.err]).toEqual([3, expect.stringContaining('holds no verifier key of a signed note')]);
    const absent = verify(cwd, '--log-key', 'absent.vkey');
    expect([absent.code, absent.err]).toEqual([3, expect.stringContaining('absent.vkey')]);
  });
});

/** The checkpoint in a verdict's bundle. */
function envelopeIn(cwd: string): string {
  const bundle = JSON.parse(readFileSync(join(cwd, 'verdict.sigstore.json'), 'utf8')) as {
    verificationMaterial: { tlogEntries: { inclusionProof: { checkpoint: { envelope: string } } }[] };
  };
  return bundle.verificationMaterial.tlogEntries[0]?.inclusionProof.checkpoint.envelope ?? '';
}

function edit(path: string, change: (text: string) => string): void {
  const before = readFileSync(path, 'utf8');
  const after = change(before);
  expect(after).not.toBe(before);
  writeFileSync(path, after);
}

/** Changes words inside the envelope's payload and leaves everything else as it is. */
function respell(from: string, to: string): (text: string) => string {
  return (text) =>
    text.replace(/("payload":")([^"]*)"/, (_, head: string, payload: string) => {
      const changed = Buffer.from(payload, 'base64').toString('utf8').replace(from, to);
      return `${head}${Buffer.from(changed).toString('base64')}"`;
    });
}
