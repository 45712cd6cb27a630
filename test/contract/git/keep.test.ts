import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createGit } from '../../../src/adapters/git/create-git.js';
import { createPooledGit } from '../../../src/adapters/git/pooled-git.js';
import type { GitSession, KeptCandidate } from '../../../src/ports/git.js';
import {
  plainGit,
  scratchFolder,
  scratchRepository,
  type ScratchRepository,
  withSession,
} from './scratch-repository.js';

const ref = 'refs/arbiter/tasks/01ARZ3NDEKTSV4RRFFQ69G5FAV';
const files = { 'a.txt': 'one\n', 'src/deep/x.js': 'x\n', 'src/y.js': 'y\n' };
const patch = Buffer.from(
  [
    'diff --git a/a.txt b/a.txt\n--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-one\n+two\n',
    'diff --git a/src/deep/x.js b/src/deep/x.js\ndeleted file mode 100644\n--- a/src/deep/x.js\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n',
    'diff --git a/new/in/z.js b/new/in/z.js\nnew file mode 100755\n--- /dev/null\n+++ b/new/in/z.js\n@@ -0,0 +1 @@\n+z\n',
  ].join(''),
);

function keeping(
  repository: ScratchRepository,
  more: Partial<KeptCandidate> = {},
): (session: GitSession) => Promise<string> {
  const base = repository.git('rev-parse', 'HEAD');
  const kept = {
    base,
    change: { patch },
    ref,
    message: 'task: do it\n\nby tester',
    atMs: 1_700_000_000_999,
    expectedOld: null,
  };
  return (session) => session.keepCandidate({ ...kept, ...more });
}

/** Everything that is in a folder, byte by byte. */
function snapshot(folder: string, prefix = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const name of readdirSync(join(folder, prefix)).sort()) {
    const path = join(prefix, name);
    const stat = lstatSync(join(folder, path));
    if (stat.isDirectory()) for (const [key, value] of snapshot(folder, path)) found.set(key, value);
    else if (stat.isSymbolicLink()) found.set(path, readlinkSync(join(folder, path)));
    else found.set(path, `${stat.mode} ${stat.mtimeMs} ${readFileSync(join(folder, path)).toString('latin1')}`);
  }
  return found;
}

