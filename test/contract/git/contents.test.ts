import { mkdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isFault } from '../../../src/core/fault.js';
import {
  contentsOf,
  lines,
  patchOf,
  plainGit,
  scratchFolder,
  scratchRepository,
  withSession,
} from './scratch-repository.js';

const text = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString());

describe('reading contents', () => {
  it('gives bytes and changed lines, numbered in their own file', async () => {
    const repository = scratchRepository({ a: 'one\ntwo\nthree\nfour\n', b: 'b\n', moved: 'm\n' });
    repository.write('a', 'one\r\nTWO\nthree\nfive\nfour');
    repository.remove('b');
    repository.git('mv', 'moved', '0-first');
    repository.link('link', 'a');
    repository.commit();
    await withSession(repository.root, async (session) => {
      const [from, to] = [await session.resolveCommit('HEAD~1'), await session.resolveCommit('HEAD')];
      const change = await session.measure(from, to.tree, to.id);
      const contents = await contentsOf(session, change);
      expect(
        contents.map(({ file, oldBytes, newBytes }) => [file.newPath ?? file.oldPath, text(oldBytes), text(newBytes)]),
      ).toEqual([
        ['0-first', 'm\n', 'm\n'],
        ['a', 'one\ntwo\nthree\nfour\n', 'one\r\nTWO\nthree\nfive\nfour'],
        ['b', 'b\n', null],
        ['link', null, 'a'],
      ]);
      expect(contents[1]?.removedLines.map((fact) => [fact.line, fact.text])).toEqual([
        [1, 'one'],
        [2, 'two'],
        [4, 'four'],
      ]);
      expect(contents[1]?.addedLines.map((fact) => [fact.line, fact.text])).toEqual([
        [1, 'one'],
        [2, 'TWO'],
        [4, 'five'],
        [5, 'four'],
      ]);
      expect(contents[0]?.addedLines).toEqual([]);
    });
  });

  it('keeps to its cap: no bytes beyond, and then no lines', async () => {
    const repository = scratchRepository({ grown: 'a\n', small: 's\n' });
    repository.write('grown', `a\n${lines(2_000)}`);
    repository.write('huge', 'h'.repeat(1 << 20));
    repository.write('small', 't\n');
    repository.commit();
    await withSession(repository.root, async (session) => {
      const [from, to] = [await session.resolveCommit('HEAD~1'), await session.resolveCommit('HEAD')];
      const change = await session.measure(from, to.tree, to.id);
      const contents = await contentsOf(session, change, 1_000);
      expect(contents.map(({ newBytes, addedLines }) => [text(newBytes), addedLines.length])).toEqual([
        [null, 0],
        [null, 0],
        ['t\n', 1],
      ]);
    });
  });

  it('leaves no process behind when the reader stops in the middle', async () => {
    const repository = scratchRepository({ a: 'a\n' });
    for (let file = 0; file < 300; file += 1) repository.write(`f${file}`, lines(500));
    repository.commit();
    await withSession(repository.root, async (session) => {
      const [from, to] = [await session.resolveCommit('HEAD~1'), await session.resolveCommit('HEAD')];
      const change = await session.measure(from, to.tree, to.id);
      let read = 0;
      for await (const content of session.readContents(change, { maxBytes: 1 << 20 })) {
        read += content.addedLines.length;
        if (read >= 500) break;
      }
      expect(read).toBe(500);
      expect(await session.readFile('HEAD', 'a')).toEqual(Buffer.from('a\n'));
    });
  });
});

