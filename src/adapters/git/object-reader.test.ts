import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ObjectReader } from './object-reader.js';
import type { GitCommand } from './spawn-git.js';

const folder = mkdtempSync(join(tmpdir(), 'arbiter-objects-'));
const ids: string[] = [];
let damaged = '';
const command = (signal?: AbortSignal): GitCommand => ({
  binary: execFileSync('which', ['git'], { encoding: 'utf8' }).trim(),
  cwd: join(folder, '.git'),
  env: { PATH: process.env['PATH'] ?? '', GIT_DIR: join(folder, '.git') },
  timeoutMs: 10_000,
  signal,
  running: new Set(),
});

beforeAll(() => {
  const git = (input: string | undefined, ...argv: string[]): string =>
    execFileSync('git', argv, { cwd: folder, encoding: 'utf8', ...(input === undefined ? {} : { input }) }).trim();
  git(undefined, 'init', '-q');
  for (let number = 0; number < 150; number += 1) {
    writeFileSync(join(folder, `${number}`), `content ${number}\n`);
  }
  const paths = Array.from({ length: 150 }, (_, number) => `${number}\n`).join('');
  ids.push(...git(paths, 'hash-object', '-w', '--stdin-paths').split('\n'));
  damaged = '1'.repeat(40);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('objects that are asked for at once', () => {
  it('are each answered to who asked, whole lists and single ones in any company', async () => {
    const objects = new ObjectReader(command());
    const read = ids.map(async (id) => (await objects.read(id))?.bytes.toString('utf8'));
    const capped = ids.map(async (id) => (await objects.readCapped(id, 1 << 10))?.toString('utf8'));
    const listed = Array.from({ length: ids.length }, () => '');
    const list = objects.pieces(ids, (index, piece) => void (listed[index] += piece.toString('utf8')));
    const expected = ids.map((_, number) => `content ${number}\n`);
    expect(await Promise.all(read)).toEqual(expected);
    expect(await Promise.all(capped)).toEqual(expected);
    await list;
    expect(listed).toEqual(expected);
    expect(await objects.read('nothing-here')).toBeNull();
    await objects.close();
  });

  it('fail alone: what was asked together with one that is missing is still answered', async () => {
    const objects = new ObjectReader(command());
    const said = await Promise.allSettled(
      ids.slice(0, 40).map((id, number) => objects.readCapped(number % 10 === 3 ? damaged : id, 1 << 10)),
    );
    for (const [number, answer] of said.entries()) {
      if (number % 10 === 3) expect(answer).toMatchObject({ status: 'rejected', reason: { code: 'GIT_FAILED' } });
      else expect(answer).toMatchObject({ status: 'fulfilled', value: Buffer.from(`content ${number}\n`) });
    }
    await objects.close();
  });

  it('are all refused when the run was stopped', async () => {
    const stop = new AbortController();
    const objects = new ObjectReader(command(stop.signal));
    await objects.read(ids[0] ?? '');
    stop.abort(new Error('enough'));
    const said = await Promise.allSettled(ids.slice(1, 9).map((id) => objects.read(id)));
    for (const answer of said) expect(answer).toMatchObject({ status: 'rejected', reason: { code: 'GIT_FAILED' } });
    await objects.close();
  });
});
