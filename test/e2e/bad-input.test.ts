import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ScratchRepository } from '../../src/ports/scratch.js';
import { arbiter } from './cli.js';
import { type World, createWorld, governed, product } from './world.js';

const world: World = createWorld();
let repository: ScratchRepository & { readonly base: string };
let empty: string;
beforeAll(async () => {
  repository = await governed(world);
  empty = join(world.home, 'empty');
  mkdirSync(empty);
});
afterAll(() => world.close());

const run = (argv: readonly string[], cwd = repository.directory, env: Record<string, string> = {}) =>
  arbiter(argv, { home: world.home, cwd, env });
const written = (): string[] =>
  readdirSync(world.home, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('verdict.yaml'));

function clean(): string {
  execFileSync('git', ['-C', repository.directory, 'checkout', '-q', '-f', repository.base]);
  execFileSync('git', ['-C', repository.directory, 'clean', '-fdq']);
  return repository.directory;
}

/** A clear message, the exit code, and nothing written. */
function refuses(result: ReturnType<typeof run>, code: 3 | 4, ...says: readonly (string | RegExp)[]): void {
  expect({ code: result.code, out: result.out }).toEqual({ code, out: '' });
  for (const text of says) expect(result.err).toMatch(text);
  expect(result.err).not.toMatch(/\bat .*\.js:\d+/);
  expect(written()).toEqual([]);
}

