import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PublishInput, PublishOutput } from '../../../src/app/adjudicate/publish/publish.js';
import { recordBundle } from '../../../src/app/verdict/record-bundle.js';
import { recordVerdict } from '../../../src/app/verdict/record-verdict.js';
import { verdictSchema } from '../../../src/core/caws/verdict/verdict.js';
import { readEntry } from '../../../src/core/ledger/sequence.js';
import type { Signer } from '../../../src/ports/signer.js';
import { createLedgerGround, type LedgerGround } from './ledger-ground.js';

// Thirty rounds on one store: a publisher is killed at a step, and what it was at is done again by somebody else.
let ground: LedgerGround;
let logSigner: Signer;
beforeAll(async () => {
  ground = await createLedgerGround();
  const { ports, clone } = ground;
  ({ signer: logSigner } = await ports.keyring.loadSigner(join(ports.places.configHome, 'keys/log'), clone));
});
afterAll(() => ground.close());
afterEach(() => void ground.ask('update-ref', 'refs/heads/main', ground.base));

type Mode = NonNullable<PublishInput['mode']>;
const steps = [
  'verdict signed',
  'verdict.yaml.sig written',
  'verdict.yaml written',
  'dsse not yet entered',
  'dsse entered',
  'verdict.sigstore.json written',
  'commit signed',
  'objects-written',
  'commit-written',
  'record-written',
  'refs-prepared',
  'refs-set',
  'caws-publication not yet entered',
  'caws-publication entered',
];
const both: readonly Mode[] = ['branch', 'direct'];
const rounds: readonly { readonly step: string; readonly mode: Mode }[] = [
  ...steps.flatMap((step) => both.map((mode) => ({ step, mode }))),
  { step: 'git killed, and its publisher lives', mode: 'branch' },
  { step: 'git killed with its publisher', mode: 'direct' },
];

function startPublisher(folder: string, mode: Mode, step: string) {
  const script = fileURLToPath(new URL('./publisher-process.mjs', import.meta.url));
  const env = { PATH: process.env['PATH'] ?? '', HOME: ground.world.home, ARBITER_FSYNC: 'off' };
  return spawnSync(process.execPath, [script, ground.clone, folder, mode, step], { env, encoding: 'utf8' });
}

/** What was begun is done again from its beginning, here. */
async function doAgain(folder: string, mode: Mode): Promise<PublishOutput> {
  const { ports, runtime, verdictKey: signer } = ground;
  const yaml = readFileSync(join(folder, 'verdict.yaml'));
  const verdict = verdictSchema.parse(ports.documents.read(yaml, 'verdict.yaml').value);
  await recordVerdict({ verdict, signer, outDir: folder }, ports.files);
  await recordBundle({ verdict, signer, logSigner, outDir: folder }, { files: ports.files, ledger: runtime.ledger });
  return ground.publish(folder, { mode });
}

/** Keys of the ledger's entries about a verdict, and what its publication says. */
async function entriesOf(verdictId: string): Promise<{ keys: string[]; publications: unknown[] }> {
  const { ledger } = ground.runtime;
  const keys: string[] = [];
  const publications: unknown[] = [];
  for await (const entry of ledger.entries(0, (await ledger.head()).size)) {
    if (!entry.key.startsWith(`${verdictId}/`)) continue;
    const { kind, spec } = readEntry(entry);
    keys.push(kind);
    if (kind === 'caws-publication') publications.push(spec['new']);
  }
  return { keys, publications };
}

/** Git that was killed leaves its locks, and says which; a person removes them, when nobody is at work. */
async function refusedForLocks(folder: string, mode: Mode): Promise<void> {
  const again = doAgain(folder, mode);
  await expect(again).rejects.toMatchObject({
    code: 'GIT_FAILED',
    mend: expect.stringMatching(/remove the \.lock/) as string,
  });
  const locks = ground.ask('for-each-ref', '--format=%(refname)').split('\n').filter(Boolean);
  const verdictId = readFileSync(join(folder, 'verdict.yaml'), 'utf8').match(/^verdict_id: "?(\w{26})/m)?.[1] ?? '';
  for (const ref of [...locks, 'refs/caws/ledger', 'refs/notes/ai', `refs/heads/arbiter/${verdictId}`])
    rmSync(join(ground.clone, '.git', `${ref}.lock`), { force: true });
}

let edition = 1000;

describe('attack 18: a crash between sign, append and publish', () => {
  it('honest twin: a publisher that nobody kills lands one commit, one verdict, one publication', async () => {
    const folder = await ground.judge(
      { 'src/postage.js': `export const postage = ${(edition += 1)};\n` },
      { signer: null },
    );
    expect(startPublisher(folder, 'branch', 'never')).toMatchObject({ status: 0 });
    expect(await doAgain(folder, 'branch')).toMatchObject({ changed: false });
  });

  it.each(rounds)('$step, $mode: done again, there is one of each', async ({ step, mode }) => {
    const folder = await ground.judge(
      { 'src/postage.js': `export const postage = ${(edition += 1)};\n` },
      { signer: null },
    );
    const killed = startPublisher(folder, mode, step);
    if (step === 'git killed, and its publisher lives') {
      expect(killed).toMatchObject({ status: 1, stderr: expect.stringMatching(/could not be set/) as string });
    } else expect(killed).toMatchObject({ signal: 'SIGKILL' });
    if (step.startsWith('git killed')) await refusedForLocks(folder, mode);

    const { commit, ref, verdict_id: id } = await doAgain(folder, mode);
    expect(ground.ask('rev-parse', ref ?? '').trim()).toBe(commit);
    expect(ground.ask('rev-list', '--count', `${ground.base}..${ref}`).trim()).toBe('1');
    const recorded = ground.ask('log', '--format=%s', 'refs/caws/ledger').split('\n');
    expect(recorded.filter((subject) => subject === `verdict ${id}`)).toHaveLength(1);
    expect(ground.ask('cat-file', '-p', `refs/caws/ledger:commits/${commit}`)).toBe(`${id}\n`);
    expect(await entriesOf(id)).toEqual({ keys: ['dsse', 'caws-publication'], publications: [commit] });
  });

  it('and after all of them the log holds, with two entries for each, and the repository is whole', async () => {
    expect(await ground.runtime.ledger.head()).toMatchObject({ size: 2 * (rounds.length + 1) });
    expect(await ground.run('ledger', 'verify')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/ok {3}record/) as string,
    });
    expect(ground.git('fsck', '--strict', '--no-dangling')).toMatchObject({ code: 0 });
    expect(existsSync(join(ground.clone, '.git/refs/caws/ledger.lock'))).toBe(false);
    expect(rounds).toHaveLength(30);
  });
});
