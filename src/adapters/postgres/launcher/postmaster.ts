import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { databaseFault } from './database-fault.js';
import { isNumberAlive } from './process-mark.js';

/** The process number in the data folder's `postmaster.pid`; null when there is no such file. */
export async function readPostmaster(data: string): Promise<number | null> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(text.split('\n')[0]);
  return Number.isSafeInteger(pid) && pid > 1 ? pid : null;
}

/** The live server of the data folder by its process; null when there is none, also when the number is another's now. */
export async function findPostmaster(data: string): Promise<number | null> {
  const pid = await readPostmaster(data);
  if (pid === null || !isNumberAlive(pid)) return null;
  return (await commandLine(pid)).includes(`-D ${data} `) ? pid : null;
}

/**
 * Ends the server: sessions are cut and everything is written (fast shutdown); one that does not end in 15 s is ended
 * at once and recovers at its next start. @throws DATABASE_FAILED when even that does not end it
 */
export async function stopPostmaster(pid: number): Promise<void> {
  for (const [signal, waitMs] of [
    ['SIGINT', 15_000],
    ['SIGQUIT', 5000],
    ['SIGKILL', 2000],
  ] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      return; // It has ended, which is what was asked for.
    }
    if (await waitForEnd(pid, waitMs)) return;
  }
  throw databaseFault('DATABASE_FAILED', `the database server (process ${pid}) does not end`, `end it: kill -9 ${pid}`);
}

async function waitForEnd(pid: number, waitMs: number): Promise<boolean> {
  const until = Date.now() + waitMs;
  while (Date.now() < until) {
    if (!isNumberAlive(pid)) return true;
    await sleep(10);
  }
  return !isNumberAlive(pid);
}

async function commandLine(pid: number): Promise<string> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
  } catch {
    return new Promise((resolve) => {
      execFile('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { timeout: 5000 }, (error, stdout) => {
        resolve(error === null ? stdout : '');
      });
    });
  }
}
