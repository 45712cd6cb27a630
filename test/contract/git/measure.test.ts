import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { changeSchema } from '../../../src/core/caws/change.js';
import { lines, measureRange, scratchRepository, summary } from './scratch-repository.js';

describe('measuring a committed range', () => {
  it('known hole: a 20,000-line deletion counts 20,000', async () => {
    const repository = scratchRepository({ 'big.txt': lines(20_000), 'other.txt': 'x\n' });
    repository.remove('big.txt');
    repository.commit();
    const { files, totals } = await measureRange(repository.root, 'HEAD~1', 'HEAD');
    expect(totals).toEqual({ files: 1, added: 0, removed: 20_000, loc: 20_000 });
    expect(files[0]).toMatchObject({ status: 'D', oldPath: 'big.txt', newPath: null, newMode: null, newBlob: null });
  });

  it('known hole: renaming a file reports both sides', async () => {
    const repository = scratchRepository({ 'src/a.ts': lines(50) });
    repository.git('mv', 'src/a.ts', 'outside.ts');
    repository.commit();
    const { files, totals } = await measureRange(repository.root, 'HEAD~1', 'HEAD');
    expect(files).toHaveLength(1);
    expect(files[0]).toMatchObject({ status: 'R', oldPath: 'src/a.ts', newPath: 'outside.ts', added: 0, removed: 0 });
    expect(totals).toEqual({ files: 1, added: 0, removed: 0, loc: 0 });
  });

  it('counts a rename with any edit as a deletion and an addition', async () => {
    const repository = scratchRepository({ 'a.ts': lines(50) });
    repository.remove('a.ts');
    repository.write('b.ts', `${lines(50)}one more\n`);
    repository.commit();
    expect(summary(await measureRange(repository.root, 'HEAD~1', 'HEAD'))).toEqual(['D +0 -50 a.ts', 'A +51 -0 b.ts']);
  });

  it('counts twenty copies of a 5,000-line file as 100,000 lines', async () => {
    const repository = scratchRepository({ 'original.txt': lines(5_000) });
    for (let copy = 1; copy <= 20; copy += 1) repository.write(`copy-${copy}.txt`, lines(5_000));
    repository.commit();
    expect((await measureRange(repository.root, 'HEAD~1', 'HEAD')).totals).toEqual({
      files: 20,
      added: 100_000,
      removed: 0,
      loc: 100_000,
    });
  });

  it('pairs one of several copies with the deleted original, the first by path', async () => {
    const repository = scratchRepository({ 'm.txt': lines(10) });
    repository.remove('m.txt');
    for (const path of ['z.txt', 'b.txt', 'n.txt']) repository.write(path, lines(10));
    repository.commit();
    expect(summary(await measureRange(repository.root, 'HEAD~1', 'HEAD'))).toEqual([
      'R +0 -0 m.txt -> b.txt',
      'A +10 -0 n.txt',
      'A +10 -0 z.txt',
    ]);
  });

  it('never pairs a symlink with a file that holds its target as text', async () => {
    const repository = scratchRepository({ a: 'target' });
    repository.remove('a');
    repository.link('b', 'target');
    repository.commit();
    expect(summary(await measureRange(repository.root, 'HEAD~1', 'HEAD'))).toEqual(['D +0 -1 a', 'A +1 -0 b']);
  });

  it('tells modes, symlinks, changed types and binaries as facts', async () => {
    const repository = scratchRepository({ mode: 'x\n', type: 'a\nb\n', 'bin.dat': 'a\0b', 'gone.bin': 'q\0' });
    repository.write('mode', 'x\n', 0o755);
    repository.remove('type');
    repository.link('type', 'mode');
    repository.write('bin.dat', 'a\0c');
    repository.remove('gone.bin');
    repository.commit();
    const change = await measureRange(repository.root, 'HEAD~1', 'HEAD');
    expect(summary(change)).toEqual(['M binary bin.dat', 'D binary gone.bin', 'M +0 -0 mode', 'T +1 -2 type']);
    expect(change.files[2]).toMatchObject({ oldMode: '100644', newMode: '100755' });
    expect(change.files[3]).toMatchObject({ oldMode: '100644', newMode: '120000' });
    expect(changeSchema.parse(change)).toEqual(change);
  });

  it('tells submodules by their mode and commit', async () => {
    const inner = scratchRepository({ f: 'x\n' });
    const repository = scratchRepository({ a: 'a\n' });
    repository.git('-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', inner.root, 'sub');
    repository.commit();
    const change = await measureRange(repository.root, 'HEAD~1', 'HEAD');
    expect(change.files[1]).toMatchObject({
      status: 'A',
      newPath: 'sub',
      newMode: '160000',
      newBlob: inner.git('rev-parse', 'HEAD'),
      added: 1,
    });
  });

  it('keeps tabs, quotes, newlines and bytes that are not UTF-8 in paths', async () => {
    const repository = scratchRepository({ a: 'a\n' });
    const paths = ['tab\there', 'quote"d', 'new\nline', "sin'gle", ' space ', '-dash', 'ünï', ':colon', '*star'];
    for (const path of paths) repository.write(path, 'x\n');
    repository.write(Buffer.from([0x62, 0xff, 0xc3, 0x28]), 'x\n');
    repository.commit();
    const { files } = await measureRange(repository.root, 'HEAD~1', 'HEAD');
    expect(new Set(files.map(({ newPath }) => newPath))).toEqual(new Set([...paths, 'b\udcff\udcc3(']));
    expect(files.map(({ added }) => added)).toEqual(files.map(() => 1));
  });

  it('counts files without a last line end, and empty files', async () => {
    const repository = scratchRepository({ a: 'one\ntwo', b: 'x', empty: '' });
    repository.write('a', 'one\ntwo\n');
    repository.write('b', '');
    repository.write('c', 'no end');
    repository.write('d', '');
    repository.remove('empty');
    repository.commit();
    expect(summary(await measureRange(repository.root, 'HEAD~1', 'HEAD'))).toEqual([
      'M +1 -1 a',
      'M +0 -1 b',
      'A +1 -0 c',
      'R +0 -0 empty -> d',
    ]);
  });

  it('adds the surplus of lines over 400 characters, in characters and not bytes', async () => {
    const repository = scratchRepository({ 'old.js': `${'x'.repeat(1_000)}\n` });
    repository.remove('old.js');
    repository.write('exact.js', `${'a'.repeat(400)}\r\n`);
    repository.write('long.js', `${'b'.repeat(401)}\nshort\n${'c'.repeat(250_000)}`);
    repository.write('wide.js', `${'漢'.repeat(400)}\n${'漢'.repeat(450)}\n`);
    repository.commit();
    const { files, totals } = await measureRange(repository.root, 'HEAD~1', 'HEAD');
    expect(files.map((file) => [file.newPath ?? file.oldPath, file.longLineSurplus])).toEqual([
      ['exact.js', 0],
      ['long.js', 4 + 2_499],
      ['old.js', 9],
      ['wide.js', 4],
    ]);
    expect(totals.loc).toBe(totals.added + totals.removed + 2_503 + 9 + 4);
  });

  it('is not led astray by file content that looks like a patch', async () => {
    const trick = 'diff --git a/x b/x\n@@ -1,9 +1,9 @@\n+fake\n-fake\n\\ No newline at end of file\n';
    const repository = scratchRepository({ a: 'x\n' });
    repository.write('a', trick);
    repository.write('b', `${'z'.repeat(500)}\n`);
    repository.commit();
    const { files } = await measureRange(repository.root, 'HEAD~1', 'HEAD');
    expect(files.map(({ added, longLineSurplus }) => [added, longLineSurplus])).toEqual([
      [5, 0],
      [1, 4],
    ]);
  });

  it('measures an octopus merge against each parent', async () => {
    const repository = scratchRepository({ base: 'b\n' });
    for (const side of ['one', 'two', 'three']) {
      repository.git('checkout', '-q', '-b', side, 'main');
      repository.write(side, `${side}\n`);
      repository.commit(side);
    }
    repository.git('checkout', '-q', 'main');
    repository.git('merge', '-q', '-m', 'octopus', 'one', 'two', 'three');
    expect(repository.git('rev-list', '--parents', '-1', 'HEAD').split(' ')).toHaveLength(4);
    expect(summary(await measureRange(repository.root, 'HEAD^1', 'HEAD'))).toEqual(['A +1 -0 three', 'A +1 -0 two']);
    expect(summary(await measureRange(repository.root, 'main^3', 'main'))).toEqual(['A +1 -0 one', 'A +1 -0 two']);
  });

  it('measures nothing as nothing', async () => {
    const repository = scratchRepository({ a: 'a\n' });
    const change = await measureRange(repository.root, 'HEAD', 'HEAD');
    expect(change.files).toEqual([]);
    expect(change.contentSha256).toBe(createHash('sha256').digest('hex'));
  });

  it('gives the content digest that its definition gives', async () => {
    const repository = scratchRepository({ gone: 'g\n', keep: 'k\n', moved: 'm\n' });
    repository.remove('gone');
    repository.git('mv', 'moved', 'to');
    repository.write('keep', 'k2\n', 0o755);
    repository.commit();
    const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
    const none = '0'.repeat(64);
    const expected = [
      `000000 ${none}\tgone\0`,
      `100755 ${sha256('k2\n')}\tkeep\0`,
      `000000 ${none}\tmoved\0`,
      `100644 ${sha256('m\n')}\tto\0`,
    ].join('');
    expect((await measureRange(repository.root, 'HEAD~1', 'HEAD')).contentSha256).toBe(sha256(expected));
  });

  it('believes no object that does not hold what its id says', async () => {
    const repository = scratchRepository({ a: 'a\n' });
    repository.write('b', 'honest\n');
    repository.commit();
    const blob = repository.git('rev-parse', 'HEAD:b');
    const file = `.git/objects/${blob.slice(0, 2)}/${blob.slice(2)}`;
    repository.remove(file);
    repository.write(file, deflateSync('blob 4\0lie\n'));
    expect(repository.git('cat-file', 'blob', blob)).toBe('lie');
    await expect(measureRange(repository.root, 'HEAD~1', 'HEAD')).rejects.toMatchObject({ code: 'GIT_FAILED' });
  });
});
