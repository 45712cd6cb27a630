import { readdirSync, readFileSync } from 'node:fs';

/** One process as a /proc shows it: that of the host, or that of another namespace as seen through one of its processes. `startTicks` tells a process from a later one with the same number. */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly startTicks: number;
  readonly dead: boolean;
  /** Where this process is found. */
  readonly folder: string;
}

const pageBytes = 4096;

/** One process, or null when there is none of that number (or no /proc). Zombies are `dead`. */
export function readProcess(pid: number, root = ''): ProcessRow | null {
  const folder = `${root}/proc/${pid}`;
  const text = readOrNull(`${folder}/stat`);
  if (text === null) return null;
  // The name stands in brackets and may itself hold blanks and brackets: the fields start after the last one.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const state = fields[0] ?? 'X';
  return {
    pid,
    parent: Number(fields[1]),
    group: Number(fields[2]),
    startTicks: Number(fields[19]),
    dead: state === 'Z' || state === 'X',
    folder,
  };
}

/**
 * Every live process, zombies left out; empty where there is no /proc (macOS). `root` is the top of another mount's
 * folders, whose /proc is asked.
 */
export function readProcessTable(root = ''): readonly ProcessRow[] {
  const rows: ProcessRow[] = [];
  for (const pid of processNumbers(root)) {
    const row = readProcess(pid, root);
    if (row !== null && !row.dead) rows.push(row);
  }
  return rows;
}

/** Numbers of all processes, ascending; empty where there is no /proc. */
export function processNumbers(root = ''): readonly number[] {
  try {
    return readdirSync(`${root}/proc`)
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .sort((a, b) => a - b);
  } catch {
    return [];
  }
}

/** True when a process group has more than that many live members; looks at the newest first and stops when it knows. */
export function isGroupCrowded(group: number, maxProcesses: number): boolean {
  let count = 0;
  for (const pid of processNumbers().toReversed()) {
    const row = readProcess(pid);
    if (row?.group === group && !row.dead) count += 1;
    if (count > maxProcesses) return true;
  }
  return false;
}

/** The process `root` and everything below it. Empty when it is not in the table. */
export function treeOf(root: number, rows: readonly ProcessRow[]): readonly ProcessRow[] {
  const children = new Map<number, ProcessRow[]>();
  for (const row of rows) children.set(row.parent, [...(children.get(row.parent) ?? []), row]);
  const tree = rows.filter((row) => row.pid === root);
  for (let index = 0; index < tree.length; index += 1) {
    const parent = tree[index];
    if (parent !== undefined) tree.push(...(children.get(parent.pid) ?? []));
  }
  return tree;
}

/** Memory of the processes that is theirs alone, in bytes: mapped files and shared memory are left out. */
export function privateBytesOf(rows: readonly ProcessRow[]): number {
  let pages = 0;
  for (const row of rows) {
    const [, resident = 0, shared = 0] = (readOrNull(`${row.folder}/statm`) ?? '').split(' ').map(Number);
    pages += resident - shared;
  }
  return pages * pageBytes;
}

/** Bytes the processes and their ended children caused to be sent to a disk; 0 where the kernel keeps no account. */
export function writtenBytesOf(rows: readonly ProcessRow[]): number {
  let bytes = 0;
  for (const row of rows) {
    const text = readOrNull(`${row.folder}/io`) ?? '';
    bytes += Number(/^write_bytes: (\d+)$/m.exec(text)?.[1] ?? 0);
  }
  return bytes;
}

/** The environment a process was started with, or null when it is not ours to read. */
export function environmentOf(pid: number): string | null {
  return readOrNull(`/proc/${pid}/environ`);
}

// A process may end between two looks, and others' processes are closed to us: neither is a fault.
function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}
