import { readFileSync, readlinkSync } from 'node:fs';
import { z } from 'zod';
import { readProcess } from '../../sandbox/process-table.js';

/** What tells a process from every other one that had or will have its number. */
export const processMarkSchema = z.object({
  pid: z.number().int(),
  /** Start time in clock ticks; 0 where there is no /proc. */
  ticks: z.number(),
  boot: z.string(),
  /** The namespace in which the number counts. */
  space: z.string(),
});
export type ProcessMark = z.infer<typeof processMarkSchema>;

const boot = readOr('', () => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
const space = readOr('', () => readlinkSync('/proc/self/ns/pid'));

/** The mark of this process. */
export function markSelf(): ProcessMark {
  return { pid: process.pid, ticks: readProcess(process.pid)?.startTicks ?? 0, boot, space };
}

/** Whether the marked process lives; null when it cannot be told (another container, or a machine without /proc). */
export function isAlive(mark: ProcessMark): boolean | null {
  if (mark.boot !== boot) return false;
  if (mark.space !== space) return null;
  if (!isNumberAlive(mark.pid)) return false;
  if (mark.ticks === 0) return null;
  const row = readProcess(mark.pid);
  return row !== null && !row.dead && row.startTicks === mark.ticks;
}

/** Whether some live process has the number now. */
export function isNumberAlive(pid: number): boolean {
  return isNumberTaken(pid) && readProcess(pid)?.dead !== true;
}

/** Whether the number is some process's, be it one that has ended and that its parent has not looked after yet. */
export function isNumberTaken(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function readOr(otherwise: string, read: () => string): string {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
