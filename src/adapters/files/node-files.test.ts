import { mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeFiles } from './node-files.js';

const folder = mkdtempSync(join(tmpdir(), 'arbiter-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('nodeFiles', () => {
  it('never overwrites with writeNewFile, and leaves nothing beside', async () => {
    await nodeFiles.writeNewFile(at('new/a.txt'), bytes('one'));
    await expect(nodeFiles.writeNewFile(at('new/a.txt'), bytes('two'))).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    expect(readFileSync(at('new/a.txt'), 'utf8')).toBe('one');
    expect(readdirSync(at('new'))).toEqual(['a.txt']);
  });

  it('replaces in one step', async () => {
    await nodeFiles.replaceFile(at('b.txt'), bytes('one'));
    await nodeFiles.replaceFile(at('b.txt'), bytes('two'));
    expect(readFileSync(at('b.txt'), 'utf8')).toBe('two');
  });

  it('names what it cannot read', async () => {
    writeFileSync(at('big'), 'x'.repeat(100));
    await expect(nodeFiles.readFile(at('none'))).rejects.toMatchObject({ code: 'FILE_MISSING' });
    await expect(nodeFiles.readFile(folder)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
    await expect(nodeFiles.readFile(at('big'), { maxBytes: 10 })).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
    await expect(nodeFiles.writeNewFile(at('big/under'), bytes(''))).rejects.toMatchObject({ code: 'WRITE_FAILED' });
  });

  it('lists in order, and nothing where there is no folder', async () => {
    mkdirSync(at('list'));
    for (const name of ['b', 'a', 'c']) writeFileSync(at(`list/${name}`), '');
    expect(await nodeFiles.list(at('list'))).toEqual(['a', 'b', 'c']);
    expect(await nodeFiles.list(at('none'))).toEqual([]);
    expect([await nodeFiles.exists(at('list')), await nodeFiles.exists(at('none'))]).toEqual([true, false]);
  });

  it('follows links to where a path that does not exist yet would be', async () => {
    mkdirSync(at('real'));
    symlinkSync(at('real'), at('link'));
    expect(await nodeFiles.resolve(at('link'), 'deep/key')).toBe(join(await nodeFiles.resolve(at('real')), 'deep/key'));
  });
});
