import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { adjudicate } from '../../src/app/adjudicate/adjudicate.js';
import { examine } from '../../src/app/adjudicate/examine.js';
import type { ScratchRepository } from '../../src/ports/scratch.js';
import { createWorld, governed, product } from '../e2e/world.js';

// A repository is in the worker's hands: its refs, its folders, what the change holds and what the worker claims.
const world = createWorld();
let repository: ScratchRepository & { readonly base: string };
beforeEach(async () => {
  repository = await governed(world);
});
afterAll(() => world.close());

const git = (args: readonly string[], input = '', env = {}): string =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
    cwd: repository.directory,
    input,
    env: { ...process.env, ...env },
  })
    .toString()
    .trim();

/** A commit on the base with one more entry, which no file system has to hold. */
function commitEntry(mode: string, path: string, content: string): string {
  const env = { GIT_INDEX_FILE: join(world.home, 'entry-index') };
  rmSync(env.GIT_INDEX_FILE, { force: true });
  const blob = git(['hash-object', '-w', '--stdin'], content);
  git(['read-tree', repository.base], '', env);
  git(['update-index', '--add', '--cacheinfo', `${mode},${blob},${path}`], '', env);
  return git(['commit-tree', git(['write-tree'], '', env), '-p', repository.base, '-m', 'x']);
}

const judge = (head: string, more: object = {}) =>
  adjudicate.run(
    world.ports,
    { repository: repository.directory, base: repository.base, head, ...more },
    world.context,
  );

const honest = { 'src/postage.js': `${product['src/postage.js'] ?? ''}// a note\n` };

describe('attacks by what a repository holds', () => {
  it('a change that no disk can hold is judged all the same: FAIL, and why', async () => {
    for (const [mode, path, content] of [
      ['100644', `src/${'n'.repeat(300)}.js`, 'let a;\n'],
      ['120000', 'src/link', 'a'.repeat(5000)],
    ] as const) {
      const { verdict } = await judge(commitEntry(mode, path, content));
      expect(verdict.verdict).toBe('FAIL');
      expect(verdict.findings.map(({ rule }) => rule)).toContain('gate.not-run');
    }
  });

  it('evidence that names a folder or a link as its report keeps nobody from judging', async () => {
    const head = await repository.commit('work', honest);
    const evidence = join(world.home, 'evidence.json');
    const report = { path: 'src', sha256: '0'.repeat(64) };
    writeFileSync(evidence, JSON.stringify({ evidence: [{ kind: 'test', claim: 'all pass', report }] }));
    const { verdict } = await judge(head, { evidence });
    expect(verdict.findings).toContainEqual(expect.objectContaining({ rule: 'B5', path: 'src' }));
  });

  it('a tag of the protected branch’s name is not taken for the branch', async () => {
    const head = await repository.commit('work', honest);
    git(['branch', '-f', 'release', head]);
    git(['tag', 'release', repository.base]);
    const named = (base: string) => examine.run(world.ports, { repository: repository.directory, base }, world.context);
    await expect(named('release')).rejects.toMatchObject({ code: 'UNKNOWN_REVISION' });
    await expect(named('release~0')).rejects.toMatchObject({ code: 'UNKNOWN_REVISION' });
    expect((await named('refs/heads/release')).base).toBe(head);
    git(['tag', '-f', 'release', head]);
    expect((await named('release')).base).toBe(head);
  });

  it('a folder that git alone takes for a repository hides no file', async () => {
    const folder = join(repository.directory, 'src/sub');
    for (const name of ['objects', 'refs']) mkdirSync(join(folder, '.git', name), { recursive: true });
    symlinkSync('refs/heads/none', join(folder, '.git/HEAD'));
    writeFileSync(join(folder, 'hidden.js'), 'let hidden;\n');
    const examining = () => examine.run(world.ports, { repository: repository.directory }, world.context);
    await expect(examining()).rejects.toMatchObject({ code: 'GIT_FAILED' });
    rmSync(join(folder, '.git'), { recursive: true });
    expect((await examining()).files.map(({ newPath }) => newPath)).toEqual(['src/sub/hidden.js']);
  });

  it('a FIFO in the place of the index is waited for by nobody', async () => {
    rmSync(join(repository.directory, '.git/index'));
    execFileSync('mkfifo', [join(repository.directory, '.git/index')]);
    const examining = examine.run(world.ports, { repository: repository.directory }, world.context);
    await expect(examining).rejects.toMatchObject({ code: 'GIT_FAILED' });
  });

  it('a HEAD in another history gives the verdict no other repository', async () => {
    const head = await repository.commit('work', honest);
    const own = await judge(head);
    const other = git(['commit-tree', `${repository.base}^{tree}`, '-m', 'another history']);
    git(['checkout', '-q', '--detach', other]);
    const elsewhere = await judge(head);
    expect(elsewhere.verdict.repo_id).toBe(own.verdict.repo_id);
  });
});
