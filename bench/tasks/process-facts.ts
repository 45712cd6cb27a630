import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What a figure on a shared machine needs beside it. Linux alone: /proc. */
export interface CpuTimes {
  /** Milliseconds that each of the processes has used, by number. */
  readonly usedMs: ReadonlyMap<number, number>;
  /** Milliseconds of all cores together that were not idle. */
  readonly busyMs: number;
  readonly atMs: number;
}

const tickMs = 10;

/** Processor time used so far by these processes (their waited-for children included) and by the whole machine. */
export function readCpuTimes(pids: readonly number[]): CpuTimes {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = line.trim().split(/\s+/).slice(1).map(Number);
  return {
    usedMs: new Map(pids.map((pid) => [pid, usedMsOf(pid)])),
    busyMs: (user + nice + system + irq + softirq) * tickMs,
    atMs: performance.now(),
  };
}

/** What was used between two readings; `othersShare` is what other work took of all cores (0..1). */
export function usedBetween(
  before: CpuTimes,
  after: CpuTimes,
  cores: number,
): { readonly oursMs: number; readonly othersShare: number } {
  let oursMs = 0;
  for (const [pid, used] of after.usedMs) oursMs += Math.max(0, used - (before.usedMs.get(pid) ?? 0));
  const allMs = (after.atMs - before.atMs) * cores;
  return { oursMs, othersShare: Math.max(0, (after.busyMs - before.busyMs - oursMs) / allMs) };
}

/** A process that ended meanwhile counts nothing. */
function usedMsOf(pid: number): number {
  const stat = readProc(pid, 'stat');
  // utime, stime, cutime, cstime come 12th to 15th after the name, which may hold blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0) * tickMs;
}

/** Resident memory of one process in MB; 0 when it is gone. */
export function residentMb(pid: number): number {
  return numberOf(readProc(pid, 'status'), 'VmRSS') / 1024;
}

/** Proportional memory in MB, in which shared pages count once over all who share them; 0 when it cannot be read. */
export function proportionalMb(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + numberOf(readProc(pid, 'smaps_rollup'), 'Pss'), 0) / 1024;
}

/** The embedded server of a store's folder and its sessions; empty when none runs. */
export function serverPids(stateHome: string): readonly number[] {
  try {
    const [first = ''] = readFileSync(join(stateHome, 'store', 'data', 'postmaster.pid'), 'utf8').split('\n');
    return withChildren(Number(first));
  } catch {
    return [];
  }
}

/** A process and all that descend from it. */
function withChildren(pid: number): readonly number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), parent: numberOf(readProc(Number(name), 'status'), 'PPid') }));
  const family = new Set([pid]);
  for (let grown = -1; grown !== family.size;) {
    grown = family.size;
    for (const one of parents) if (family.has(one.parent)) family.add(one.pid);
  }
  return [...family];
}

function readProc(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}

function numberOf(text: string, key: string): number {
  return Number(new RegExp(`^${key}:\\s*(\\d+)`, 'm').exec(text)?.[1] ?? 0);
}
