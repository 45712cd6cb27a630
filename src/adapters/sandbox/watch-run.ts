import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { SandboxEnd, SandboxLimits } from '../../ports/sandbox.js';
import { maskInheritedFiles } from './inherited-files.js';
import { privateBytesOf, type ProcessRow, writtenBytesOf } from './process-table.js';

const watchEveryMs = 100;

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

/**
 * Starts the process, watches its limits every 100 ms, kills the whole company when one is broken or `signal` fires,
 * and settles when all are dead. Rejects when the process could not be started at all.
 */
export async function watchRun(launch: Launch, limits: SandboxLimits, signal?: AbortSignal): Promise<WatchedRun> {
  const startedMs = performance.now();
  const child = spawn(launch.file, [...launch.args], {
    cwd: launch.cwd,
    env: { ...launch.env },
    detached: launch.detached,
    stdio: stdioOf(launch.feeds.length),
  });
  const exit = exitOf(child);
  feed(child, launch.feeds);
  launch.onStarted(child);

  let ended: SandboxEnd = 'exited';
  const stop = (why: SandboxEnd): void => {
    if (ended === 'exited') ended = why;
    launch.kill();
  };
  const output = collectOutput(child, limits.maxOutputBytes, () => stop('output-limit'));
  const timeout = setTimeout(() => stop('timeout'), limits.timeoutMs);
  const watch = setInterval(() => {
    const broken = brokenLimit(launch.company(), limits);
    if (broken !== null) stop(broken);
  }, watchEveryMs);
  const onAbort = (): void => stop('aborted');
  if (signal?.aborted === true) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const { code, signal: killedBy } = await exit;
    await launch.buried();
    // A process that escaped a bare run may hold the pipes open: what it says now is no longer part of the run.
    const cut = setTimeout(() => [child.stdout, child.stderr].forEach((stream) => stream?.destroy()), 500);
    const { stdout, stderr } = await output.finally(() => clearTimeout(cut));
    return { code, signal: killedBy, ended, stdout, stderr, durationMs: Math.round(performance.now() - startedMs) };
  } finally {
    clearTimeout(timeout);
    clearInterval(watch);
    signal?.removeEventListener('abort', onAbort);
  }
}

function brokenLimit(company: readonly ProcessRow[], limits: SandboxLimits): SandboxEnd | null {
  if (company.length > limits.maxProcesses) return 'process-limit';
  if (privateBytesOf(company) > limits.memoryMb * 1024 * 1024) return 'memory-limit';
  if (writtenBytesOf(company) > limits.maxWrittenBytes) return 'disk-limit';
  return null;
}

function stdioOf(feeds: number): StdioOptions {
  const stdio: ('ignore' | 'pipe' | number)[] = ['ignore', 'pipe', 'pipe'];
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
