import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createGit } from '../../../src/adapters/git/create-git.js';
import type { GitSession } from '../../../src/ports/git.js';
import {
  contentsOf,
  lines,
  patchOf,
  scratchFolder,
  scratchRepository,
  withSession,
  type ScratchRepository,
} from './scratch-repository.js';

const REAL_GIT = execFileSync('sh', ['-c', 'command -v git']).toString().trim();

/** A git that goes wrong where `when` says, and is the real one everywhere else. */
function faultyGit(when: string, deed: string): string {
  const folder = scratchFolder();
  writeFileSync(join(folder, 'git'), `#!/bin/sh\ncase "$*" in ${when}) ${deed} ;; esac\nexec ${REAL_GIT} "$@"\n`, {
    mode: 0o755,
  });
  return folder;
}

function twoCommits(): ScratchRepository {
  const repository = scratchRepository({ a: 'a\n' });
  repository.write('b', lines(100));
  repository.commit();
  return repository;
}

async function withFaultyGit<T>(
  [when, deed]: readonly [string, string],
  work: (session: GitSession) => Promise<T>,
  timeoutMs = 60_000,
): Promise<T> {
  const session = await createGit({ searchPath: faultyGit(when, deed) }).open(twoCommits().root, { timeoutMs });
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

async function measureHead(session: GitSession): Promise<unknown> {
  const [base, head] = [await session.resolveCommit('HEAD~1'), await session.resolveCommit('HEAD')];
  return session.measure(base, head.tree, head.id);
}

describe('known hole: git failing is never an empty list', () => {
  const DEEDS: ReadonlyArray<readonly [string, string]> = [
    ['a failure', 'echo "fatal: boom" >&2; exit 128'],
    ['a silent failure', 'exit 1'],
    ['a death', 'kill -9 $$'],
  ];
  for (const [name, deed] of DEEDS) {
    it(`${name} of each command is a fault`, async () => {
      const attempts: ReadonlyArray<readonly [string, (session: GitSession) => Promise<unknown>]> = [
        ['*diff-tree*', measureHead],
        ['*cat-file*', measureHead],
        ['*cat-file*', (session) => session.listFiles('HEAD', '')],
        ['*batch-check*', (session) => session.blobSizes(['0'.repeat(40)])],
        ['*cat-file*', (session) => session.checkOut('HEAD', scratchFolder())],
        ['*ls-tree*', (session) => session.sealWorkTree()],
        ['*ls-files*--cached*', (session) => session.sealWorkTree()],
        ['*ls-files*--others*', (session) => session.sealWorkTree()],
        ['*read-tree*', (session) => session.sealWorkTree()],
        ['*write-tree*', (session) => session.sealWorkTree()],
        ['*rev-list*', (session) => session.repositoryId()],
      ];
      for (const [when, work] of attempts) {
        await expect(withFaultyGit([when, deed], work)).rejects.toMatchObject({ code: 'GIT_FAILED' });
      }
    });
  }

  it('an answer that breaks off is a fault though git says that all is well', async () => {
    for (const bytes of [0, 10, 110, 150, 400, 1_000]) {
      // One question, a tree pair and the end that is asked for, and then the pipe breaks.
      const cut = `head -n 2 | ${REAL_GIT} "$@" | head -c ${bytes}; exit 0`;
      await expect(withFaultyGit(['*diff-tree*', cut], measureHead), `${bytes} bytes`).rejects.toMatchObject({
        code: 'GIT_FAILED',
      });
    }
  });

  it('a failure while contents or a patch are streamed is a fault', async () => {
    const repository = twoCommits();
    const change = await withSession(repository.root, async (session) => {
      const [base, head] = [await session.resolveCommit('HEAD~1'), await session.resolveCommit('HEAD')];
      return session.measure(base, head.tree, head.id);
    });
    const open = (when: string, deed: string): Promise<GitSession> =>
      createGit({ searchPath: faultyGit(when, deed) }).open(repository.root);
    const broken = await open('*diff-tree*', `head -n 2 | ${REAL_GIT} "$@" | head -c 200; exit 3`);
    await expect(contentsOf(broken, change, 1 << 20)).rejects.toMatchObject({ code: 'GIT_FAILED' });
    await expect(patchOf(broken, change)).rejects.toMatchObject({ code: 'GIT_FAILED' });
    await broken.close();
  });

  it('a damaged repository is a fault', async () => {
    const repository = twoCommits();
    const blob = repository.git('rev-parse', 'HEAD:b');
    repository.remove(`.git/objects/${blob.slice(0, 2)}/${blob.slice(2)}`);
    await withSession(repository.root, async (session) => {
      await expect(measureHead(session)).rejects.toMatchObject({ code: 'GIT_FAILED' });
      await expect(session.readFile('HEAD', 'b')).rejects.toMatchObject({ code: 'GIT_FAILED' });
      await expect(session.checkOut('HEAD', scratchFolder())).rejects.toMatchObject({ code: 'GIT_FAILED' });
    });
    repository.write('.git/index', 'not an index');
    await withSession(repository.root, async (session) => {
      await expect(session.sealWorkTree()).rejects.toMatchObject({ code: 'GIT_FAILED' });
    });
    repository.write('.git/refs/heads/main', `${'1'.repeat(40)}\n`);
    await withSession(repository.root, async (session) => {
      await expect(session.sealWorkTree()).rejects.toMatchObject({ code: 'GIT_FAILED' });
    });
  });
});

describe('faults with their names', () => {
  it('GIT_MISSING, GIT_TOO_OLD, NOT_A_REPOSITORY', async () => {
    const repository = scratchRepository({ a: 'a\n' });
    const open = (searchPath: string, directory = repository.root): Promise<GitSession> =>
      createGit({ searchPath }).open(directory);
    await expect(open('')).rejects.toMatchObject({ code: 'GIT_MISSING' });
    await expect(open(scratchFolder())).rejects.toMatchObject({ code: 'GIT_MISSING' });
    await expect(open(faultyGit('version', 'echo git version 2.33.9; exit 0'))).rejects.toMatchObject({
      code: 'GIT_TOO_OLD',
    });
    await expect(open(faultyGit('version', 'echo nonsense; exit 0'))).rejects.toMatchObject({ code: 'GIT_TOO_OLD' });
    const path = process.env['PATH'] ?? '';
    await expect(open(path, scratchFolder())).rejects.toMatchObject({ code: 'NOT_A_REPOSITORY' });
    await expect(open(path, join(repository.root, 'absent'))).rejects.toMatchObject({ code: 'NOT_A_REPOSITORY' });
    const fake = scratchFolder();
    mkdirSync(join(fake, '.git'));
    writeFileSync(join(fake, '.git/HEAD'), 'ref: refs/heads/main\n');
    await expect(open(path, fake)).rejects.toMatchObject({ code: 'NOT_A_REPOSITORY' });
  });

  it('UNKNOWN_REVISION for what names nothing, much, or an option', async () => {
    const repository = twoCommits();
    repository.git('tag', 'blob', repository.git('rev-parse', 'HEAD:a'));
    await withSession(repository.root, async (session) => {
      const revisions = [
        'nope',
        '',
        '-h',
        '--all',
        'HEAD..main',
        'HEAD:a',
        'blob',
        ':a',
        ':/change',
        '@{u}',
        'HEAD@{1}',
        'a\nb',
        'HEAD~9',
        '^HEAD',
        '0'.repeat(40),
      ];
      for (const revision of revisions) {
        await expect(session.resolveCommit(revision)).rejects.toMatchObject({ code: 'UNKNOWN_REVISION' });
      }
      expect((await session.resolveCommit('HEAD^{/change}')).id).toBe(repository.git('rev-parse', 'HEAD'));
    });
  });

  it('facts of a commit, and BASE_NOT_ANCESTOR', async () => {
    const repository = twoCommits();
    repository.git('checkout', '-q', '--orphan', 'other');
    repository.commit('orphan');
    await withSession(repository.root, async (session) => {
      const [base, head, other] = [
        await session.resolveCommit('main~1'),
        await session.resolveCommit('main'),
        await session.resolveCommit('other'),
      ];
      expect(head).toEqual({
        id: repository.git('rev-parse', 'main'),
        tree: repository.git('rev-parse', 'main^{tree}'),
        parents: [base.id],
        committedMs: 1_700_000_000_000,
      });
      await session.requireAncestor(base, head);
      await session.requireAncestor(head, head);
      for (const [from, to] of [
        [head, base],
        [base, other],
      ] as const) {
        await expect(session.requireAncestor(from, to)).rejects.toMatchObject({ code: 'BASE_NOT_ANCESTOR' });
      }
    });
  });

  it('GIT_TIMEOUT when git gives nothing, children of git included', async () => {
    const hanging = ['*diff-tree*', 'sleep 60; exit 0'] as const;
    await expect(withFaultyGit(hanging, measureHead, 300)).rejects.toMatchObject({ code: 'GIT_TIMEOUT' });
  });

  it('GIT_TIMEOUT for a FIFO where an ignore file should be', async () => {
    const repository = scratchRepository({ a: 'a\n' });
    execFileSync('mkfifo', [join(repository.root, '.gitignore')]);
    await withSession(
      repository.root,
      async (session) => {
        await expect(session.sealWorkTree()).rejects.toMatchObject({ code: 'GIT_TIMEOUT' });
      },
      { timeoutMs: 1_500 },
    );
  });

  it('stops at once when the run is aborted', async () => {
    const stop = new AbortController();
    const session = await createGit({ searchPath: faultyGit('*diff-tree*', 'sleep 60; exit 0') }).open(
      twoCommits().root,
      { signal: stop.signal },
    );
    const measuring = measureHead(session);
    setTimeout(() => stop.abort(new Error('enough')), 300);
    await expect(measuring).rejects.toMatchObject({
      code: 'GIT_FAILED',
      message: expect.stringContaining('aborted') as string,
    });
    await expect(session.listFiles('HEAD', '')).rejects.toMatchObject({ code: 'GIT_FAILED' });
    await session.close();
  });
});

describe('the private folder', () => {
  const ours = (folder: string): string[] => readdirSync(folder).filter((name) => name.startsWith('arbiter-git-'));

  it('goes with the session, also after a fault', async () => {
    const temporaryDirectory = scratchFolder();
    const git = createGit({ temporaryDirectory });
    const session = await git.open(twoCommits().root);
    expect(ours(temporaryDirectory)).toHaveLength(1);
    await expect(session.resolveCommit('nope')).rejects.toMatchObject({ code: 'UNKNOWN_REVISION' });
    await session.close();
    expect(ours(temporaryDirectory)).toEqual([]);
  });

  it('of a process that was killed is removed by the next, of one that lives it is kept', async () => {
    const temporaryDirectory = scratchFolder();
    const namespace = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
    const dead = spawnSync('true').pid;
    const living = spawn('sleep', ['60']);
    for (const name of [
      `arbiter-git-${namespace}-${dead}-abc`,
      `arbiter-git-${namespace}-${living.pid}-abc`,
      `arbiter-git-1-${dead}-x`,
      'other',
    ]) {
      mkdirSync(join(temporaryDirectory, name, 'objects'), { recursive: true });
    }
    const session = await createGit({ temporaryDirectory }).open(twoCommits().root);
    await session.close();
    living.kill('SIGKILL');
    expect(ours(temporaryDirectory).sort()).toEqual(
      [`arbiter-git-1-${dead}-x`, `arbiter-git-${namespace}-${living.pid}-abc`].sort(),
    );
    expect(existsSync(join(temporaryDirectory, 'other/objects'))).toBe(true);
  });

  it('never lies inside the repository', async () => {
    const repository = twoCommits();
    mkdirSync(join(repository.root, 'tmp'));
    const git = createGit({ temporaryDirectory: join(repository.root, 'tmp') });
    await expect(git.open(repository.root)).rejects.toMatchObject({ code: 'GIT_FAILED' });
    expect(tmpdir()).not.toBe(repository.root);
  });
});
