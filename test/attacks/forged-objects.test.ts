import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createGit } from '../../src/adapters/git/create-git.js';
import type { GitSession } from '../../src/ports/git.js';

// Whoever can write the repository's folder can put other bytes under the id of an object: git believes a tree unread.
let root = '';
const open: GitSession[] = [];
afterEach(async () => {
  for (const session of open.splice(0)) await session.close();
  rmSync(root, { recursive: true, force: true });
});

const git = (...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd: root })
    .toString()
    .trim();

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** Base and head: an honest change in src, and one of a workflow that no change may touch. */
function repository(): { readonly base: string; readonly head: string } {
  root = mkdtempSync(join(tmpdir(), 'arbiter-forged-'));
  git('init', '-q', '-b', 'main');
  put('src/sum.js', 'one\n');
  put('.github/workflows/ci.yml', 'steps: check\n');
  git('add', '-A');
  git('commit', '-qm', 'base');
  const base = git('rev-parse', 'HEAD');
  put('src/sum.js', 'two\n');
  put('.github/workflows/ci.yml', 'steps: none\n');
  git('commit', '-qam', 'head');
  return { base, head: git('rev-parse', 'HEAD') };
}

/** Puts the bytes of one tree under the id of another. */
function forge(id: string, like: string): void {
  replace(id, 'tree', execFileSync('git', ['cat-file', 'tree', like], { cwd: root }));
}

function replace(id: string, type: string, bytes: Buffer): void {
  const path = join(root, '.git/objects', id.slice(0, 2), id.slice(2));
  chmodSync(path, 0o644);
  writeFileSync(path, deflateSync(Buffer.concat([Buffer.from(`${type} ${bytes.length}\0`), bytes])));
}

async function session(): Promise<GitSession> {
  const opened = await createGit().open(root);
  open.push(opened);
  return opened;
}

describe('attacks on the object store', () => {
  it('a tree of the base that was replaced by the candidate’s hides no change', async () => {
    const { base, head } = repository();
    forge(git('rev-parse', `${base}:.github/workflows`), git('rev-parse', `${head}:.github/workflows`));
    expect(git('diff-tree', '-r', '--name-only', base, head)).toBe('src/sum.js');
    const opened = await session();
    const candidate = await opened.resolveCommit(head);
    const measuring = opened.measure(await opened.resolveCommit(base), candidate.tree, head);
    await expect(measuring).rejects.toMatchObject({ code: 'GIT_FAILED' });
  });

  it('nor does a tree of the candidate that was replaced by the base’s', async () => {
    const { base, head } = repository();
    forge(git('rev-parse', `${head}:.github/workflows`), git('rev-parse', `${base}:.github/workflows`));
    const opened = await session();
    const candidate = await opened.resolveCommit(head);
    const measuring = opened.measure(await opened.resolveCommit(base), candidate.tree, head);
    await expect(measuring).rejects.toMatchObject({ code: 'GIT_FAILED' });
  });

  it('a forged tree is neither listed nor checked out', async () => {
    const { base, head } = repository();
    forge(git('rev-parse', `${base}:.github/workflows`), git('rev-parse', `${head}:.github/workflows`));
    const opened = await session();
    await expect(opened.listFiles(base, '')).rejects.toMatchObject({ code: 'GIT_FAILED' });
    await expect(opened.listFiles(base, '.github')).rejects.toMatchObject({ code: 'GIT_FAILED' });
    const folder = join(root, 'out');
    mkdirSync(folder);
    await expect(opened.checkOut(base, folder)).rejects.toMatchObject({ code: 'GIT_FAILED' });
  });

  it('the work tree is not sealed by a forged tree', async () => {
    const { base, head } = repository();
    forge(git('rev-parse', `${head}:.github/workflows`), git('rev-parse', `${base}:.github/workflows`));
    const opened = await session();
    const sealing = opened
      .sealWorkTree()
      .then(async (tree) => opened.measure(await opened.resolveCommit(base), tree, null));
    await expect(sealing).rejects.toMatchObject({ code: 'GIT_FAILED' });
  });

  it('a forged commit gives the protected branch no new ancestor', async () => {
    const { base, head } = repository();
    put('src/sum.js', 'three\n');
    git('commit', '-qam', 'tip');
    git('checkout', '-q', '--orphan', 'lax');
    git('commit', '-qm', 'lax');
    const lax = git('rev-parse', 'HEAD');
    const opened = await session();
    expect(await opened.isAncestor(base, 'refs/heads/main')).toBe(true);
    expect(await opened.isAncestor(lax, 'refs/heads/main')).toBe(false);
    const text = git('cat-file', 'commit', head).replace(`parent ${base}`, `parent ${base}\nparent ${lax}`);
    replace(head, 'commit', Buffer.from(`${text}\n`));
    git('merge-base', '--is-ancestor', lax, 'main');
    await expect((await session()).isAncestor(lax, 'refs/heads/main')).rejects.toMatchObject({ code: 'GIT_FAILED' });
  });

  it('their honest twin: the same repository, nothing forged', async () => {
    const { base, head } = repository();
    const opened = await session();
    const candidate = await opened.resolveCommit(head);
    const change = await opened.measure(await opened.resolveCommit(base), candidate.tree, head);
    expect(change.files.map(({ newPath }) => newPath)).toEqual(['.github/workflows/ci.yml', 'src/sum.js']);
    expect((await opened.listFiles(base, '.github')).map(({ path }) => path)).toEqual(['.github/workflows/ci.yml']);
    expect(await opened.sealWorkTree()).toBe(candidate.tree);
  });
});
