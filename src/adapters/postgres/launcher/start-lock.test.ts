import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readProcess } from '../../sandbox/process-table.js';
import { isAlive, markSelf } from './process-mark.js';
import { withStartLock } from './start-lock.js';

describe('the start lock', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'arbiter-lock-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('lets one in at a time, and all in the end', async () => {
    let inside = 0;
    let most = 0;
    let done = 0;
    await Promise.all(
      Array.from({ length: 25 }, () =>
        withStartLock(folder, async () => {
          inside += 1;
          most = Math.max(most, inside);
          await sleep(2);
          inside -= 1;
          done += 1;
        }),
      ),
    );
    expect({ most, done }).toEqual({ most: 1, done: 25 });
    expect(await readdir(folder)).toHaveLength(1);
  });

  it('is free again when its work throws', async () => {
    await expect(withStartLock(folder, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await withStartLock(folder, () => Promise.resolve('in'))).toBe('in');
  });

  const ticket = (mark: object): Promise<void> =>
    writeFile(join(folder, 'start.7.lock'), JSON.stringify({ ...markSelf(), released: false, ...mark }));

  it('does not wait for a dead holder, nor for one whose number another process bears', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    const ticks = readProcess(child.pid ?? 0)?.startTicks ?? 1;
    await once(child, 'exit');
    for (const mark of [{ pid: child.pid, ticks }, { ticks: 1 }, { boot: 'another' }]) {
      await ticket(mark);
      expect(await withStartLock(folder, () => Promise.resolve('in'), { patienceMs: 0 })).toBe('in');
      for (const name of await readdir(folder)) await rm(join(folder, name));
    }
  });

  it('waits for a live one as long as it may, and names it', async () => {
    await ticket({});
    await expect(withStartLock(folder, () => Promise.resolve(), { patienceMs: 50 })).rejects.toThrow(
      `process ${process.pid} has been`,
    );
    await expect(
      withStartLock(folder, () => Promise.resolve(), { signal: AbortSignal.timeout(50) }),
    ).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('waits two minutes for a holder of another container, of whom nothing can be told', async () => {
    await ticket({ space: 'pid:[1]' });
    await expect(withStartLock(folder, () => Promise.resolve(), { patienceMs: 50 })).rejects.toMatchObject({
      code: 'DATABASE_FAILED',
    });
    const old = Date.now() / 1000 - 130;
    await utimes(join(folder, 'start.7.lock'), old, old);
    expect(await withStartLock(folder, () => Promise.resolve('in'))).toBe('in');
  });

  it('takes a torn ticket for a free one', async () => {
    await writeFile(join(folder, 'start.3.lock'), '{"pid":');
    expect(await withStartLock(folder, () => Promise.resolve('in'))).toBe('in');
  });

  it('tells this process from every other', () => {
    expect(isAlive(markSelf())).toBe(true);
    expect(isAlive({ ...markSelf(), ticks: 5 })).toBe(false);
  });
});
