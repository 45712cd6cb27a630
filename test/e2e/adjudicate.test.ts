import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adjudicate } from '../../src/app/adjudicate/adjudicate.js';
import { verify } from '../../src/app/verdict/verify.js';
import type { ScratchRepository } from '../../src/ports/scratch.js';
import { type World, createWorld, governed, product } from './world.js';

const world: World = createWorld();
let repository: ScratchRepository & { readonly base: string };
beforeAll(async () => {
  repository = await governed(world);
});
afterAll(() => world.close());

const source = product['src/postage.js'] ?? '';
const tests = product['test/postage.test.js'] ?? '';
const fix = {
  'src/postage.js': source.replace('grams < 500', 'grams <= 500'),
  'test/postage.test.js': tests.replace(
    "  it('charges a parcel'",
    "  it('charges 500 grams as a letter', () => assert.equal(postage(500), 390));\n  it('charges a parcel'",
  ),
};

async function judge(files: Readonly<Record<string, string | null>>, more: object = {}) {
  await repository.branch('work', repository.base);
  const head = await repository.commit('work', files);
  return adjudicate.run(
    world.ports,
    { repository: repository.directory, base: repository.base, head, ...more },
    world.context,
  );
}

describe('adjudicate, from a base to a signed verdict', () => {
  it('passes an honest fix, signs it, and the signature verifies here and by ssh-keygen', async () => {
    const { verdict, files } = await judge(fix);
    expect(verdict.findings.filter((finding) => finding.severity !== 'advisory')).toEqual([]);
    expect(verdict).toMatchObject({ verdict: 'PASS', trust: 'local', sandbox: 'none', spec: { id: 'POST-001' } });
    expect(verdict.gates.find((gate) => gate.name === 'tests')).toMatchObject({
      outcome: 'pass',
      tripwire: 'reported',
      executed_count: 5,
    });
    const checked = await verify.run(
      world.ports,
      { file: files.verdict, repository: repository.directory },
      world.context,
    );
    expect(checked.checks.filter((check) => !check.passed)).toEqual([]);
    expect(checked.verified).toBe(true);
    expect(readFileSync(files.diff ?? '', 'utf8')).toContain('grams <= 500');
    writeFileSync(files.verdict, readFileSync(files.verdict, 'utf8').replace('"PASS"', '"FAIL"'));
    const forged = await verify.run(
      world.ports,
      { file: files.verdict, repository: repository.directory },
      world.context,
    );
    expect(forged.verified).toBe(false);
  });

  it('says the stages while it works', () => {
    expect(world.told).toEqual(
      expect.arrayContaining(['admit', 'measure', 'examine', 'deliberate', 'decide', 'gate tests']),
    );
  });

  it('fails a fix whose new test passes without it too (B3 asks for a waiver)', async () => {
    const { verdict } = await judge({ 'test/postage.test.js': fix['test/postage.test.js'].replaceAll('500', '400') });
    expect(verdict.findings.map((finding) => finding.rule)).toContain('B3');
    expect(verdict.verdict).toBe('WAIVER_REQUIRED');
  });

  it('fails red tests', async () => {
    const { verdict } = await judge({ 'src/postage.js': source.replace('return 390', 'return 391') });
    expect(verdict.verdict).toBe('FAIL');
    expect(verdict.gates.find((gate) => gate.name === 'tests')?.outcome).toBe('fail');
  });

  it('judges by the base: what the change says of its own gates and spec counts for nothing', async () => {
    const { verdict } = await judge({
      ...fix,
      '.caws/arbiter.yaml': 'version: 1\ngates: {}\n',
      '.caws/policy.yaml': null,
    });
    expect(verdict.verdict).toBe('FAIL');
    expect(verdict.gates.map((gate) => gate.name)).toEqual(['coverage', 'tests']);
    expect(verdict.findings.filter((finding) => finding.severity === 'block').map(({ rule }) => rule)).toContain(
      'path.protected',
    );
  });

  it('names the waiver that is needed', async () => {
    const { verdict } = await judge({ ...fix, 'elsewhere/notes.txt': 'notes\n' });
    expect(verdict.verdict).toBe('WAIVER_REQUIRED');
    expect(verdict.waivers_needed).toMatchObject([{ gate: 'scope_boundary', paths: ['elsewhere/notes.txt'] }]);
  });

  it('judges the work tree and a patch alike', async () => {
    await repository.branch('work', repository.base);
    for (const [path, text] of Object.entries(fix)) writeFileSync(join(repository.directory, path), text);
    const tree = await adjudicate.run(world.ports, { repository: repository.directory }, world.context);
    const patch = join(world.home, 'fix.diff');
    writeFileSync(patch, execFileSync('git', ['-C', repository.directory, 'diff'], { encoding: 'utf8' }));
    const patched = await adjudicate.run(
      world.ports,
      { repository: repository.directory, diff: patch, base: 'main' },
      world.context,
    );
    expect(tree.verdict.verdict).toBe('PASS');
    expect(patched.verdict.change).toEqual(tree.verdict.change);
  });

  it('leaves a verdict unsigned whose spec is not the base’s own', async () => {
    const foreign = join(world.home, 'foreign.yaml');
    writeFileSync(
      foreign,
      readFileSync(join(repository.directory, '.caws/specs/POST-001.yaml'), 'utf8').replace('src/legacy', 'src/none'),
    );
    const { verdict, files } = await judge(fix, { spec: foreign });
    expect(verdict.advisory).toBe(true);
    expect(verdict.advisory_reasons[0]?.kind).toBe('trust-root');
    expect(files.signature).toBeNull();
    const same = await judge(fix, { spec: join(repository.directory, '.caws/specs/POST-001.yaml') });
    expect(same.verdict.advisory).toBe(false);
  });

  it('leaves a verdict unsigned whose base is not on the protected ref', async () => {
    await repository.branch('side', repository.base);
    const side = await repository.commit('side', { 'README.md': 'side\n' });
    const head = await repository.commit('work', fix);
    const { verdict, files } = await adjudicate.run(
      world.ports,
      { repository: repository.directory, base: side, head },
      world.context,
    );
    expect(verdict.advisory_reasons.map(({ kind }) => kind)).toContain('trust-root');
    expect(files.signature).toBeNull();
  });

  it('compares the worker’s evidence and never believes it', async () => {
    const evidence = join(world.home, 'evidence.yaml');
    writeFileSync(evidence, 'evidence:\n  - kind: test\n    claim: all 900 tests pass\n    figures: { passed: 900 }\n');
    const { verdict } = await judge(fix, { evidence });
    expect(verdict.findings.map(({ rule }) => rule)).toContain('B5');
    expect(verdict.evidence_sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('shows what the plan and the rationale did not say', async () => {
    const plan = join(world.home, 'plan.json');
    const rationale = join(world.home, 'why.md');
    writeFileSync(plan, JSON.stringify({ spec_id: 'POST-001', files: [{ path: 'src/postage.js', lines: 2 }] }));
    writeFileSync(rationale, 'Off by one at 500 grams. No tests were changed.');
    const { verdict } = await judge(fix, { plan, rationale });
    const rules = verdict.findings.map(({ rule }) => rule);
    expect(rules).toContain('plan.file');
    expect(rules).toContain('B6');
    expect(verdict.verdict).toBe('PASS');
  });

  it('gives the same bytes for the same inputs, but for id, nonce and clock', async () => {
    const still = (verdict: Awaited<ReturnType<typeof judge>>['verdict']) => ({
      ...verdict,
      verdict_id: '',
      nonce: '',
      clock: null,
      gates: verdict.gates.map((gate) => ({ ...gate, started: null, ended: null, report_sha256: null })),
    });
    expect(still((await judge(fix)).verdict)).toEqual(still((await judge(fix)).verdict));
  });
});
