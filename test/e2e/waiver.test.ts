import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adjudicate } from '../../src/app/adjudicate/adjudicate.js';
import { signKeyring } from '../../src/app/init/establish-keys.js';
import { type World, createWorld, governed, product } from './world.js';

// Real people sign with ssh-keygen, so the waivers here are signed by it.
const hasSshKeygen = (() => {
  try {
    execFileSync('ssh-keygen', ['-?'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    return (error as { code?: string }).code !== 'ENOENT';
  }
})();

const world: World = createWorld();
afterAll(() => world.close());

const folder = mkdtempSync(join(world.home, 'people-'));
const people = { ada: join(folder, 'ada'), mallory: join(folder, 'mallory') };

beforeAll(() => {
  if (!hasSshKeygen) return;
  for (const path of Object.values(people)) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path]);
});

const day = 86_400_000;
const instant = (fromNowMs: number): string => new Date(Date.now() + fromNowMs).toISOString();

const waiver = (more: { expires?: string; created?: string } = {}): string => `id: WV-0001
title: A price table in one change
status: active
gates: [budget_limit]
reason: The carrier publishes its prices as one table, and half a table is wrong.
approved_by: ada@example.org
created_at: "${more.created ?? instant(-day)}"
expires_at: "${more.expires ?? instant(7 * day)}"
`;

function sign(text: string, key: string, namespace = 'caws-waiver'): string {
  const file = join(mkdtempSync(join(folder, 'sign-')), 'waiver.yaml');
  writeFileSync(file, text);
  execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-f', key, '-n', namespace, file], {
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  return readFileSync(`${file}.sig`, 'utf8');
}

async function judgeUnder(files: Readonly<Record<string, string>>, author?: string) {
  const repository = await governed(world);
  const { signer: root } = await world.ports.keyring.loadSigner(join(world.home, '.config/arbiter/keys/root'), null);
  const before = readFileSync(join(repository.directory, '.caws/keys/allowed_signers'), 'utf8');
  const keyring = `${before}ada@example.org namespaces="caws-waiver" ${readFileSync(`${people.ada}.pub`, 'utf8')}`;
  const config = readFileSync(join(repository.directory, '.caws/arbiter.yaml'), 'utf8');
  const base = await repository.commit('waiver', {
    '.caws/keys/allowed_signers': keyring,
    '.caws/keys/allowed_signers.sig': await signKeyring(root, keyring),
    '.caws/arbiter.yaml': `${config}approvers: ["ada@example.org"]\n`,
    '.caws/specs/POST-001.yaml': readFileSync(join(repository.directory, '.caws/specs/POST-001.yaml'), 'utf8').replace(
      'mode: fix',
      'mode: feature',
    ),
    ...files,
  });
  const rows = Array.from({ length: 5100 }, (_, row) => `  ${row},`).join('\n');
  let head = await repository.commit('table', {
    'src/table.js': `export const table = [\n${rows}\n];\n`,
    'test/table.test.js': `import assert from 'node:assert/strict';\nimport { it } from 'node:test';\nimport { table } from '../src/table.js';\nit('is whole', () => assert.equal(table.length, 5100));\n`,
    'src/postage.js': product['src/postage.js'] ?? '',
  });
  if (author !== undefined) {
    const amend = [
      '-C',
      repository.directory,
      '-c',
      'user.name=x',
      '-c',
      `user.email=${author}`,
      'commit',
      '-q',
      '--amend',
    ];
    execFileSync('git', [...amend, '--no-edit', '--reset-author']);
    head = execFileSync('git', ['-C', repository.directory, 'rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
  }
  const { verdict } = await adjudicate.run(
    world.ports,
    { repository: repository.directory, base, head },
    world.context,
  );
  return verdict;
}

const refusedBecause = (verdict: Awaited<ReturnType<typeof judgeUnder>>): string[] =>
  verdict.waivers_refused.map(({ reason }) => reason);

describe.skipIf(!hasSshKeygen)(hasSshKeygen ? 'waivers' : 'waivers (skipped: ssh-keygen is missing)', () => {
  it('a signed waiver lifts what it covers, is named, and makes the verdict advisory until uses are counted', async () => {
    const text = waiver();
    const verdict = await judgeUnder({
      '.caws/waivers/WV-0001.yaml': text,
      '.caws/waivers/WV-0001.yaml.sig': sign(text, people.ada),
    });
    expect(verdict.waivers).toMatchObject([{ id: 'WV-0001', single_use: 'unenforced' }]);
    expect(verdict.findings.find(({ rule }) => rule === 'budget.lines')?.waived_by).toBe('WV-0001');
    expect(verdict.verdict).toBe('PASS');
    expect(verdict.advisory_reasons.map(({ kind }) => kind)).toEqual(['waiver-single-use']);
  });

  it('an unsigned waiver is none (known hole: anyone may self-approve)', async () => {
    const verdict = await judgeUnder({ '.caws/waivers/WV-0001.yaml': waiver() });
    expect(verdict.verdict).toBe('WAIVER_REQUIRED');
    expect(refusedBecause(verdict)).toEqual(['unsigned']);
  });

  it('a waiver signed by someone who is not in the keyring is none', async () => {
    const text = waiver();
    const verdict = await judgeUnder({
      '.caws/waivers/WV-0001.yaml': text,
      '.caws/waivers/WV-0001.yaml.sig': sign(text, people.mallory),
    });
    expect(verdict.verdict).toBe('WAIVER_REQUIRED');
    expect(refusedBecause(verdict)).toEqual(['foreign_signature']);
  });

  it('a waiver approved by someone who made the change is none', async () => {
    const text = waiver();
    const verdict = await judgeUnder(
      { '.caws/waivers/WV-0001.yaml': text, '.caws/waivers/WV-0001.yaml.sig': sign(text, people.ada) },
      'ada@example.org',
    );
    expect(verdict.verdict).toBe('WAIVER_REQUIRED');
    expect(refusedBecause(verdict)).toEqual(['self_approved']);
  });

  it('an expired waiver is none, and a changed one is broken', async () => {
    const expired = waiver({ created: instant(-9 * day), expires: instant(-day) });
    const changed = waiver();
    const verdict = await judgeUnder({
      '.caws/waivers/WV-0001.yaml': expired,
      '.caws/waivers/WV-0001.yaml.sig': sign(expired, people.ada),
      '.caws/waivers/WV-0002.yaml': changed.replace('WV-0001', 'WV-0002'),
      '.caws/waivers/WV-0002.yaml.sig': sign(changed, people.ada),
    });
    expect(verdict.verdict).toBe('WAIVER_REQUIRED');
    expect(refusedBecause(verdict).sort()).toEqual(['broken_signature', 'expired']);
  });
});
