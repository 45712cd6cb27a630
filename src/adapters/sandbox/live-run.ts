import { once } from 'node:events';
import { setPriority } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import type { LiveRun, SandboxEnd, SandboxLimits } from '../../ports/sandbox.js';
import { PulledOutput } from './pulled-output.js';
import { type Launch, startWatched, type WatchedProcess } from './watch-run.js';

const niceness = 10;
const errorTailBytes = 65_536;

/** How a process left, for the sandbox to say what that means. */
export interface Leaving {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly ended: SandboxEnd;
  readonly stderr: string;
}

/**
 * Starts a process that is talked to. `exitOf` turns its leaving into an exit status, or throws when the sandbox itself
 * failed. Rejects when the process could not be started at all.
 */
export async function startLive(
  launch: Launch,
  limits: SandboxLimits,
  signal: AbortSignal | undefined,
  exitOf: (leaving: Leaving) => number | null,
): Promise<LiveRun> {
  const startedMs = performance.now();
  const watched = startWatched(launch, limits, { signal, stdin: 'pipe' });
  // A process that never started is told by the event that is waited for below.
  watched.buried.catch(() => undefined);
  let left = limits.maxOutputBytes;
  const count = (bytes: number): void => {
    left -= bytes;
    if (left < 0) watched.stop('output-limit');
  };
  const { stdin, stdout, stderr } = watched.child;
  if (stdin === null || stdout === null || stderr === null) throw new TypeError('a live run needs its pipes');
  const output = new PulledOutput(stdout, count);
  const tail = tailOf(stderr, count);
  stdin.on('error', () => undefined);
  if (watched.child.pid === undefined) await once(watched.child, 'spawn');
  stepBack(watched.child.pid);
  const ended = settle(watched, output, stderr).then((leaving) => {
    const exit = exitOf({ ...leaving, stderr: tail() });
    return {
      exit: leaving.ended === 'exited' ? exit : null,
      ended: leaving.ended,
      durationMs: Math.round(performance.now() - startedMs),
    };
  });
  // Who asks hears of the failure; who does not ask must not die of it.
  ended.catch(() => undefined);
  return {
    write: (bytes) => writeAll(stdin, bytes),
    endInput: () => void stdin.end(),
    stdout: output.chunks(),
    stderr: tail,
    kill: () => watched.stop('aborted'),
    ended,
  };
}

/** Behind Arbiter and its database in the queue for the machine: what watches a fork bomb must get its turn. */
function stepBack(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, niceness);
  } catch {
    // It has ended already, or the system does not allow it.
  }
}

async function settle(
  watched: WatchedProcess,
  output: PulledOutput,
  stderr: Readable,
): Promise<Omit<Leaving, 'stderr'>> {
  const left = await watched.buried;
  const cut = setTimeout(() => stderr.destroy(), 500);
  await Promise.all([output.drain(500), stderr.closed ? undefined : once(stderr, 'close')]);
  clearTimeout(cut);
  watched.child.stdin?.destroy();
  return { ...left, ended: watched.ended() };
}

function tailOf(stream: Readable, count: (bytes: number) => void): () => string {
  let kept: Buffer[] = [];
  let bytes = 0;
  const tail = (): Buffer => Buffer.concat(kept).subarray(-errorTailBytes);
  stream.on('data', (chunk: Buffer) => {
    count(chunk.length);
    kept.push(chunk);
    bytes += chunk.length;
    if (bytes < 4 * errorTailBytes) return;
    kept = [Buffer.from(tail())];
    bytes = errorTailBytes;
  });
  return () => tail().toString('utf8');
}

function writeAll(stdin: Writable, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    if (stdin.destroyed || stdin.writableEnded || stdin.write(bytes)) return resolve();
    const wake = (): void => {
      stdin.off('drain', wake).off('close', wake);
      resolve();
    };
    stdin.once('drain', wake).once('close', wake);
  });
}
