import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  patchOf,
  plainGit,
  repositoryIn,
  scratchFolder,
  scratchRepository,
  summary,
  withSession,
} from './scratch-repository.js';

const files = {
  'a.txt': 'one\ntwo\n',
  'src/deep/er.js': 'let x = 1;\n',
  'src/main.js': 'main();\n',
  '.gitignore': 'ignored/\n*.log\n',
};

function origin() {
  const repository = scratchRepository(files);
  repository.write('tool.sh', '#!/bin/sh\n', 0o755);
  repository.link('link', 'src/main.js');
  repository.git('remote', 'add', 'origin', 'https://user:secret@example.org/x.git');
  repository.git('config', 'filter.x.clean', 'touch /tmp/never');
  const base = repository.commit('secret words in a message');
  writeFileSync(join(repository.root, '.git/hooks/pre-commit'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  return { ...repository, base };
}

const inClone = (directory: string, ...args: string[]): string => plainGit(directory, args).trim();

/** What the folder comes to against the base, by a GIT_DIR of ours. */
async function sealed(root: string, base: string, directory: string): Promise<string[]> {
  return withSession(root, async (session) => {
    const commit = await session.resolveCommit(base);
    return summary(await session.measure(commit, await session.sealFolder(base, directory), null));
  });
}

async function cloned(startPatch?: Uint8Array) {
  const repository = origin();
  const clone = scratchFolder();
  const options = startPatch === undefined ? {} : { startPatch };
  await withSession(repository.root, (session) => session.cloneCommit(repository.base, clone, options));
  return { repository, clone, base: repository.base, seal: () => sealed(repository.root, repository.base, clone) };
}

describe('a private clone of one commit', () => {
  it('is a whole repository of its own: clean, one commit without parents, the same tree', async () => {
    const { repository, clone } = await cloned();
    expect(inClone(clone, 'status', '--porcelain')).toBe('');
    expect(inClone(clone, 'rev-parse', 'HEAD^{tree}')).toBe(repository.git('rev-parse', 'HEAD^{tree}'));
    expect(inClone(clone, 'log', '--format=%an %s %P')).toBe('Arbiter base');
    expect(inClone(clone, 'symbolic-ref', 'HEAD')).toBe('refs/heads/main');
    expect(inClone(clone, 'fsck', '--full', '--strict')).toBe('');
  });

  it('holds nothing of the origin but that tree: no remote, configuration, hooks, messages, alternates', async () => {
    const { clone } = await cloned();
    expect(inClone(clone, 'remote')).toBe('');
    expect(existsSync(join(clone, '.git/hooks'))).toBe(false);
    expect(existsSync(join(clone, '.git/objects/info/alternates'))).toBe(false);
    expect(inClone(clone, 'config', '--list', '--local')).not.toMatch(/secret|filter|origin/);
    expect(spawnSync('grep', ['-rla', 'secret', clone], { encoding: 'utf8' }).stdout).toBe('');
  });

  it('may be used as one likes: staged, committed, branched', async () => {
    const { clone } = await cloned();
    const inside = repositoryIn(clone);
    inside.write('new.txt', 'new\n');
    inside.git('checkout', '-q', '-b', 'work');
    inside.commit('by the agent');
    expect(inClone(clone, 'log', '--format=%s')).toBe('by the agent\nbase');
  });

  it('is the same commit wherever it is made', async () => {
    const [one, two] = [await cloned(), await cloned()];
    expect(inClone(one.clone, 'rev-parse', 'HEAD')).toBe(inClone(two.clone, 'rev-parse', 'HEAD'));
  });

  it('has a start patch as uncommitted work, and measures it with the rest', async () => {
    const start = 'diff --git a/a.txt b/a.txt\n--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n one\n-two\n+TWO\n';
    const { clone, seal } = await cloned(Buffer.from(start));
    expect(inClone(clone, 'status', '--porcelain')).toBe('M a.txt');
    writeFileSync(join(clone, 'more.txt'), 'more\n');
    expect(await seal()).toEqual(['M +1 -1 a.txt', 'A +1 -0 more.txt']);
  });

  it('refuses a start patch that does not apply, and a folder that is not empty', async () => {
    await expect(cloned(Buffer.from('--- a/none\n+++ b/none\n@@ -1 +1 @@\n-x\n+y\n'))).rejects.toMatchObject({
      code: 'PATCH_DOES_NOT_APPLY',
    });
    const repository = origin();
    const busy = scratchFolder();
    writeFileSync(join(busy, 'x'), '');
    const cloning = withSession(repository.root, (session) => session.cloneCommit(repository.base, busy));
    await expect(cloning).rejects.toMatchObject({ code: 'GIT_FAILED' });
  });

  it('works for names and contents that are not text, and for SHA-256', async () => {
    const odd = Buffer.from([0x66, 0xff, 0xfe]);
    for (const options of [[], ['--object-format=sha256']]) {
      const repository = scratchRepository({ 'ä/ö.txt': 'x\n' }, options);
      repository.write(odd, Buffer.from([0, 1, 2, 255]));
      const base = repository.commit();
      const clone = scratchFolder();
      await withSession(repository.root, (session) => session.cloneCommit(base, clone));
      expect(inClone(clone, 'status', '--porcelain')).toBe('');
      writeFileSync(Buffer.concat([Buffer.from(`${clone}/`), odd]), 'changed');
      expect(await sealed(repository.root, base, clone)).toHaveLength(1);
    }
  });
});

/** What an agent may do to its own `.git`. */
const spoilings: readonly (readonly [string, (clone: string) => void])[] = [
  ['left alone', () => undefined],
  ['committed', (clone: string) => void repositoryIn(clone).commit('mine')],
  ['removed', (clone: string) => rmSync(join(clone, '.git'), { recursive: true })],
  [
    'a file',
    (clone: string) => {
      rmSync(join(clone, '.git'), { recursive: true });
      writeFileSync(join(clone, '.git'), 'gitdir: /etc\n');
    },
  ],
  [
    'corrupted',
    (clone: string) => {
      writeFileSync(join(clone, '.git/index'), 'garbage');
      writeFileSync(join(clone, '.git/HEAD'), 'garbage');
    },
  ],
  [
    'full of rules',
    (clone: string) => {
      writeFileSync(join(clone, '.git/info/exclude'), '*\n');
      writeFileSync(join(clone, '.git/info/attributes'), '* filter=evil\n');
      const marker = join(clone, 'ran');
      for (const [key, value] of [
        ['filter.evil.clean', `touch ${marker}`],
        ['core.fsmonitor', `touch ${marker}`],
        ['core.hooksPath', '/nonexistent'],
        ['core.excludesFile', '/etc/passwd'],
        ['core.worktree', '/etc'],
      ] as const)
        inClone(clone, 'config', key, value);
    },
  ],
  [
    'full of flags',
    (clone: string) => {
      writeFileSync(join(clone, 'a.txt'), 'x\n');
      inClone(clone, 'update-index', '--assume-unchanged', 'src/main.js');
      inClone(clone, 'update-index', '--skip-worktree', 'a.txt');
      rmSync(join(clone, 'a.txt'));
    },
  ],
  ['borrowing objects', (clone: string) => writeFileSync(join(clone, '.git/objects/info/alternates'), '/etc\n')],
];

describe('a folder that others have filled, sealed', () => {
  const edit = (clone: string): void => {
    const inside = repositoryIn(clone);
    inside.write('src/main.js', 'other();\n');
    inside.write('src/new.js', 'fresh();\n');
    inside.remove('a.txt');
    inside.write('ignored/x', 'x');
    inside.write('noise.log', 'x');
  };
  const edited = ['D +0 -2 a.txt', 'M +1 -1 src/main.js', 'A +1 -0 src/new.js'];

  it('is nothing when nothing was done', async () => {
    const { seal } = await cloned();
    expect(await seal()).toEqual([]);
  });

  it.each(spoilings)('measures the same with its .git %s', async (_name, spoil) => {
    const { clone, seal } = await cloned();
    edit(clone);
    spoil(clone);
    expect(await seal()).toEqual(edited);
  });

  it('applies again as its own patch', async () => {
    const { repository, clone, base } = await cloned();
    edit(clone);
    symlinkSync('/etc/passwd', join(clone, 'out'));
    chmodSync(join(clone, 'src/deep/er.js'), 0o755);
    writeFileSync(join(clone, 'bin'), Buffer.from([0, 255, 1]));
    await withSession(repository.root, async (session) => {
      const tree = await session.sealFolder(base, clone);
      const change = await session.measure(await session.resolveCommit(base), tree, null);
      expect(await session.sealPatch(base, await patchOf(session, change))).toBe(tree);
      expect((await session.readFile(tree, 'src/new.js'))?.toString()).toBe('fresh();\n');
      const link = (await session.listFiles(tree, 'out'))[0];
      expect(link?.mode).toBe('120000');
    });
  });

  it('takes a file in a folder’s place and a folder in a file’s', async () => {
    const { clone, seal } = await cloned();
    rmSync(join(clone, 'src'), { recursive: true });
    writeFileSync(join(clone, 'src'), 'file\n');
    rmSync(join(clone, 'a.txt'));
    repositoryIn(clone).write('a.txt/inner', 'x\n');
    expect(await seal()).toEqual([
      'D +0 -2 a.txt',
      'A +1 -0 a.txt/inner',
      'A +1 -0 src',
      'D +0 -1 src/deep/er.js',
      'D +0 -1 src/main.js',
    ]);
  });

  it('waits for no FIFO, socket or device, wherever it stands', async () => {
    const { clone, seal } = await cloned();
    rmSync(join(clone, 'a.txt'));
    for (const name of ['a.txt', 'pipe', 'src/pipe']) execFileSync('mkfifo', [join(clone, name)]);
    symlinkSync('pipe', join(clone, 'to-pipe'));
    expect(await seal()).toEqual(['D +0 -2 a.txt', 'A +1 -0 to-pipe']);
    execFileSync('mkfifo', [join(clone, 'src/.gitignore')]);
    await expect(seal()).rejects.toMatchObject({ code: 'GIT_FAILED', message: expect.stringContaining('.gitignore') });
    rmSync(join(clone, 'src/.gitignore'));
    mkdirSync(join(clone, 'nested/.git/refs'), { recursive: true });
    execFileSync('mkfifo', [join(clone, 'nested/.git/HEAD')]);
    await expect(seal()).rejects.toMatchObject({ code: 'GIT_FAILED', message: expect.stringContaining('.git') });
  });

  it('is a fault with a repository in it, with or without a commit', async () => {
    const { clone, seal } = await cloned();
    plainGit(clone, ['init', '-q', 'vendor']);
    await expect(seal()).rejects.toMatchObject({
      code: 'GIT_FAILED',
      message: expect.stringContaining('repository inside'),
    });
    writeFileSync(join(clone, 'vendor/x'), 'x');
    repositoryIn(join(clone, 'vendor')).commit();
    await expect(seal()).rejects.toMatchObject({ code: 'GIT_FAILED' });
    writeFileSync(join(clone, '.gitignore'), 'vendor/\n');
    expect(await seal()).toEqual(['M +1 -2 .gitignore']);
  });

  it('leaves an untouched submodule as it is, and is a fault for one that was written into', async () => {
    const inner = scratchRepository({ x: 'x\n' });
    const outer = scratchRepository({ a: 'a\n' });
    plainGit(outer.root, ['-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.root, 'sub']);
    const base = outer.commit();
    const clone = scratchFolder();
    await withSession(outer.root, (session) => session.cloneCommit(base, clone));
    expect(readdirSync(join(clone, 'sub'))).toEqual([]);
    expect(await sealed(outer.root, base, clone)).toEqual([]);
    writeFileSync(join(clone, 'sub/x'), 'dirty\n');
    await expect(sealed(outer.root, base, clone)).rejects.toMatchObject({
      code: 'GIT_FAILED',
      message: expect.stringContaining('submodule'),
    });
    plainGit(join(clone, 'sub'), ['init', '-q']);
    await expect(sealed(outer.root, base, clone)).rejects.toMatchObject({ code: 'GIT_FAILED' });
    rmSync(join(clone, 'sub'), { recursive: true });
    expect(await sealed(outer.root, base, clone)).toEqual(['D +0 -1 sub']);
  });

  it('holds names that differ by case or by composition alone, each for itself', async () => {
    const { clone, seal } = await cloned();
    for (const name of ['A.TXT', 'n\u00e4', 'na\u0308']) writeFileSync(join(clone, name), 'x\n');
    expect(await seal()).toEqual(['A +1 -0 A.TXT', 'A +1 -0 na\u0308', 'A +1 -0 n\u00e4']);
  });

  it('does not swallow gigabytes: a file that is too big is a fault at once, an ignored one is none', async () => {
    const { clone, seal } = await cloned();
    writeFileSync(join(clone, 'huge.log'), '');
    truncateSync(join(clone, 'huge.log'), 4 * 2 ** 30);
    expect(await seal()).toEqual([]);
    writeFileSync(join(clone, 'huge'), '');
    truncateSync(join(clone, 'huge'), 4 * 2 ** 30);
    const startedMs = performance.now();
    await expect(seal()).rejects.toMatchObject({ code: 'GIT_FAILED', message: expect.stringContaining('bytes') });
    expect(performance.now() - startedMs).toBeLessThan(5000);
    truncateSync(join(clone, 'huge'), 5 << 20);
    expect(await seal()).toHaveLength(1);
  });

  it('says so when the folder is not there', async () => {
    const { clone, seal } = await cloned();
    rmSync(clone, { recursive: true });
    await expect(seal()).rejects.toMatchObject({ code: 'GIT_FAILED', message: expect.stringContaining('not there') });
  });
});
