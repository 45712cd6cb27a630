import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../../core/fault.js';
import type { Background, RuntimeFaultCode } from '../../ports/runtime.js';

const maxLogBytes = 4 * 1024 * 1024;

/** Workers as detached processes of this program; what they say goes to `worker.log` in the state folder. */
export function createBackground(options: {
  readonly program: string;
  readonly stateHome: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}): Background {
  return {
    async start() {
      const log = openLog(options.stateHome);
      try {
        const child = spawn(process.execPath, [options.program, 'up', '--foreground'], {
          cwd: '/',
          detached: true,
          stdio: ['ignore', log, log],
          env: { ...options.environment },
        });
        const failed = new Promise<never>((_, reject) => child.once('error', reject));
        await Promise.race([new Promise<void>((resolve) => child.once('spawn', () => resolve())), failed]);
        child.unref();
        return child.pid ?? 0;
      } finally {
        closeSync(log);
      }
    },
    async stop(pid, graceMs) {
      if (!isWorker(pid)) return;
      signal(pid, 'SIGTERM');
      const until = Date.now() + graceMs;
      while (isWorker(pid) && Date.now() < until) await sleep(25);
      if (!isWorker(pid)) return;
      signal(pid, 'SIGKILL');
      while (isWorker(pid)) await sleep(10);
    },
  };
}

function openLog(stateHome: string): number {
  const file = join(stateHome, 'worker.log');
  try {
    mkdirSync(stateHome, { recursive: true, mode: 0o700 });
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > maxLogBytes) renameSync(file, `${file}.1`);
    return openSync(file, 'a', 0o600);
  } catch (error) {
    throw new Fault<RuntimeFaultCode>('DATABASE_FAILED', `the log of the workers cannot be opened: ${file}`, {
      mend: 'make the folder writable, or name another one with XDG_STATE_HOME',
      cause: error,
    });
  }
}

/** A number may have been given to somebody else since: only a process that looks like ours is touched. */
function isWorker(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const state = status.slice(status.lastIndexOf(')') + 2, status.lastIndexOf(')') + 3);
    if (state === 'Z' || state === 'X') return false;
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return (
      words.some((word) => /(^|\/)(main\.js|arbiter)$/.test(word)) && words.some((word) => /^(up|run|demo)$/.test(word))
    );
  } catch {
    return false;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone by itself.
  }
}
