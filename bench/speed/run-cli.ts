import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const builtCli = fileURLToPath(new URL('../../bin/main.js', import.meta.url));
const sampleEveryMs = 10;

export interface CliRun {
  readonly elapsedMs: number;
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Highest memory of the process and all its descendants together, sampled from /proc; 0 where there is none. */
  readonly peakMb: number;
}

/** Runs the built command line once as a process of its own, from start to exit. */
export function runCli(args: readonly string[], cwd: string, options?: { watchMemory: boolean }): Promise<CliRun> {
  return runNode([builtCli, ...args], cwd, options);
}

/** Runs node with these arguments once, from start to exit. */
export function runNode(args: readonly string[], cwd: string, options?: { watchMemory: boolean }): Promise<CliRun> {
  return runProgram(process.execPath, args, cwd, options);
}

/** Runs a program with these arguments once, from start to exit. */
export async function runProgram(
  program: string,
  args: readonly string[],
  cwd: string,
  options?: { watchMemory: boolean },
): Promise<CliRun> {
  const startedMs = performance.now();
  const child = spawn(program, [...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  child.stdout.on('data', (chunk: Buffer) => chunks.stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.stderr.push(chunk));
  let peakMb = 0;
  const sampler = setInterval(() => {
    if (options?.watchMemory && child.pid !== undefined) peakMb = Math.max(peakMb, memoryMbOf(child.pid));
  }, sampleEveryMs);
  const exit = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  }).finally(() => clearInterval(sampler));
  const text = (parts: readonly Buffer[]): string => Buffer.concat(parts).toString('utf8');
  return {
    elapsedMs: performance.now() - startedMs,
    exit,
    stdout: text(chunks.stdout),
    stderr: text(chunks.stderr),
    peakMb,
  };
}

/** Resident memory of a process and its descendants. A process that ended meanwhile counts nothing. */
function memoryMbOf(pid: number): number {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => statusOf(Number(name)));
  const family = new Set([pid]);
  for (let grown = -1; grown !== family.size;) {
    grown = family.size;
    for (const { id, parent } of processes) if (family.has(parent)) family.add(id);
  }
  return processes.reduce((sum, { id, residentKb }) => sum + (family.has(id) ? residentKb : 0), 0) / 1024;
}

function statusOf(id: number): { id: number; parent: number; residentKb: number }[] {
  try {
    const status = readFileSync(`/proc/${id}/status`, 'utf8');
    const number = (key: string): number => Number(new RegExp(`^${key}:\\s*(\\d+)`, 'm').exec(status)?.[1] ?? 0);
    return [{ id, parent: number('PPid'), residentKb: number('VmRSS') }];
  } catch {
    return []; // ended between the listing and the reading
  }
}