describe('reading files of a commit', () => {
  it('reads regular files by any path, absent ones as null, and nothing else', async () => {
    const repository = scratchRepository({ 'dir/deep/f': 'deep\n', 'new\nline': 'n\n', empty: '' });
    repository.link('link', 'dir/deep/f');
    const head = repository.commit();
    await withSession(repository.root, async (session) => {
      expect(text(await session.readFile(head, 'dir/deep/f'))).toBe('deep\n');
      expect(text(await session.readFile('main', 'new\nline'))).toBe('n\n');
      expect(text(await session.readFile('main', 'empty'))).toBe('');
      for (const path of ['absent', 'dir/absent', 'empty/below', 'link/below', '', '/dir', 'dir/', '../x']) {
        expect([path, await session.readFile('HEAD', path)]).toEqual([path, null]);
      }
      for (const path of ['dir', 'link']) {
        await expect(session.readFile('HEAD', path)).rejects.toMatchObject({
          code: 'GIT_FAILED',
          place: { file: path },
        });
      }
      await expect(session.readFile('nowhere', 'a')).rejects.toMatchObject({ code: 'UNKNOWN_REVISION' });
    });
  });

  it('lists files under a folder, in byte order', async () => {
    const repository = scratchRepository({ 'a/b': '1', 'a/c/d': '2', 'a-b': '3', 'ab/x': '4', '*': '5' });
    await withSession(repository.root, async (session) => {
      const listed = async (prefix: string): Promise<string[]> =>
        (await session.listFiles('HEAD', prefix)).map(({ path }) => path);
      expect(await listed('')).toEqual(['*', 'a-b', 'a/b', 'a/c/d', 'ab/x']);
      expect(await listed('a')).toEqual(['a/b', 'a/c/d']);
      expect(await listed('a/c/')).toEqual(['a/c/d']);
      expect(await listed('*')).toEqual(['*']);
      expect(await listed('none')).toEqual([]);
    });
  });

  it('says how big files are, and leaves out what is not there', async () => {
    const repository = scratchRepository({ empty: '', five: '12345', big: 'x'.repeat(100_000) });
    await withSession(repository.root, async (session) => {
      const files = await session.listFiles('HEAD', '');
      const sizes = await session.blobSizes([...files.map(({ blob }) => blob), '0'.repeat(40)]);
      expect(files.map(({ path, blob }) => [path, sizes.get(blob)])).toEqual([
        ['big', 100_000],
        ['empty', 0],
        ['five', 5],
      ]);
      expect(sizes.size).toBe(3);
      expect(await session.blobSizes([])).toEqual(new Map());
    });
  });
});

