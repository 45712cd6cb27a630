import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Examination } from '../../../src/core/caws/examine/examination.js';
import { digestBytes } from '../../../src/core/digest.js';
import type { Verdict } from '../../../src/core/caws/verdict/verdict.js';
import { runCommand } from '../../e2e/run-command.js';
import { type World, createWorld, governed, product } from '../../e2e/world.js';

// What comes between the change and the verdict about it.
let world: World;
let directory: string;
beforeEach(async () => {
  world = createWorld();
  ({ directory } = await governed(world));
});
afterEach(() => world.close());

const git = (...argv: string[]): string => execFileSync('git', ['-C', directory, ...argv], { encoding: 'utf8' });
const run = (...argv: string[]) => runCommand(world.ports, directory, argv);
const put = (path: string, text: string): void => {
  mkdirSync(join(directory, path, '..'), { recursive: true });
  writeFileSync(join(directory, path), text);
};
const mended = product['src/postage.js']?.replace('grams < 500', 'grams <= 500') ?? '';
const examined = async (): Promise<Examination> =>
  JSON.parse((await run('examine', '--work-tree', '--base', 'HEAD', '--json')).out) as Examination;
const judged = async (): Promise<Verdict> => {
  const said = await run('adjudicate', '--work-tree', '--base', 'HEAD', '--json');
  return (JSON.parse(said.out) as { verdict: Verdict }).verdict;
};

describe('attack 16: spec or policy are swapped between gate and signature', () => {
  const lax = 'version: 1\nrisk_tiers: {}\n';
  const law = (path: string): string => digestBytes(Buffer.from(git('show', `HEAD:${path}`)));

  it('honest twin: nobody swaps, and the verdict names the law of the base', async () => {
    put('src/postage.js', mended);
    const verdict = await judged();
    expect(verdict.policy.sha256).toBe(law('.caws/policy.yaml'));
    expect(verdict.spec?.sha256).toBe(law('.caws/specs/POST-001.yaml'));
  });

  it('by a test that overwrites them while the gates run: the verdict still names the law of the base', async () => {
    const files = ['.caws/policy.yaml', '.caws/specs/POST-001.yaml'].map((path) => join(directory, path));
    const swap = files.map((file) => `writeFileSync(${JSON.stringify(file)}, ${JSON.stringify(lax)});`).join('\n');
    put('src/postage.js', mended);
    put(
      'test/swap.test.js',
      `import { writeFileSync } from 'node:fs';\nimport { it } from 'node:test';\nit('swaps', () => {\n${swap}\n});\n`,
    );
    const verdict = await judged();
    // It did run, with nothing around it, and it did swap.
    for (const file of files) expect(readFileSync(file, 'utf8')).toBe(lax);
    expect(verdict.policy.sha256).toBe(law('.caws/policy.yaml'));
    expect(verdict.spec?.sha256).toBe(law('.caws/specs/POST-001.yaml'));
    expect(verdict.policy.sha256).not.toBe(digestBytes(Buffer.from(lax)));
  });

  it('by the change itself: it is named, and judged by the law that it found', async () => {
    put('src/postage.js', mended);
    put('.caws/policy.yaml', lax);
    const { findings } = await examined();
    expect(findings.find(({ path, severity }) => path === '.caws/policy.yaml' && severity === 'block')).toBeDefined();
  });
});

describe('attack 20: evidence is too large to be read', () => {
  const sparse = (name: string, bytes: number): string => {
    const path = join(world.home, name);
    const file = openSync(path, 'w');
    ftruncateSync(file, bytes);
    closeSync(file);
    return path;
  };

  it('honest twin: evidence that can be read is', async () => {
    put('src/postage.js', mended);
    const path = join(world.home, 'evidence.yaml');
    writeFileSync(path, 'evidence:\n  - { kind: note, claim: It was looked at }\n');
    expect((await run('examine', '--work-tree', '--base', 'HEAD', '--evidence', path)).code).toBe(0);
  });

  it('is refused by its size, and the change is not judged without it', async () => {
    put('src/postage.js', mended);
    for (const flag of ['--evidence', '--rationale', '--plan']) {
      const said = await run(
        'adjudicate',
        '--work-tree',
        '--base',
        'HEAD',
        flag,
        sparse('huge.yaml', 65 * 1024 * 1024),
      );
      expect(said).toMatchObject({
        code: 3,
        out: '',
        err: expect.stringMatching(/huge\.yaml has 68157440 bytes, 67108864 are read at most/) as string,
      });
    }
  });

  it('a file of the change over what is read is a finding that blocks, never a file passed over', async () => {
    put('src/postage.js', `${mended}// ${'x'.repeat(9 * 1024 * 1024)}\n`);
    const { findings } = await examined();
    expect(
      findings.find(({ path, message }) => path === 'src/postage.js' && /too large to be read/.test(message)),
    ).toBeDefined();
  });
});

describe('attack 21: untracked files, and git that fails while it measures', () => {
  it('honest twin: a tracked change in scope is measured', async () => {
    put('src/postage.js', mended);
    expect((await run('examine', '--work-tree', '--base', 'HEAD')).code).toBe(0);
  });

  it('a file that git was never told of is measured like any other', async () => {
    put('src/postage.js', mended);
    put('elsewhere/untracked.js', 'export const hidden = 1;\n');
    const { findings } = await examined();
    expect(
      findings.find(({ path, rule }) => path === 'elsewhere/untracked.js' && rule.startsWith('scope.')),
    ).toBeDefined();
    expect((await run('examine', '--work-tree', '--base', 'HEAD')).code).toBe(2);
  });

  it('an object that git cannot read is FAIL with git’s reason, and never an empty change', async () => {
    const blob = git('rev-parse', 'HEAD:src/postage.js').trim();
    put('src/postage.js', mended);
    rmSync(join(directory, '.git/objects', blob.slice(0, 2), blob.slice(2)));
    const said = await run('adjudicate', '--work-tree', '--base', 'HEAD', '--json');
    expect(said.code).toBe(1);
    const { verdict } = JSON.parse(said.out) as { verdict: Verdict };
    expect(verdict).toMatchObject({ verdict: 'FAIL', change: null });
    expect(verdict.findings.find(({ rule }) => rule === 'measure.git')?.message).toContain(blob.slice(0, 12));
  });
});
