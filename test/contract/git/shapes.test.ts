import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  lines,
  measureRange,
  measureWorkTree,
  plainGit,
  repositoryIn,
  scratchFolder,
  scratchRepository,
  summary,
  withSession,
  type ScratchRepository,
} from './scratch-repository.js';

function twoCommits(initOptions: readonly string[] = []): ScratchRepository {
  const repository = scratchRepository({ a: 'a\n' }, initOptions);
  repository.write('b', lines(7));
  repository.commit('second');
  return repository;
}

function cloneOf(repository: ScratchRepository, ...options: string[]): string {
  const folder = join(scratchFolder(), 'clone');
  plainGit(repository.root, ['clone', '-q', ...options, `file://${repository.root}`, folder]);
  return folder;
}

const EXPECTED = ['A +7 -0 b'];

describe('repositories of every shape', () => {
  it('a sub-folder, packed refs, tags and short ids', async () => {
    const repository = twoCommits();
    repository.git('tag', '-a', '-m', 't', 'v1', 'HEAD~1');
    repository.git('pack-refs', '--all');
    repository.git('gc', '-q');
    mkdirSync(join(repository.root, 'deep/er'), { recursive: true });
    const short = repository.git('rev-parse', '--short=8', 'HEAD');
    expect(summary(await measureRange(join(repository.root, 'deep/er'), 'v1', short))).toEqual(EXPECTED);
    expect(summary(await measureRange(repository.root, 'refs/tags/v1', 'refs/heads/main'))).toEqual(EXPECTED);
  });

  it('a bare repository, which has no work tree to seal', async () => {
    const bare = cloneOf(twoCommits(), '--bare');
    expect(summary(await measureRange(bare, 'HEAD~1', 'main'))).toEqual(EXPECTED);
    await withSession(bare, async (session) => {
      expect(session.root).toBe(bare);
      expect(await session.protectedTip()).toEqual({
        ref: 'refs/heads/main',
        commit: (await session.resolveCommit('HEAD')).id,
      });
      await expect(session.sealWorkTree()).rejects.toMatchObject({ code: 'GIT_FAILED' });
    });
  });

  it('a linked work tree with its own HEAD and index', async () => {
    const repository = twoCommits();
    const linked = join(scratchFolder(), 'linked');
    repository.git('worktree', 'add', '-q', '-b', 'side', linked, 'HEAD~1');
    repositoryIn(linked).write('c', 'c\n');
    await withSession(linked, async (session) => {
      expect(session.root).toBe(linked);
      expect((await session.resolveCommit('HEAD')).id).toBe(repository.git('rev-parse', 'side'));
    });
    expect(summary(await measureWorkTree(linked))).toEqual(['A +1 -0 c']);
    expect(summary(await measureRange(linked, 'HEAD', 'main'))).toEqual(EXPECTED);
  });

  it('a submodule opened as a repository of its own', async () => {
    const inner = twoCommits();
    const outer = scratchRepository({ x: 'x\n' });
    outer.git('-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', inner.root, 'sub');
    expect(summary(await measureRange(join(outer.root, 'sub'), 'HEAD~1', 'HEAD'))).toEqual(EXPECTED);
    outer.commit();
    expect((await measureWorkTree(outer.root)).files).toEqual([]);
  });

  it('a repository with SHA-256 ids', async () => {
    const repository = twoCommits(['--object-format=sha256']);
    const change = await measureRange(repository.root, 'HEAD~1', 'HEAD');
    expect(change.base).toHaveLength(64);
    expect(summary(change)).toEqual(EXPECTED);
    repository.write('b', 'x\n');
    repository.git('add', '-A');
    expect((await measureWorkTree(repository.root)).tree).toBe(repository.git('write-tree'));
  });

  it('objects in alternates, also of alternates', async () => {
    const repository = twoCommits();
    const [shared, again] = [join(scratchFolder(), 'shared'), join(scratchFolder(), 'again "q"')];
    plainGit(repository.root, ['clone', '-q', '--shared', repository.root, shared]);
    plainGit(shared, ['clone', '-q', '--shared', shared, again]);
    expect(summary(await measureRange(again, 'HEAD~1', 'HEAD'))).toEqual(EXPECTED);
    rmSync(repository.root, { recursive: true });
    await expect(measureRange(again, 'HEAD~1', 'HEAD')).rejects.toMatchObject({
      code: expect.stringMatching(/GIT_FAILED|UNKNOWN_REVISION/) as string,
    });
  });

  it('a shallow clone: exact inside, unknown beyond its edge, and without a name of its own', async () => {
    const repository = twoCommits();
    repository.write('c', lines(3));
    repository.commit('third');
    const shallow = cloneOf(repository, '--depth', '2');
    expect(summary(await measureRange(shallow, 'HEAD~1', 'HEAD'))).toEqual(['A +3 -0 c']);
    await expect(measureRange(shallow, 'HEAD~2', 'HEAD')).rejects.toMatchObject({ code: 'UNKNOWN_REVISION' });
    await withSession(shallow, async (session) => {
      await expect(session.repositoryId()).rejects.toMatchObject({ code: 'GIT_FAILED' });
      expect(await session.isAncestor('HEAD~1', 'HEAD')).toBe(true);
    });
  });

  it('a partial clone: what is here is measured, what is missing is a fault, and nothing is fetched', async () => {
    const repository = twoCommits();
    repository.git('config', 'uploadpack.allowFilter', 'true');
    const partial = cloneOf(repository, '--filter=blob:none', '--no-checkout');
    const marker = join(scratchFolder(), 'marker');
    writeFileSync(`${marker}.sh`, `#!/bin/sh\n: > ${marker}\nexec git-upload-pack "$@"\n`, { mode: 0o755 });
    plainGit(partial, ['config', 'remote.origin.uploadpack', `${marker}.sh`]);
    await expect(measureRange(partial, 'HEAD~1', 'HEAD')).rejects.toMatchObject({
      code: 'GIT_FAILED',
      mend: expect.stringContaining('partial') as string,
    });
    expect(readdirSync(join(marker, '..'))).toEqual(['marker.sh']);
    plainGit(partial, ['checkout', '-q', 'main']);
    expect(summary(await measureRange(partial, 'HEAD~1', 'HEAD'))).toEqual(EXPECTED);
  });

  it('has one name in every full clone, and another elsewhere', async () => {
    const repository = twoCommits();
    const nameOf = (root: string): Promise<string> => withSession(root, (session) => session.repositoryId());
    const name = await nameOf(repository.root);
    expect(name).toMatch(/^[0-9a-f]{64}$/);
    expect(await nameOf(cloneOf(repository))).toBe(name);
    expect(await nameOf(scratchRepository({ z: 'z\n' }).root)).not.toBe(name);
  });

  it('knows the protected ref: the remote’s branch, else main, else master, else none', async () => {
    const repository = twoCommits();
    const head = repository.git('rev-parse', 'HEAD');
    const tipOf = (root: string) => withSession(root, (session) => session.protectedTip());
    expect(await tipOf(repository.root)).toEqual({ ref: 'refs/heads/main', commit: head });
    const clone = cloneOf(repository);
    plainGit(clone, ['checkout', '-q', '-b', 'work']);
    repositoryIn(clone).write('w', 'w\n');
    repositoryIn(clone).commit();
    expect(await tipOf(clone)).toEqual({ ref: 'refs/remotes/origin/main', commit: head });
    repository.git('branch', '-m', 'main', 'master');
    expect(await tipOf(repository.root)).toEqual({ ref: 'refs/heads/master', commit: head });
    repository.git('branch', '-m', 'master', 'other');
    expect(await tipOf(repository.root)).toBeNull();
  });

  it('a folder whose name needs quoting, copied away from under its own configuration', async () => {
    const repository = twoCommits();
    const odd = join(scratchFolder(), 'o"d\\d\n#ü:x');
    cpSync(repository.root, odd, { recursive: true });
    expect(summary(await measureRange(odd, 'HEAD~1', 'HEAD'))).toEqual(EXPECTED);
    execFileSync('git', ['config', '--file', join(odd, '.git/config'), 'core.worktree', '/nowhere']);
    expect((await measureWorkTree(odd)).files).toEqual([]);
  });
});
