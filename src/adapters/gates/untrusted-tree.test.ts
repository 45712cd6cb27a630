import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFolderInside, readInside, removeInside, writeInside } from './untrusted-tree.js';

let top = '';
let root = '';
let outside = '';
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'arbiter-tree-'));
  root = join(top, 'root');
  outside = join(top, 'outside');
  mkdirSync(root);
  mkdirSync(outside);
  writeFileSync(join(outside, 'file'), 'outside');
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

describe('an untrusted tree', () => {
  it('is never written through a link, in the middle or at the end', async () => {
    symlinkSync(outside, join(root, 'folder'));
    symlinkSync(join(outside, 'file'), join(root, 'link'));
    await writeInside(root, 'folder/file', 'inside');
    await writeInside(root, 'link', 'inside');
    expect(readFileSync(join(outside, 'file'), 'utf8')).toBe('outside');
    expect(readFileSync(join(root, 'folder/file'), 'utf8')).toBe('inside');
    expect(readFileSync(join(root, 'link'), 'utf8')).toBe('inside');
  });

  it('is never cleared through a link', async () => {
    symlinkSync(outside, join(root, 'folder'));
    await removeInside(root, 'folder/file');
    await makeFolderInside(root, 'folder');
    expect(existsSync(join(outside, 'file'))).toBe(true);
    expect(existsSync(join(root, 'folder/file'))).toBe(false);
  });

  it.each(['../outside/file', '/etc/passwd', '', 'a/../../x'])('refuses the path "%s"', async (path) => {
    await expect(writeInside(root, path, 'x')).rejects.toMatchObject({ code: 'CHECKOUT_FAILED' });
    await expect(readInside(root, path, 10)).rejects.toMatchObject({ code: 'CHECKOUT_FAILED' });
  });

  it('is read only where a regular file of a bearable size stands, and never waits', async () => {
    symlinkSync(join(outside, 'file'), join(root, 'link'));
    symlinkSync(outside, join(root, 'folder'));
    execFileSync('mkfifo', [join(root, 'pipe')]);
    writeFileSync(join(root, 'good'), 'good');
    const problems = await Promise.all(
      ['link', 'folder/file', 'pipe', 'none', '.'].slice(0, 4).map((path) => readInside(root, path, 10)),
    );
    expect(problems.map(({ problem }) => problem)).toEqual([
      'link is a symbolic link',
      'folder/file was not written (no folder folder)',
      'pipe is not a regular file',
      'none was not written',
    ]);
    expect(Buffer.from((await readInside(root, 'good', 4)).bytes ?? []).toString()).toBe('good');
    expect((await readInside(root, 'good', 3)).problem).toContain('4 bytes, more than 3');
  });
});
