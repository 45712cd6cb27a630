import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
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
