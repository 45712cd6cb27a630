import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { SandboxEnd, SandboxLimits } from '../../ports/sandbox.js';
import { maskInheritedFiles } from './inherited-files.js';
import { privateBytesOf, type ProcessRow, writtenBytesOf } from './process-table.js';

const watchEveryMs = 100;
/** The longest wait that a timer can hold. */
const longestMs = 2 ** 31 - 1;

/** A process to start, and how its whole company is seen and ended. */
export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly detached: boolean;
  /** What is written to the child's files 3, 4 …; null where the child writes and `onStarted` reads. */
  readonly feeds: readonly (Uint8Array | null)[];
  onStarted(child: ChildProcess): void;
  /**
   * Whether more processes than that many are there, found out with little work: a fork bomb leaves none of the
   * machine's time for a long look.
   */
  isCrowded(maxProcesses: number): boolean;
  /** All live processes of the run, as seen now. */
  company(): readonly ProcessRow[];
  /** Kills all that is known of the run, now. */
  kill(): void;
  /** Settles when every process of the run is dead, killing what is left. */
  buried(): Promise<void>;
}

export interface WatchedRun {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly ended: SandboxEnd;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly durationMs: number;
}

/** A started process whose limits are watched. */
export interface WatchedProcess {
  readonly child: ChildProcess;
  /** Kills the whole company; the first reason given is the one that is told. */
  stop(why: SandboxEnd): void;
  /** Why it ended, so far. */
  ended(): SandboxEnd;
  /** How the process left, once all of its company is dead. Rejects when it could not be started at all. */
  readonly buried: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** Starts the process, watches its limits every 100 ms, and kills the whole company when one is broken or `signal` fires. */
export function startWatched(
  launch: Launch,
  limits: SandboxLimits,
  options: { readonly signal: AbortSignal | undefined; readonly stdin: 'ignore' | 'pipe' },
): WatchedProcess {
  const child = spawn(launch.file, [...launch.args], {
    cwd: launch.cwd,
    env: { ...launch.env },
    detached: launch.detached,
    stdio: stdioOf(launch.feeds.length, options.stdin),
  });
  const exit = exitOf(child);
  feed(child, launch.feeds);
  launch.onStarted(child);

  let ended: SandboxEnd = 'exited';
  const stop = (why: SandboxEnd): void => {
    if (ended === 'exited') ended = why;
    launch.kill();
  };
  const timeout = setTimeout(() => stop('timeout'), Math.min(limits.timeoutMs, longestMs));
  const watch = setInterval(() => {
    const crowded = launch.isCrowded(limits.maxProcesses);
    const broken = crowded ? 'process-limit' : brokenLimit(launch.company(), limits);
    if (broken !== null) stop(broken);
  }, watchEveryMs);
  const onAbort = (): void => stop('aborted');
  if (options.signal?.aborted === true) onAbort();
  options.signal?.addEventListener('abort', onAbort, { once: true });
  const bury = async (): Promise<{ code: number | null; signal: NodeJS.Signals | null }> => {
    try {
      const left = await exit;
      await launch.buried();
      return left;
    } finally {
      clearTimeout(timeout);
      clearInterval(watch);
      options.signal?.removeEventListener('abort', onAbort);
    }
  };
  return { child, stop, ended: () => ended, buried: bury() };
}

/** Runs a process to its end and settles when all of its company is dead. Rejects when it could not be started at all. */
export async function watchRun(launch: Launch, limits: SandboxLimits, signal?: AbortSignal): Promise<WatchedRun> {
  const startedMs = performance.now();
  const watched = startWatched(launch, limits, { signal, stdin: 'ignore' });
  const { child } = watched;
  const output = collectOutput(child, limits.maxOutputBytes, () => watched.stop('output-limit'));
  const left = await watched.buried;
  // A process that escaped a bare run may hold the pipes open: what it says now is no longer part of the run.
  const cut = setTimeout(() => [child.stdout, child.stderr].forEach((stream) => stream?.destroy()), 500);
  const { stdout, stderr } = await output.finally(() => clearTimeout(cut));
  return { ...left, ended: watched.ended(), stdout, stderr, durationMs: Math.round(performance.now() - startedMs) };
}

function brokenLimit(company: readonly ProcessRow[], limits: SandboxLimits): SandboxEnd | null {
  if (company.length > limits.maxProcesses) return 'process-limit';
  if (privateBytesOf(company) > limits.memoryMb * 1024 * 1024) return 'memory-limit';
  if (writtenBytesOf(company) > limits.maxWrittenBytes) return 'disk-limit';
  return null;
}

function stdioOf(feeds: number, stdin: 'ignore' | 'pipe'): StdioOptions {
  const stdio: ('ignore' | 'pipe' | number)[] = [stdin, 'pipe', 'pipe'];
  const masked = maskInheritedFiles();
  for (let index = 3; index < 3 + feeds; index += 1) stdio[index] = 'pipe';
  for (const [file, nullFile] of masked) if (file >= 3 + feeds) stdio[file] = nullFile;
  return Array.from(stdio, (entry) => entry ?? 'ignore');
}

function feed(child: ChildProcess, feeds: readonly (Uint8Array | null)[]): void {
  feeds.forEach((bytes, index) => {
    const stream = child.stdio[3 + index];
    if (bytes === null || stream === null || stream === undefined || !('end' in stream)) return;
    // A child that died before it read everything is reported by its exit, not by the broken pipe.
    stream.on('error', () => undefined);
    stream.end(bytes);
  });
}

function exitOf(child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

async function collectOutput(
  child: ChildProcess,
  maxBytes: number,
  onOver: () => void,
): Promise<{ stdout: Uint8Array; stderr: Uint8Array }> {
  let left = maxBytes;
  const take = (stream: Readable | null): Promise<Uint8Array> =>
    new Promise((resolve) => {
      const chunks: Buffer[] = [];
      if (stream === null) return resolve(new Uint8Array());
      stream.on('data', (chunk: Buffer) => {
        const kept = chunk.subarray(0, Math.max(0, left));
        left -= chunk.length;
        if (kept.length > 0) chunks.push(kept);
        if (left < 0) onOver();
      });
      stream.once('close', () => resolve(Buffer.concat(chunks)));
    });
  const [stdout, stderr] = await Promise.all([take(child.stdout), take(child.stderr)]);
  return { stdout, stderr };
}
