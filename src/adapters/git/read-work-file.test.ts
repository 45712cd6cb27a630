import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { isFault } from '../../core/fault.js';
import { blobId, readBigFile, readWorkFile } from './read-work-file.js';

const folder = mkdtempSync(join(tmpdir(), 'read-work-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

const at = (name: string): Buffer => Buffer.from(join(folder, name));

/** True as soon as one reading is refused because the file changed; gives up after ten seconds. */
async function isRefused(read: () => unknown): Promise<boolean> {
  for (const endMs = performance.now() + 10_000; performance.now() < endMs; await wait(1)) {
    try {
      await read();
    } catch (error) {
      if (isFault(error, 'GIT_FAILED') && error.message.includes('changed')) return true;
      throw error;
    }
  }
  return false;
}

it('refuses a file that is written to while it is read, small or big', async () => {
  writeFileSync(at('busy'), Buffer.alloc(3 << 20));
  writeFileSync(at('busy-big'), Buffer.alloc(16 << 20));
  const names = [join(folder, 'busy'), join(folder, 'busy-big')].map((name) => JSON.stringify(name));
  // One file grows; the other is written over in place and keeps its size.
  const open = `const fs=require('fs');const a=fs.openSync(${names[0]},'a');const b=fs.openSync(${names[1]},'r+')`;
  const append = `${open};for(;;){fs.writeSync(a,'x');fs.writeSync(b,'x',0)}`;
  const writer = spawn(process.execPath, ['-e', append]);
  try {
    expect(await isRefused(() => readWorkFile(at('busy')))).toBe(true);
    const readBig = (): Promise<string> => readBigFile(at('busy-big'), 16 << 20, 'sha1', async () => undefined);
    expect(await isRefused(readBig)).toBe(true);
  } finally {
    writer.kill('SIGKILL');
  }
});

it('gives a big file the id that git gives its blob', async () => {
  const bytes = Buffer.alloc(5 << 20, 'abc');
  writeFileSync(at('big'), bytes);
  expect(readWorkFile(at('big'))).toEqual({ kind: 'big', mode: '100644', size: bytes.length });
  const whole = createHash('sha256');
  const id = await readBigFile(at('big'), bytes.length, 'sha1', async (piece) => {
    whole.update(piece);
  });
  expect(id).toBe(blobId('sha1', bytes));
  expect(whole.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
  expect(blobId('sha1', Buffer.alloc(0))).toBe('e69de29bb2d1d6434b8b29ae775ad8c2e48c5391');
});

it('tells what is not there, and a file that vanishes under a big reading', async () => {
  expect(readWorkFile(at('absent'))).toEqual({ kind: 'absent' });
  expect(readWorkFile(Buffer.from(folder))).toEqual({ kind: 'folder' });
  await expect(readBigFile(at('absent'), 1, 'sha1', async () => undefined)).rejects.toMatchObject({
    code: 'GIT_FAILED',
  });
});
