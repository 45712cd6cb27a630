import { readFileSync, readdirSync, readlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { readProcessTable } from '../../src/adapters/sandbox/process-table.js';

/** Live processes that have to do with a folder: by their working folder, their arguments or their environment. */
export function processesOf(folder: string): readonly number[] {
  return readProcessTable()
    .map(({ pid }) => pid)
    .filter((pid) => pid !== process.pid && touches(pid, folder));
}

/** One line a process, for a message. */
export function describeProcess(pid: number): string {
  return `${pid}: ${read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')} in ${link(`/proc/${pid}/cwd`)}`;
}

function touches(pid: number, folder: string): boolean {
  return (
    link(`/proc/${pid}/cwd`).startsWith(folder) ||
    read(`/proc/${pid}/cmdline`).includes(folder) ||
    read(`/proc/${pid}/environ`).includes(folder)
  );
}

/** Makes all that lies in a folder two minutes older: what has no owner yet is left alone for a minute. */
export function letTimePass(folder: string): void {
  const then = Date.now() / 1000 - 120;
  for (const name of namesIn(folder)) utimesSync(join(folder, name), then, then);
}

/** Names in a folder; none where there is no such folder. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

// A process may end between two looks.
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
