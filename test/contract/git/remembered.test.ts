import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { createGit } from '../../../src/adapters/git/create-git.js';
import { scratchRepository } from './scratch-repository.js';

// A session that stays open remembers what cannot change, and nothing else.

it('sees the protected ref move, however it moves, in a session that stays open', async () => {
  const repository = scratchRepository({ 'a.txt': 'one\n' });
  const session = await createGit().open(repository.root);
  try {
    const first = repository.git('rev-parse', 'HEAD').trim();
    const tip = async (): Promise<string> => {
      const found = await session.protectedTip();
      return found === null ? 'none' : `${found.ref} ${found.commit}`;
    };
    expect(await tip()).toBe(`refs/heads/main ${first}`);
    expect(await tip()).toBe(`refs/heads/main ${first}`);
    repository.write('a.txt', 'two\n');
    const second = repository.commit();
    expect(await tip()).toBe(`refs/heads/main ${second}`);
    repository.git('pack-refs', '--all');
    expect(await tip()).toBe(`refs/heads/main ${second}`);
    repository.git('update-ref', 'refs/heads/main', first);
    repository.git('pack-refs', '--all');
    expect(await tip()).toBe(`refs/heads/main ${first}`);
    repository.git('update-ref', 'refs/remotes/origin/release', second);
    repository.git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/release');
    expect(await tip()).toBe(`refs/remotes/origin/release ${second}`);
    repository.git('update-ref', 'refs/remotes/origin/release', first);
    expect(await tip()).toBe(`refs/remotes/origin/release ${first}`);
    repository.git('update-ref', '-d', 'refs/remotes/origin/release');
    expect(await tip()).not.toContain('release');
  } finally {
    await session.close();
  }
});

it('sees the protected ref of a bare repository move', async () => {
  const repository = scratchRepository({ 'a.txt': 'one\n' });
  repository.write('a.txt', 'two\n');
  const second = repository.commit();
  const bare = `${repository.root}/bare.git`;
  execFileSync('git', ['clone', '-q', '--bare', repository.root, bare]);
  const session = await createGit().open(bare);
  try {
    expect(await session.protectedTip()).toEqual({ ref: 'refs/heads/main', commit: second });
    execFileSync('git', ['-C', bare, 'update-ref', 'refs/heads/main', `${second}~1`]);
    expect((await session.protectedTip())?.commit).toBe(repository.git('rev-parse', `${second}~1`).trim());
    execFileSync('git', ['-C', bare, 'branch', 'other', second]);
    execFileSync('git', ['-C', bare, 'symbolic-ref', 'HEAD', 'refs/heads/other']);
    // A session copies HEAD when it is made.
    expect((await session.protectedTip())?.ref).toBe('refs/heads/main');
  } finally {
    await session.close();
  }
});

it('names a repository and its descent alike however often it is asked', async () => {
  const repository = scratchRepository({ 'a.txt': 'one\n' });
  repository.write('a.txt', 'two\n');
  const second = repository.commit();
  const first = repository.git('rev-parse', `${second}~1`).trim();
  const session = await createGit().open(repository.root);
  try {
    const name = await session.repositoryId(second);
    expect(await session.repositoryId(second)).toBe(name);
    expect(await session.repositoryId()).toBe(name);
    expect([await session.isAncestor(first, second), await session.isAncestor(first, second)]).toEqual([true, true]);
    expect(await session.isAncestor(second, first)).toBe(false);
    await expect(session.repositoryId('f'.repeat(40))).rejects.toMatchObject({ code: 'GIT_FAILED' });
    await expect(session.repositoryId('f'.repeat(40))).rejects.toMatchObject({ code: 'GIT_FAILED' });
  } finally {
    await session.close();
  }
});
