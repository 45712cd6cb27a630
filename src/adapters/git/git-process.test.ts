import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { GitProcess } from './git-process.js';

it('keeps what a process said that ended before anybody read it', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdout.write("all of it")'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const git = new GitProcess(child, 'cat-file', { timeoutMs: 10_000, signal: undefined });
  await once(child, 'exit');
  await sleep(50);
  expect((await git.nextChunk())?.toString()).toBe('all of it');
  expect(await git.nextChunk()).toBeNull();
  expect(await git.finish()).toBe(0);
});