describe('checking out and giving the patch', () => {
  it('writes a tree exactly: bytes, executable bits, symlinks, odd names; submodules as empty folders', async () => {
    const repository = scratchRepository({ crlf: 'a\r\n$Id$\n', 'd/e/f': 'f', 'new\nline': 'n' });
    repository.write('.gitattributes', '* text=auto eol=crlf ident\n');
    repository.write('run', '#!/bin/sh\n', 0o755);
    repository.write('bin', Buffer.from([0, 255, 10, 13]));
    repository.write(Buffer.from([0x6e, 0xff]), 'bad name');
    repository.link('link', '/nowhere/at all');
    repository.git('add', '-A');
    const commit = repository.git('rev-parse', 'HEAD');
    repository.git('update-index', '--add', '--cacheinfo', `160000,${commit},sub`);
    const tree = repository.git('write-tree');
    const folder = scratchFolder();
    await withSession(repository.root, (session) => session.checkOut(tree, folder));
    expect(readFileSync(join(folder, 'bin'))).toEqual(Buffer.from([0, 255, 10, 13]));
    expect(readlinkSync(join(folder, 'link'))).toBe('/nowhere/at all');
    expect(statSync(join(folder, 'run')).mode & 0o777).toBe(0o755);
    expect(statSync(join(folder, 'crlf')).mode & 0o777).toBe(0o644);
    expect(statSync(join(folder, 'sub')).isDirectory()).toBe(true);
    plainGit(folder, ['init', '-q']);
    writeFileSync(join(folder, '.git/info/attributes'), '* !text !eol !ident\n');
    plainGit(folder, ['add', '-A']);
    plainGit(folder, ['update-index', '--add', '--cacheinfo', `160000,${commit},sub`]);
    expect(plainGit(folder, ['write-tree']).trim()).toBe(repository.git('write-tree'));
  });

  it('refuses a directory that is not empty', async () => {
    const repository = scratchRepository({ a: 'a' });
    const folder = scratchFolder();
    mkdirSync(join(folder, 'x'));
    await withSession(repository.root, async (session) => {
      await expect(session.checkOut('HEAD', folder)).rejects.toMatchObject({
        code: 'GIT_FAILED',
        place: { file: folder },
      });
      await expect(session.checkOut('HEAD', join(folder, 'none'))).rejects.toMatchObject({ code: 'GIT_FAILED' });
    });
  });

  it('seals the .diff that git itself makes, binaries and modes included', async () => {
    const repository = scratchRepository({ a: lines(30), bin: 'a\0b', gone: 'g\n', old: lines(9) });
    repository.write('a', lines(31), 0o755);
    repository.write('bin', 'c\0d');
    repository.remove('gone');
    repository.git('mv', 'old', 'new');
    repository.link('l', 'a');
    const head = repository.commit();
    const patch = plainGit(repository.root, ['diff', '--binary', '-M', 'HEAD~1', 'HEAD']);
    await withSession(repository.root, async (session) => {
      const { tree } = await session.resolveCommit(head);
      expect(await session.sealPatch('HEAD~1', Buffer.from(patch, 'latin1'))).toBe(tree);
      const change = await session.measure(await session.resolveCommit('HEAD~1'), tree, null);
      expect(await session.sealPatch('HEAD~1', await patchOf(session, change))).toBe(tree);
    });
  });

  it('refuses a patch that does not apply, and names the file', async () => {
    const repository = scratchRepository({ 'src/a.ts': lines(5), dir: 'x' });
    repository.link('link', 'src');
    repository.commit();
    const edit = (path: string, from = 'line 1', to = 'LINE'): string =>
      `--- a/${path}\n+++ b/${path}\n@@ -1,2 +1,2 @@\n-${from}\n+${to}\n line 2\n`;
    const create = (path: string): string => `--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+x\n`;
    await withSession(repository.root, async (session) => {
      const refused = async (patch: string): Promise<string | undefined> => {
        const fault = await session.sealPatch('HEAD', Buffer.from(patch)).catch((error: unknown) => error);
        expect(fault).toMatchObject({ code: 'PATCH_DOES_NOT_APPLY' });
        return isFault(fault) ? fault.place?.file : undefined;
      };
      expect(await refused(edit('src/a.ts', 'other'))).toBe('src/a.ts');
      expect(await refused(edit('src/a.ts', 'line 1 '))).toBe('src/a.ts');
      expect(await refused(edit('absent'))).toBe('absent');
      expect(await refused(create('src/a.ts'))).toBe('src/a.ts');
      expect(await refused(create('../out'))).toBe('../out');
      expect(await refused(create('.git/config'))).toBe('.git/config');
      expect(await refused(create('x/.GIT/hooks/pre-commit'))).toBe('x/.GIT/hooks/pre-commit');
      expect(await refused(create('/etc/absolute'))).toBe('/etc/absolute');
      expect(await refused(create('link/through'))).toBe('link/through');
      expect(await refused(`${edit('src/a.ts')}${edit('absent')}`)).toBe('absent');
      for (const patch of ['', 'not a patch\n', '--- a/x\n+++ b/x\n@@ -1 +1 @@\n']) await refused(patch);
      expect(await refused(create('dir/below'))).toBe('dir/below');
      const whole = await session.sealPatch('HEAD', Buffer.from(edit('src/a.ts', 'line 1', 'tail ')));
      expect(text(await session.readFile(whole, 'src/a.ts'))).toBe('tail \nline 2\nline 3\nline 4\nline 5\n');
    });
  });
});
