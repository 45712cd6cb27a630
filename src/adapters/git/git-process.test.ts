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

it('leaves no listener behind however often the pipe was full', async () => {
  const child = spawn('sh', ['-c', 'cat > /dev/null'], { stdio: ['pipe', 'pipe', 'pipe'] });
  const git = new GitProcess(child, 'cat-file', { timeoutMs: 10_000, signal: undefined });
  const before = child.stdin.listenerCount('close');
  for (let chunk = 0; chunk < 40; chunk++) await git.sendAll(new Uint8Array(256 * 1024));
  expect(child.stdin.listenerCount('close')).toBe(before);
  git.endInput();
  expect(await git.finish()).toBe(0);
});
