import { chownSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createGit } from '../../../src/adapters/git/create-git.js';
import {
  contentsOf,
  lines,
  measureRange,
  measureWorkTree,
  patchOf,
  scratchFolder,
  scratchRepository,
  summary,
  withSession,
  type ScratchRepository,
} from './scratch-repository.js';

const HOOKS = [
  'post-index-change',
  'pre-commit',
  'post-checkout',
  'reference-transaction',
  'pre-auto-gc',
  'fsmonitor-watchman',
];

/** A program that leaves a mark when it is run, and then does what a filter would. */
function trap(folder: string, name: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n: > "${folder}/marks/${name}-$$"\ncat\n`, { mode: 0o755 });
  return path;
}

/** A repository in which every way to run a program or to bend a diff that git knows is taken. */
function hostileRepository(): { repository: ScratchRepository; marks: () => string[] } {
  const traps = scratchFolder();
  mkdirSync(join(traps, 'marks'));
  const repository = scratchRepository({ 'a.js': 'one\ntwo\n', 'b.bin': 'text\n' });
  repository.write('a.js', 'one\r\n$Id$\nthree\n');
  repository.write('c.js', lines(30));
  repository.commit('candidate');
  repository.write('untracked.js', 'u\n');
  const settings: Record<string, string> = {
    'diff.external': trap(traps, 'external'),
    'diff.evil.textconv': trap(traps, 'textconv'),
    'diff.evil.command': trap(traps, 'command'),
    'filter.evil.clean': trap(traps, 'clean'),
    'filter.evil.smudge': trap(traps, 'smudge'),
    'filter.evil.process': trap(traps, 'process'),
    'core.fsmonitor': trap(traps, 'fsmonitor'),
    'core.hooksPath': traps,
    'core.pager': trap(traps, 'pager'),
    'core.editor': trap(traps, 'editor'),
    'core.sshCommand': trap(traps, 'ssh'),
    'core.alternateRefsCommand': trap(traps, 'refs'),
    'core.attributesFile': join(traps, 'attributes'),
    'core.excludesFile': join(traps, 'excludes'),
    'core.autocrlf': 'true',
    'core.ignoreCase': 'true',
    'core.fileMode': 'false',
    'core.worktree': traps,
    'diff.noprefix': 'true',
    'diff.renames': 'copies',
    'diff.ignoreSubmodules': 'all',
    'diff.algorithm': 'patience',
    'include.path': join(traps, 'included'),
    'remote.origin.url': 'ext::sh -c true',
    'gc.auto': '1',
  };
  for (const hook of HOOKS) trap(traps, hook);
  writeFileSync(join(traps, 'included'), `[diff]\n\texternal = ${trap(traps, 'included-external')}\n`);
  writeFileSync(join(traps, 'attributes'), '* binary\n');
  writeFileSync(join(traps, 'excludes'), '*\n');
  const attributes =
    '* binary\n*.js -diff filter=evil diff=evil text eol=crlf ident export-subst\n*.js working-tree-encoding=UTF-16\n';
  repository.write('.git/info/attributes', attributes);
  repository.write('.git/info/exclude', 'untracked.js\n');
  repository.write('.gitattributes', attributes);
  for (const [key, value] of Object.entries(settings)) repository.git('config', key, value);
  return { repository, marks: () => readdirSync(join(traps, 'marks')) };
}

/** Everything that a session can do. */
async function doEverything(root: string, base: string, head: string): Promise<string[]> {
  return withSession(root, async (session) => {
    const [from, to] = [await session.resolveCommit(base), await session.resolveCommit(head)];
    const change = await session.measure(from, to.tree, to.id);
    const patch = await patchOf(session, change);
    expect(await session.sealPatch(base, patch)).toBe(to.tree);
    await contentsOf(session, change);
    await session.readFile(head, 'a.js');
    await session.listFiles(head, '');
    await session.repositoryId();
    await session.protectedTip();
    await session.isAncestor(base, head);
    await session.checkOut(head, scratchFolder());
    await session.measure(from, await session.sealWorkTree(), null);
    return summary(change);
  });
}

const CANDIDATE = ['M +3 -2 a.js', 'A +30 -0 c.js'];

describe('a hostile repository', () => {
  const saved = { ...process.env };
  afterEach(() => {
    for (const name of Object.keys(process.env)) if (!(name in saved)) delete process.env[name];
    Object.assign(process.env, saved);
  });

  it('runs no program of its own and bends no count', async () => {
    const { repository, marks } = hostileRepository();
    expect(await doEverything(repository.root, 'HEAD~1', 'HEAD')).toEqual(CANDIDATE);
    expect(marks()).toEqual([]);
    // The traps do work: plain git walks into them.
    execFileSync('git', ['diff', 'HEAD~1', 'HEAD'], { cwd: repository.root, stdio: 'ignore' });
    expect(marks()).not.toEqual([]);
  });

  it('seals its work tree byte for byte, whatever attributes and excludes say', async () => {
    const { repository, marks } = hostileRepository();
    const change = await measureWorkTree(repository.root);
    expect(summary(change)).toEqual(['A +3 -0 .gitattributes', 'A +1 -0 untracked.js']);
    expect(marks()).toEqual([]);
  });

  it('is not helped by variables of the environment', async () => {
    const { repository, marks } = hostileRepository();
    const other = scratchRepository({ z: 'z\n' });
    const traps = scratchFolder();
    mkdirSync(join(traps, 'marks'));
    Object.assign(process.env, {
      GIT_DIR: join(other.root, '.git'),
      GIT_WORK_TREE: other.root,
      GIT_INDEX_FILE: '/dev/null',
      GIT_OBJECT_DIRECTORY: join(other.root, '.git/objects'),
      GIT_COMMON_DIR: join(other.root, '.git'),
      GIT_NAMESPACE: 'evil',
      GIT_EXTERNAL_DIFF: trap(traps, 'env-external'),
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'core.fsmonitor',
      GIT_CONFIG_VALUE_0: trap(traps, 'env-fsmonitor'),
      GIT_CONFIG_PARAMETERS: "'diff.external'='false'",
      GIT_EXEC_PATH: traps,
      GIT_TRACE: join(traps, 'trace'),
      GIT_ATTR_SOURCE: 'HEAD',
      GIT_LITERAL_PATHSPECS: '0',
      GIT_DIFF_OPTS: '--unified=0',
    });
    const summarised = await doEverything(repository.root, 'HEAD~1', 'HEAD');
    expect(summarised).toEqual(CANDIDATE);
    expect([...marks(), ...readdirSync(join(traps, 'marks')), existsSync(join(traps, 'trace'))]).toEqual([false]);
  });

  it('cannot put other content in place by replace refs or grafts', async () => {
    const repository = scratchRepository({ a: 'a\n' });
    repository.write('a', lines(500));
    repository.commit();
    const small = repository.git('rev-parse', 'HEAD~1:a');
    repository.git('replace', repository.git('rev-parse', 'HEAD:a'), small);
    repository.write('.git/info/grafts', `${repository.git('rev-parse', 'HEAD')}\n`);
    expect(summary(await measureRange(repository.root, 'HEAD~1', 'HEAD'))).toEqual(['M +500 -1 a']);
  });

  it('cannot bring its own git', async () => {
    const repository = scratchRepository({ a: 'a\n' });
    const traps = scratchFolder();
    mkdirSync(join(traps, 'marks'));
    for (const folder of ['node_modules/.bin', 'bin']) {
      repository.write(`${folder}/git`, `#!/bin/sh\n: > ${traps}/marks/git\n`, 0o755);
    }
    const outside = join(scratchFolder(), 'link');
    mkdirSync(outside);
    symlinkSync(join(repository.root, 'bin/git'), join(outside, 'git'));
    const path = [join(repository.root, 'node_modules/.bin'), 'bin', '.', outside, process.env['PATH']].join(':');
    const session = await createGit({ searchPath: path }).open(repository.root);
    await session.close();
    expect(session.version).toMatch(/^2\./);
    expect(readdirSync(join(traps, 'marks'))).toEqual([]);
  });

  it('names a tree path out of its folder in vain', async () => {
    const repository = scratchRepository({ a: 'a\n' });
    const blob = repository.git('rev-parse', 'HEAD:a');
    const folder = scratchFolder();
    for (const name of ['..', '.git', '.GIT', 'git~1']) {
      const inner = execFileSync('git', ['mktree'], { cwd: repository.root, input: `100644 blob ${blob}\tevil\n` });
      const tree = execFileSync('git', ['mktree'], {
        cwd: repository.root,
        input: `040000 tree ${inner.toString().trim()}\t${name}\n`,
      });
      await withSession(repository.root, async (session) => {
        await expect(session.checkOut(tree.toString().trim(), folder)).rejects.toMatchObject({ code: 'GIT_FAILED' });
      });
      expect(readdirSync(folder)).toEqual([]);
    }
  });

  it('writes nothing through a symlink of a tree that holds a name twice', async () => {
    const repository = scratchRepository({ a: 'a\n' });
    const victim = scratchFolder();
    const hash = (content: string): string =>
      execFileSync('git', ['hash-object', '-w', '--stdin'], { cwd: repository.root, input: content }).toString().trim();
    const inner = execFileSync('git', ['mktree'], { cwd: repository.root, input: `100644 blob ${hash('x')}\tevil\n` });
    const entries = [
      ['120000', 'x', hash(victim)],
      ['40000', 'x', inner.toString().trim()],
    ].map(([mode, name, id]) => Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(id ?? '', 'hex')]));
    const tree = execFileSync('git', ['hash-object', '-w', '-t', 'tree', '--literally', '--stdin'], {
      cwd: repository.root,
      input: Buffer.concat(entries),
    });
    await withSession(repository.root, async (session) => {
      await expect(session.checkOut(tree.toString().trim(), scratchFolder())).rejects.toMatchObject({
        code: 'GIT_FAILED',
      });
    });
    expect(readdirSync(victim)).toEqual([]);
  });

  it.skipIf(process.getuid?.() !== 0)(
    'opens a repository of another owner, for nothing of it is obeyed (skipped: not root)',
    async () => {
      const repository = scratchRepository({ a: 'a\n' });
      chownSync(repository.root, 12_345, 12_345);
      chownSync(join(repository.root, '.git'), 12_345, 12_345);
      expect(() => repository.git('status')).toThrow(/dubious ownership/);
      expect((await measureRange(repository.root, 'HEAD', 'HEAD')).files).toEqual([]);
    },
  );
});