describe('a candidate that is kept', () => {
  it('is a commit on the base under its ref, as git reads it', async () => {
    const repository = scratchRepository(files);
    const base = repository.git('rev-parse', 'HEAD');
    const commit = await withSession(repository.root, keeping(repository));
    expect(repository.git('rev-parse', ref)).toBe(commit);
    expect(repository.git('show', '-s', '--format=%P|%an|%ae|%ct|%ci|%B', commit).trim()).toBe(
      `${base}|Arbiter|arbiter@localhost|1700000000|2023-11-14 22:13:20 +0000|task: do it\n\nby tester`,
    );
    expect(repository.git('diff-tree', '-r', '--name-status', base, commit)).toBe(
      'M\ta.txt\nA\tnew/in/z.js\nD\tsrc/deep/x.js',
    );
    expect(repository.git('fsck', '--full', '--strict', '--no-dangling')).toBe('');
  });

  it('leaves everything else as it was, byte by byte: work tree, index, HEAD, branches, configuration', async () => {
    const repository = scratchRepository(files);
    repository.write('a.txt', 'dirty\n');
    repository.write('staged.txt', 'staged\n');
    repository.git('add', 'staged.txt');
    repository.git('branch', 'other');
    for (const hook of ['reference-transaction', 'post-commit', 'pre-commit', 'update']) {
      writeFileSync(join(repository.root, '.git/hooks', hook), `#!/bin/sh\ntouch ${repository.root}/ran\n`, {
        mode: 0o755,
      });
    }
    repository.git('config', 'core.logAllRefUpdates', 'always');
    repository.git('config', 'core.fsmonitor', `touch ${repository.root}/ran`);
    const before = snapshot(repository.root);
    await withSession(repository.root, keeping(repository));
    const after = snapshot(repository.root);
    for (const [path, content] of before) expect([path, after.get(path)]).toEqual([path, content]);
    const made = [...after.keys()].filter((path) => !before.has(path));
    expect(made.filter((path) => !/^\.git\/objects\/[0-9a-f]{2}\/[0-9a-f]{38}$/.test(path))).toEqual([`.git/${ref}`]);
    expect(made.length).toBe(7 + 1);
  });

  it('is the same when it is kept again, and whoever keeps it; another is not put over it', async () => {
    const repository = scratchRepository(files);
    const one = await withSession(repository.root, keeping(repository));
    expect(await withSession(repository.root, keeping(repository))).toBe(one);
    expect(await withSession(repository.root, keeping(repository, { expectedOld: '1'.repeat(40) }))).toBe(one);
    const other = keeping(repository, { message: 'another' });
    await expect(withSession(repository.root, other)).rejects.toMatchObject({
      code: 'GIT_FAILED',
      message: expect.stringContaining(ref),
      mend: expect.stringContaining('somebody else'),
    });
    expect(repository.git('rev-parse', ref)).toBe(one);
    const next = await withSession(repository.root, keeping(repository, { message: 'another', expectedOld: one }));
    expect(repository.git('rev-parse', ref)).toBe(next);
    const stale = keeping(repository, { message: 'a third', expectedOld: one });
    await expect(withSession(repository.root, stale)).rejects.toMatchObject({ code: 'GIT_FAILED' });
    repository.git('pack-refs', '--all', '--prune');
    expect(await withSession(repository.root, keeping(repository, { message: 'a third', expectedOld: next }))).not.toBe(
      next,
    );
  });

  it('of many that are kept at once under one ref exactly one is kept', async () => {
    const repository = scratchRepository(files);
    const all = await Promise.allSettled(
      [1, 2, 3, 4].map((number) =>
        withSession(repository.root, keeping(repository, { message: `candidate ${number}` })),
      ),
    );
    const kept = all.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    expect(kept).toEqual([repository.git('rev-parse', ref)]);
  });

  it('may be a tree that was sealed, also of a linked work tree and in SHA-256', async () => {
    for (const options of [[], ['--object-format=sha256']]) {
      const repository = scratchRepository(files, options);
      const linked = join(scratchFolder(), 'linked');
      repository.git('worktree', 'add', '-q', linked);
      const base = repository.git('rev-parse', 'HEAD');
      const commit = await withSession(linked, async (session) => {
        const tree = await session.sealPatch(base, patch);
        return keeping(repository, { change: { tree } })(session);
      });
      expect(repository.git('rev-parse', ref)).toBe(commit);
      expect(repository.git('fsck', '--full', '--strict', '--no-dangling')).toBe('');
    }
  });

  it.each([
    [
      'a locked ref',
      (root: string) => {
        mkdirSync(join(root, '.git/refs/arbiter/tasks'), { recursive: true });
        writeFileSync(join(root, `.git/${ref}.lock`), '');
      },
      /lock/,
    ],
    [
      'a file where the folder of refs should be',
      (root: string) => {
        mkdirSync(join(root, '.git/refs/arbiter'));
        writeFileSync(join(root, '.git/refs/arbiter/tasks'), `${'1'.repeat(40)}\n`);
      },
      /could not be set/,
    ],
    [
      'an object store that cannot be written',
      (root: string) => {
        for (let byte = 0; byte < 256; byte += 1) {
          const folder = join(root, '.git/objects', byte.toString(16).padStart(2, '0'));
          if (!existsSync(folder)) writeFileSync(folder, '');
        }
      },
      /cannot be written/,
    ],
  ] as const)('is a clear fault with %s, and no ref is left', async (_name, spoil, message) => {
    const repository = scratchRepository(files);
    const keep = keeping(repository);
    spoil(repository.root);
    await expect(withSession(repository.root, keep)).rejects.toMatchObject({
      code: 'GIT_FAILED',
      message: expect.stringMatching(message),
    });
    expect(existsSync(join(repository.root, `.git/${ref}`))).toBe(false);
  });

  it('is a clear fault on a full disk, and is kept when there is room again', async (context) => {
    const disk = scratchFolder();
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      return context.skip('skipped: a small file system cannot be mounted here');
    }
    try {
      plainGit(disk, ['init', '-q', '-b', 'main']);
      rmSync(join(disk, '.git/hooks'), { recursive: true });
      writeFileSync(join(disk, 'a.txt'), 'one\n');
      plainGit(disk, ['add', '.']);
      plainGit(disk, ['commit', '-qm', 'base']);
      const base = plainGit(disk, ['rev-parse', 'HEAD']).trim();
      const kept = {
        base,
        change: { patch: Buffer.from('--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-one\n+two\n') },
        ref,
        message: 'm',
        atMs: 0,
        expectedOld: null,
      };
      execFileSync('sh', ['-c', 'cat /dev/zero > ballast 2>/dev/null; true'], { cwd: disk });
      await expect(withSession(disk, (session) => session.keepCandidate(kept))).rejects.toMatchObject({
        code: 'GIT_FAILED',
        mend: expect.stringContaining('room on the disk'),
      });
      rmSync(join(disk, 'ballast'));
      const commit = await withSession(disk, (session) => session.keepCandidate(kept));
      expect(plainGit(disk, ['rev-parse', ref]).trim()).toBe(commit);
      return undefined;
    } finally {
      execFileSync('umount', ['-l', disk]);
    }
  });

  it('is written below refs/arbiter/ alone', async () => {
    const repository = scratchRepository(files);
    for (const bad of [
      'refs/heads/main',
      'refs/arbiter',
      'refs/arbiter/../heads/x',
      'refs/arbiter/a.lock',
      'refs/arbiter/-x',
      'refs/arbiter/a\nb',
      'HEAD',
      'refs/arbiter/.a',
    ]) {
      await expect(withSession(repository.root, keeping(repository, { ref: bad }))).rejects.toMatchObject({
        code: 'GIT_FAILED',
      });
    }
    expect(repository.git('for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
    chmodSync(repository.root, 0o755);
  });
});

describe('sessions that are shared', () => {
  const pooled = (options: Partial<Parameters<typeof createPooledGit>[1]> = {}) => {
    let opened = 0;
    const git = createGit();
    const counting = {
      open: (...args: Parameters<typeof git.open>) => {
        opened += 1;
        return git.open(...args);
      },
    };
    const pool = createPooledGit(counting, { maxUses: 100, idleMs: 60_000, size: 2, ...options });
    return { pool, opened: () => opened };
  };
  const use = async (pool: ReturnType<typeof pooled>['pool'], root: string): Promise<string> => {
    const session = await pool.open(root);
    try {
      return (await session.resolveCommit('HEAD')).id;
    } finally {
      await session.close();
    }
  };

  it('are opened once for many openings, and once more for those at the same time', async () => {
    const repository = scratchRepository(files);
    const { pool, opened } = pooled();
    for (let count = 0; count < 5; count += 1) await use(pool, join(repository.root, 'src'));
    expect(opened()).toBe(1);
    const held = await Promise.all([1, 2, 3, 4].map(() => pool.open(repository.root)));
    expect(opened()).toBe(2);
    expect((await Promise.all(held.map((session) => session.resolveCommit('HEAD')))).length).toBe(4);
    for (const session of held) await session.close();
    await pool.closeAll();
  });

  it('know HEAD as of the opening, and a branch as of the question', async () => {
    const repository = scratchRepository(files);
    const { pool, opened } = pooled();
    await use(pool, repository.root);
    const held = await pool.open(repository.root);
    repository.write('a.txt', 'next\n');
    const next = repository.commit();
    expect((await held.resolveCommit('HEAD')).id).toBe(next);
    repository.git('checkout', '-q', '--detach', 'HEAD~1');
    const detached = repository.git('rev-parse', 'HEAD');
    expect(await use(pool, repository.root)).toBe(detached);
    expect(opened()).toBe(2);
    expect((await held.resolveCommit('main')).id).toBe(next);
    await held.close();
    await pool.closeAll();
  });

  it('are let go after their uses, after a while, and after a fault that may have left disorder', async () => {
    const repository = scratchRepository(files);
    const few = pooled({ maxUses: 2 });
    for (let count = 0; count < 6; count += 1) await use(few.pool, repository.root);
    expect(few.opened()).toBe(3);
    const short = pooled({ idleMs: 20 });
    await use(short.pool, repository.root);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await use(short.pool, repository.root);
    expect(short.opened()).toBe(2);
    const faulty = pooled();
    const session = await faulty.pool.open(repository.root);
    await expect(session.resolveCommit('none')).rejects.toMatchObject({ code: 'UNKNOWN_REVISION' });
    await use(faulty.pool, repository.root);
    expect(faulty.opened()).toBe(2);
    await expect(session.readFile('HEAD', 'src')).rejects.toMatchObject({ code: 'GIT_FAILED' });
    await session.close();
    await use(faulty.pool, repository.root);
    await use(faulty.pool, repository.root);
    expect(faulty.opened()).toBe(2);
    await Promise.all([few, short, faulty].map(({ pool }) => pool.closeAll()));
  });

  it('answer nobody who has closed his, nor one whose run was aborted; the others go on', async () => {
    const repository = scratchRepository(files);
    const { pool } = pooled({ size: 1 });
    const abort = new AbortController();
    const [one, two, three] = [
      await pool.open(repository.root),
      await pool.open(repository.root),
      await pool.open(repository.root, { signal: abort.signal }),
    ];
    await one.close();
    await one.close();
    await expect(one.resolveCommit('HEAD')).rejects.toMatchObject({ code: 'GIT_FAILED' });
    abort.abort();
    await expect(three.resolveCommit('HEAD')).rejects.toMatchObject({ code: 'GIT_FAILED' });
    expect((await two.resolveCommit('HEAD')).tree).toHaveLength(40);
    await pool.closeAll();
    await pool.closeAll();
    await two.close();
    await expect(pool.open(scratchFolder())).rejects.toMatchObject({ code: 'NOT_A_REPOSITORY' });
  });

  it('leave no process and no folder behind', async () => {
    const repository = scratchRepository(files);
    const { pool } = pooled({ size: 3 });
    await Promise.all([1, 2, 3].map(() => use(pool, repository.root)));
    await withSession(repository.root, keeping(repository));
    await pool.closeAll();
    const left = execFileSync('sh', [
      '-c',
      `ps -eo ppid,args | grep -E "^ *${process.pid} .*git (cat-file|update-ref)" | grep -v grep || true`,
    ]);
    expect(left.toString()).toBe('');
  });
});