describe('bad input gets a clear error, and nothing is written', () => {
  it('no repository', () => refuses(run(['measure'], empty), 3, /no git repository/));

  it('no git', () => refuses(run(['measure'], repository.directory, { PATH: empty }), 4, /git/, /install/));

  it('git too old', () => {
    const bin = join(world.home, 'old-git');
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, 'git'), '#!/bin/sh\necho "git version 1.8.3"\n');
    chmodSync(join(bin, 'git'), 0o755);
    refuses(run(['measure'], repository.directory, { PATH: `${bin}:/usr/bin:/bin` }), 4, /1\.8\.3/);
  });

  it('an unknown revision', () => refuses(run(['measure', '--base', 'no-such-rev']), 3, /no-such-rev/));

  it('a revision that looks like a flag', () => refuses(run(['measure', '--base=--output=x']), 3));

  it('a base that is no ancestor', async () => {
    await repository.branch('left', repository.base);
    const left = await repository.commit('left', { 'left.txt': 'x\n' });
    await repository.branch('right', repository.base);
    const right = await repository.commit('right', { 'right.txt': 'x\n' });
    refuses(run(['measure', '--base', left, '--head', right]), 3, /ancestor/);
  });

  it('an unknown spec id, with the ids that are near', () =>
    refuses(run(['adjudicate', '--spec', 'POST-002']), 3, /POST-002/, /POST-001/));

  it('a spec of another repository', async () => {
    const other = await world.repository(product);
    refuses(run(['adjudicate'], other.directory), 3, /no .*spec/, /arbiter init|spec new/);
  });

  it('a patch that does not apply', () => {
    const patch = join(world.home, 'bad.diff');
    writeFileSync(patch, 'diff --git a/nope b/nope\n--- a/nope\n+++ b/nope\n@@ -1 +1 @@\n-a\n+b\n');
    refuses(run(['measure', '--diff', patch]), 3, /nope/);
  });

  it('a patch that is not there', () =>
    refuses(run(['measure', '--diff', join(world.home, 'none.diff')]), 3, /none\.diff/));

  it('two candidates at once', () => refuses(run(['measure', '--head', 'HEAD', '--work-tree']), 3));

  it('a change that changes nothing', () =>
    refuses(run(['adjudicate'], clean()), 3, /equals the base/, /change something/));

  it('an unknown flag', () => refuses(run(['measure', '--no-such-flag']), 3, /unknown option/));

  it('an unknown command', () => refuses(run(['mesure']), 3, /unknown command/));

  it('a key inside the repository', () => {
    const key = join(repository.directory, 'verdict-key');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    refuses(run(['adjudicate', '--key', key]), 3, /inside/);
    execFileSync('rm', [key, `${key}.pub`]);
  });

  it('a key that is not there', () => refuses(run(['adjudicate', '--key', join(world.home, 'no-key')]), 3, /no-key/));

  it('a key that others can read', () => {
    const key = join(world.home, 'open-key');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    chmodSync(key, 0o644);
    refuses(run(['adjudicate', '--key', key]), 3, /open-key/);
  });

  it('a key that is none', () => {
    const key = join(world.home, 'noise');
    writeFileSync(key, 'not a key\n', { mode: 0o600 });
    refuses(run(['adjudicate', '--key', key]), 3, /noise/);
  });

  it('an evidence manifest that is not valid, with its place', () => {
    const file = join(world.home, 'evidence.yaml');
    writeFileSync(file, 'evidence:\n  - kind: gossip\n    claim: fine\n');
    refuses(run(['adjudicate', '--evidence', file]), 3, /evidence/, /evidence\.yaml/);
  });

  it('a clock before the base commit', async () => {
    const future = await world.repository({ 'a.txt': 'a\n' });
    execFileSync(
      'git',
      [
        '-C',
        future.directory,
        '-c',
        'user.name=t',
        '-c',
        'user.email=t@example.invalid',
        'commit',
        '-q',
        '--allow-empty',
        '-m',
        'future',
      ],
      {
        env: { ...process.env, GIT_COMMITTER_DATE: '2099-01-01T00:00:00Z', GIT_AUTHOR_DATE: '2099-01-01T00:00:00Z' },
      },
    );
    refuses(run(['measure'], future.directory), 4, /2099/, /clock/);
  });

  it('a verdict that is not there', () =>
    refuses(run(['verdict', 'verify', join(world.home, 'none.yaml')]), 3, /none\.yaml/));

  it('a repository without commits', () => {
    const fresh = join(world.home, 'fresh');
    execFileSync('git', ['init', '-q', fresh]);
    refuses(run(['measure'], fresh), 3, /no commit/, /make the first commit/);
  });

  it('a spec file that is not there', () => {
    const result = run(['spec', 'check', join(world.home, 'none.yaml')]);
    expect(result).toMatchObject({ code: 3 });
    expect(result.out).toMatch(/there is no file/);
  });

  // Node's recursive mkdir would never end there.
  it.skipIf(process.platform !== 'linux')('a folder for the verdict that cannot be made', () => {
    writeFileSync(join(clean(), 'src/more.js'), 'export const more = 1;\n');
    refuses(run(['adjudicate', '--out', '/proc/no-such/folder']), 4, /\/proc\/no-such\/folder/);
    clean();
  });

  it('a new spec without a terminal to ask on', () => refuses(run(['spec', 'new', '--id', 'A-001']), 3, /--title/));

  it('faults as JSON with --json', () => {
    const result = run(['measure', '--base', 'no-such-rev', '--json']);
    expect(JSON.parse(result.err)).toMatchObject({ fault: { code: 'UNKNOWN_REVISION', exitCode: 3 } });
  });
});

describe('what the base itself has wrong is a judgement', () => {
  it.each([
    ['a broken spec', '.caws/specs/POST-001.yaml', 'id: [\n', 'spec.invalid'],
    ['a binary spec', '.caws/specs/POST-001.yaml', '\u0000\u0001\u0002', 'spec.invalid'],
    ['an invalid policy', '.caws/policy.yaml', 'version: 7\n', 'policy.invalid'],
    ['an invalid configuration', '.caws/arbiter.yaml', 'version: 1\ngate: {}\n', 'arbiter-config.invalid'],
  ])('%s is FAIL with its place', async (_, path, text, rule) => {
    const broken = await governed(world, { [path]: text });
    const result = arbiter(['adjudicate', '--json', '--out', join(broken.directory, '..', `${rule}-out`)], {
      home: world.home,
      cwd: broken.directory,
    });
    expect(result.err).toBe('');
    expect(result.code).toBe(1);
    const { verdict } = JSON.parse(result.out) as { verdict: { findings: { rule: string; path: string }[] } };
    expect(verdict.findings.find((finding) => finding.rule === rule)).toMatchObject({ path });
  });
});
