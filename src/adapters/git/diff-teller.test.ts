import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DiffTeller } from './diff-teller.js';
import type { GitCommand } from './spawn-git.js';

const options = ['-r', '-p', '--no-color'];
let git: GitCommand;
let trees: string[] = [];

beforeAll(() => {
  const cwd = mkdtempSync(join(tmpdir(), 'diff-teller-'));
  const run = (...args: string[]): string => execFileSync('git', args, { cwd, encoding: 'utf8' }).trim();
  run('init', '-q');
  const treeOf = (text: string): string => {
    writeFileSync(join(cwd, 'a.txt'), text);
    run('add', '.');
    return run('write-tree');
  };
  trees = [treeOf('one\n'), treeOf('two\n'), treeOf(`${'long\n'.repeat(60_000)}end-\n`)];
  const env = { PATH: '/usr/bin:/bin', GIT_DIR: join(cwd, '.git') };
  git = { binary: '/usr/bin/git', cwd, env, timeoutMs: 10_000, signal: undefined, running: new Set() };
});

afterAll(() => {
  for (const child of git.running) child.kill('SIGKILL');
  rmSync(git.cwd, { recursive: true, force: true });
});

async function tell(teller: DiffTeller, from: number, to: number): Promise<string> {
  const answer = teller.ask(options, trees[from] ?? '', trees[to] ?? '');
  const pieces: Buffer[] = [];
  try {
    for (let piece = await answer.nextChunk(); piece !== null; piece = await answer.nextChunk()) pieces.push(piece);
    await answer.finish();
  } finally {
    await answer.close();
  }
  return Buffer.concat(pieces).toString('utf8');
}

it('answers question after question by one process, each as git alone would', async () => {
  const teller = new DiffTeller(git);
  for (const [from, to] of [
    [0, 1],
    [1, 1],
    [0, 2],
    [2, 0],
  ] as const) {
    const alone = execFileSync('git', ['diff-tree', ...options, trees[from] ?? '', trees[to] ?? ''], { cwd: git.cwd });
    expect(await tell(teller, from, to)).toBe(alone.toString('utf8'));
  }
  expect(git.running.size).toBe(1);
});

it('gives a second question its own process while the first is still being read', async () => {
  const teller = new DiffTeller(git);
  const slow = teller.ask(options, trees[0] ?? '', trees[2] ?? '');
  expect((await slow.nextChunk())?.length).toBeGreaterThan(0);
  expect(await tell(teller, 0, 1)).toContain('+two');
  await slow.finish();
  await slow.close();
});

it('ends a process that is left in the middle, and asks a fresh one', async () => {
  const teller = new DiffTeller(git);
  const before = git.running.size;
  const left = teller.ask(options, trees[0] ?? '', trees[2] ?? '');
  await left.nextChunk();
  await left.close();
  expect(git.running.size).toBe(before);
  expect(await tell(teller, 0, 1)).toContain('+two');
});

it('says what git could not read', async () => {
  const teller = new DiffTeller(git);
  const answer = teller.ask(options, trees[0] ?? '', 'f'.repeat(40));
  await expect(answer.nextChunk()).rejects.toMatchObject({ code: 'GIT_FAILED' });
  await answer.close();
  expect(await tell(teller, 0, 1)).toContain('+two');
});

it('is a fault when git ends in the middle', async () => {
  const teller = new DiffTeller(git);
  const known = new Set(git.running);
  const answer = teller.ask(options, trees[0] ?? '', trees[2] ?? '');
  for (const child of git.running) if (!known.has(child)) child.kill('SIGKILL');
  await expect(answer.finish()).rejects.toMatchObject({ code: 'GIT_FAILED' });
  await answer.close();
});
