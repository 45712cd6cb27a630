import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { LogLine } from '../../ports/task-store.js';
import { createLogBuffer, type PendingLine } from './log-buffer.js';

const line = (text: string, kind: LogLine['kind'] = 'message', taskId = 't'): PendingLine => ({
  taskId,
  atMs: 1,
  kind,
  text,
});

describe('the log buffer', () => {
  it('writes by itself, in order and in batches', async () => {
    const batches: string[][] = [];
    const buffer = createLogBuffer({
      write: async (lines) => void batches.push(lines.map(({ text }) => text)),
      isPassing: () => true,
      everyMs: 10,
    });
    for (let count = 0; count < 2500; count += 1) buffer.add(line(String(count)));
    await sleep(60);
    expect(batches.map((batch) => batch.length)).toEqual([1000, 1000, 500]);
    expect(batches.flat()).toEqual(Array.from({ length: 2500 }, (_, count) => String(count)));
  });

  it('holds a bounded number while nothing can be written, gives up passing lines first, and says how many', async () => {
    const written: PendingLine[] = [];
    let down = true;
    const buffer = createLogBuffer({
      write: async (lines) => {
        if (down) throw new Error('down');
        written.push(...lines);
      },
      isPassing: () => true,
      maxLines: 100,
      everyMs: 5,
    });
    for (let count = 0; count < 1000; count += 1)
      buffer.add(line(String(count), count % 100 === 0 ? 'stage' : 'message'));
    await expect(buffer.flush()).rejects.toThrow('down');
    down = false;
    await buffer.flush();
    const kept = written.filter(({ kind }) => kind !== 'note');
    const [note, ...more] = written.filter(({ kind }) => kind === 'note');
    expect(more).toEqual([]);
    expect(kept.length).toBeLessThanOrEqual(100);
    expect(kept.filter(({ kind }) => kind === 'stage')).toHaveLength(10);
    expect(kept.at(-1)?.text).toBe('999');
    expect(note?.text).toMatch(new RegExp(`^${1000 - kept.length} lines are not kept`));
  });

  it('gives up important lines too rather than grow', async () => {
    const written: PendingLine[] = [];
    const buffer = createLogBuffer({
      write: async (lines) => void written.push(...lines),
      isPassing: () => true,
      maxLines: 50,
      everyMs: 60_000,
    });
    for (let count = 0; count < 200; count += 1) buffer.add(line(String(count), 'stage'));
    await buffer.flush();
    expect(written.length).toBeLessThanOrEqual(51);
    expect(written.filter(({ kind }) => kind === 'stage').length + 150).toBeGreaterThanOrEqual(200 - 5);
    expect(written.at(-1)?.text).toMatch(/lines are not kept/);
  });

  it('drops and counts a batch that will never be taken, and goes on', async () => {
    const written: PendingLine[] = [];
    const buffer = createLogBuffer({
      write: async (lines) => {
        if (lines.some(({ text }) => text === 'bad')) throw new Error('refused');
        written.push(...lines);
      },
      isPassing: () => false,
      everyMs: 60_000,
    });
    buffer.add(line('bad'));
    await expect(buffer.flush()).rejects.toThrow('refused');
    buffer.add(line('good'));
    await buffer.flush();
    expect(written.map(({ text }) => text)).toEqual([
      'good',
      '1 lines are not kept: they came faster than the store took them',
    ]);
  });

  it('writes what came while it was writing', async () => {
    const written: string[] = [];
    const buffer = createLogBuffer({
      write: async (lines) => {
        await sleep(10);
        written.push(...lines.map(({ text }) => text));
      },
      isPassing: () => true,
      everyMs: 60_000,
    });
    buffer.add(line('one'));
    const first = buffer.flush();
    buffer.add(line('two'));
    await Promise.all([first, buffer.flush()]);
    expect(written).toEqual(['one', 'two']);
  });

  it('leaves it once the store is closed', async () => {
    let tries = 0;
    let open = true;
    const buffer = createLogBuffer({
      write: () => {
        tries += 1;
        return Promise.reject(new Error('closed'));
      },
      isPassing: () => true,
      isOpen: () => open,
      everyMs: 5,
    });
    buffer.add(line('a'));
    await sleep(40);
    open = false;
    await sleep(20);
    const before = tries;
    buffer.add(line('b'));
    await sleep(40);
    expect(before).toBeGreaterThan(1);
    expect(tries).toBe(before);
  });
});
