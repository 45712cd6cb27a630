import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  lines,
  measureWorkTree,
  repositoryIn,
  scratchFolder,
  scratchRepository,
  summary,
  withSession,
} from './scratch-repository.js';

const seal = (root: string): Promise<string> => withSession(root, (session) => session.sealWorkTree());

describe('sealing a work tree', () => {
  it('holds what git add -A would commit, without touching index, refs or objects of the repository', async () => {
    const repository = scratchRepository({
      keep: 'k\n',
      edit: 'e\n',
      gone: 'g\n',
      'dir/x': 'x\n',
      mode: 'm\n',
      type: 't\n',
    });
    repository.write('edit', 'e2\n');
    repository.remove('gone');
    repository.remove('dir');
    repository.write('dir', 'a file now\n');
    repository.write('mode', 'm\n', 0o755);
    repository.remove('type');
    repository.link('type', 'keep');
    repository.write('new/file', lines(3));
    repository.write(Buffer.from([0x6e, 0xff]), 'n\n');
    const before = readFileSync(join(repository.root, '.git/index'));
    const change = await measureWorkTree(repository.root);
    expect(summary(change)).toEqual([
      'A +1 -0 dir',
      'D +0 -1 dir/x',
      'M +1 -1 edit',
      'D +0 -1 gone',
      'M +0 -0 mode',
      'A +3 -0 new/file',
      'A +1 -0 n\udcff',
      'T +1 -1 type',
    ]);
    expect(readFileSync(join(repository.root, '.git/index')).equals(before)).toBe(true);
    expect(() => repository.git('cat-file', '-e', change.tree)).toThrow(/cat-file/);
    repository.git('add', '-A');
    expect(repository.git('write-tree')).toBe(change.tree);
  });

  it('leaves out what .gitignore names, keeps tracked and force-added files though they are ignored', async () => {
    const repository = scratchRepository({ 'tracked.log': 'one\n' });
    repository.write('.gitignore', '*.log\nbuild/\n');
    repository.write('tracked.log', 'two\n');
    repository.write('forced.log', 'f\n');
    repository.git('add', '-f', 'forced.log');
    repository.write('ignored.log', 'i\n');
    repository.write('build/out', 'o\n');
    repository.write('sub/.gitignore', '!*.log\n');
    repository.write('sub/kept.log', 'k\n');
    expect(summary(await measureWorkTree(repository.root))).toEqual([
      'A +2 -0 .gitignore',
      'A +1 -0 forced.log',
      'A +1 -0 sub/.gitignore',
      'A +1 -0 sub/kept.log',
      'M +1 -1 tracked.log',
    ]);
  });

  it('trusts no exclude file outside of the work tree', async () => {
    const repository = scratchRepository({ a: 'a\n' });
    repository.write('.git/info/exclude', 'hidden\n');
    repository.write('hidden', 'h\n');
    expect(summary(await measureWorkTree(repository.root))).toEqual(['A +1 -0 hidden']);
  });

  it('sees through assume-unchanged, skip-worktree and a racy or locked index', async () => {
    const repository = scratchRepository({ assumed: 'a\n', skipped: 's\n', racy: 'r\n' });
    repository.git('update-index', '--assume-unchanged', 'assumed');
    repository.git('update-index', '--skip-worktree', 'skipped');
    const path = join(repository.root, 'racy');
    const { atimeMs, mtimeMs } = statSync(path);
    for (const file of ['assumed', 'skipped', 'racy']) writeFileSync(join(repository.root, file), 'X\n');
    execFileSync('touch', ['-d', `@${mtimeMs / 1000}`, path]);
    expect(atimeMs).toBeGreaterThan(0);
    writeFileSync(join(repository.root, '.git/index.lock'), '');
    expect(summary(await measureWorkTree(repository.root))).toEqual([
      'M +1 -1 assumed',
      'M +1 -1 racy',
      'M +1 -1 skipped',
    ]);
  });

  it('works in the middle of a merge conflict, on the file as it stands', async () => {
    const repository = scratchRepository({ a: 'base\n' });
    repository.git('checkout', '-q', '-b', 'side');
    repository.write('a', 'side\n');
    repository.commit();
    repository.git('checkout', '-q', 'main');
    repository.write('a', 'main\n');
    repository.commit();
    expect(() => repository.git('merge', '-q', 'side')).toThrow(/merge/);
    expect(summary(await measureWorkTree(repository.root))).toEqual(['M +4 -0 a']);
  });

  it('reads a split index', async () => {
    const repository = scratchRepository({ '.gitignore': 'x\n', a: 'a\n' });
    repository.git('update-index', '--split-index');
    repository.write('x', 'x\n');
    repository.git('add', '-f', 'x');
    expect(summary(await measureWorkTree(repository.root))).toEqual(['A +1 -0 x']);
  });

  it('seals a repository that has no commit yet', async () => {
    const repository = scratchRepository();
    repository.write('a', 'a\n');
    const tree = await seal(repository.root);
    repository.git('add', '-A');
    expect(repository.git('write-tree')).toBe(tree);
  });

  it('passes over sockets, FIFOs and what lies beyond a symlinked folder, and never waits', async () => {
    const repository = scratchRepository({ 'dir/a': 'a\n', fifo: 'was a file\n' });
    const outside = scratchFolder();
    writeFileSync(join(outside, 'a'), 'secret\n');
    repository.remove('dir');
    symlinkSync(outside, join(repository.root, 'dir'));
    repository.remove('fifo');
    execFileSync('mkfifo', [join(repository.root, 'fifo'), join(repository.root, 'other-fifo')]);
    expect(summary(await measureWorkTree(repository.root))).toEqual(['A +1 -0 dir', 'D +0 -1 dir/a', 'D +0 -1 fifo']);
  });

  it('reads nothing through a folder that became a symlink, not even an ignored one', async () => {
    const repository = scratchRepository({ '.gitignore': 'dir\n' });
    repository.write('dir/a', 'a\n');
    repository.git('add', '-f', 'dir/a');
    repository.commit();
    const outside = scratchFolder();
    writeFileSync(join(outside, 'a'), 'secret\n');
    repository.remove('dir');
    symlinkSync(outside, join(repository.root, 'dir'));
    expect(summary(await measureWorkTree(repository.root))).toEqual(['D +0 -1 dir/a']);
  });

  it('records a clean nested repository as its commit, and refuses a dirty or an empty one', async () => {
    const repository = scratchRepository({ a: 'a\n' });
    mkdirSync(join(repository.root, 'nested'));
    execFileSync('git', ['init', '-q'], { cwd: join(repository.root, 'nested') });
    await expect(seal(repository.root)).rejects.toMatchObject({
      code: 'GIT_FAILED',
      place: { file: join(repository.root, 'nested') },
    });
    const nested = repositoryIn(join(repository.root, 'nested'));
    nested.write('n', 'n\n');
    const commit = nested.commit();
    const change = await measureWorkTree(repository.root);
    expect(change.files).toMatchObject([{ status: 'A', newPath: 'nested', newMode: '160000', newBlob: commit }]);
    repository.commit('with a gitlink');
    expect((await measureWorkTree(repository.root)).files).toEqual([]);
    nested.write('n', 'dirty\n');
    await expect(seal(repository.root)).rejects.toMatchObject({ code: 'GIT_FAILED', place: { file: nested.root } });
    repository.remove('nested');
    mkdirSync(join(repository.root, 'nested'));
    expect((await measureWorkTree(repository.root)).files).toEqual([]);
    repository.remove('nested');
    expect(summary(await measureWorkTree(repository.root))).toEqual(['D +0 -1 nested']);
  });

  it('seals files of many megabytes', async () => {
    const repository = scratchRepository({ small: 's\n' });
    repository.write('big', 'abcdefg\n'.repeat(1 << 20));
    repository.commit();
    expect((await measureWorkTree(repository.root)).files).toEqual([]);
    repository.write('big', `${'abcdefg\n'.repeat(1 << 20)}end\n`);
    expect(summary(await measureWorkTree(repository.root))).toEqual(['M +1 -0 big']);
  });

  it.skipIf(process.getuid?.() === 0)(
    'refuses a file or folder that it cannot read (skipped: root reads all)',
    async () => {
      const repository = scratchRepository({ a: 'a\n' });
      repository.write('secret', 's\n', 0);
      await expect(seal(repository.root)).rejects.toMatchObject({
        code: 'GIT_FAILED',
        place: { file: join(repository.root, 'secret') },
      });
      repository.remove('secret');
      repository.write('closed/x', 'x\n');
      chmodSync(join(repository.root, 'closed'), 0);
      await expect(seal(repository.root)).rejects.toMatchObject({ code: 'GIT_FAILED' });
      chmodSync(join(repository.root, 'closed'), 0o755);
    },
  );
});
