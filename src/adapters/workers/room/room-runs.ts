import type { BoundKind } from '../../../core/tasks/spend.js';
import type { LiveRun, SandboxedCommand } from '../../../ports/sandbox.js';
import type { Furniture } from './furniture.js';
import type { RoomCommand } from './room.js';
import { boundFault, cancelledFault, refusedFault } from './room-faults.js';

type RunOptions = Pick<RoomCommand, 'env' | 'timeoutMs' | 'maxOutputBytes'>;

const graceMs = 10_000;
/** Between the answer that says that a bound is reached and the end of the run that asked. */
const afterwordMs = 200;
const mebibyte = 1024 * 1024;

/** All runs of a room: started with its mounts, stopped by its bounds, ended with it. */
export class RoomRuns {
  readonly #made: Furniture;
  readonly #end = new AbortController();
  readonly #live = new Set<LiveRun>();
  readonly #launching = new Set<Promise<LiveRun>>();
  readonly #onAbort = (): void => this.#end.abort();
  #bound: BoundKind | null = null;
  #stopping: NodeJS.Timeout | null = null;

  constructor(made: Furniture) {
    this.#made = made;
    const { signal, meter, graceMs: grace = graceMs } = made.request;
    signal.addEventListener('abort', this.#onAbort, { once: true });
    meter.onReached((bound) => {
      this.#bound ??= bound;
      // What is under way may come to its end, as long as it asks the model nothing more.
      this.#stopIn(bound === 'time' ? 0 : grace);
    });
  }

  /** True once the room is closed or its task cancelled. */
  get isOver(): boolean {
    return this.#end.signal.aborted;
  }

  /** The bound that is reached, null while all hold. */
  get bound(): BoundKind | null {
    return this.#bound ?? this.#made.request.meter.reached();
  }

  /** Starts a program. @throws AGENT_CANCELLED, AGENT_FAILED, BOUND_REACHED, SANDBOX_FAILED */
  async launch(argv: readonly string[], options: RunOptions): Promise<LiveRun> {
    if (this.isOver) throw cancelledFault(this.#made.request.meter);
    const launching = this.#begin(argv, options);
    this.#launching.add(launching);
    const run = await launching.finally(() => this.#launching.delete(launching));
    this.#live.add(run);
    const forget = (): void => void this.#live.delete(run);
    run.ended.then(forget, forget);
    return run;
  }

  /** Ends all runs when an answer that tells of a bound has had the time to be read. */
  stopSoon(): void {
    this.#stopIn(afterwordMs);
  }

  /** Ends all runs; settles when their processes are dead. */
  async close(): Promise<void> {
    this.#made.request.signal.removeEventListener('abort', this.#onAbort);
    if (this.#stopping !== null) clearTimeout(this.#stopping);
    this.#end.abort();
    await Promise.allSettled(this.#launching);
    await Promise.allSettled(Array.from(this.#live, (run) => run.ended));
  }

  #stopIn(ms: number): void {
    if (this.isOver) return;
    if (this.#stopping !== null) clearTimeout(this.#stopping);
    this.#stopping = setTimeout(() => this.#live.forEach((run) => run.kill()), ms);
    this.#stopping.unref();
  }

  async #begin(argv: readonly string[], options: RunOptions): Promise<LiveRun> {
    const { env = {}, timeoutMs = Infinity, maxOutputBytes = 256 * mebibyte } = options;
    const { request, folders, mounts, sandbox } = this.#made;
    this.#refuseSecrets([...argv, ...Object.values(env)]);
    const leftMs = request.assignment.bounds.wall_ms - request.meter.spend().wall_ms;
    if (leftMs <= 0) throw boundFault(request.meter, 'time');
    const { work, home, temporary } = folders.inside;
    const command: SandboxedCommand = {
      argv,
      cwd: work,
      env: { LANG: 'C.UTF-8', TZ: 'UTC', TERM: 'dumb', ...env, HOME: home, TMPDIR: temporary },
      ...(await mounts.all()),
      scratch: [],
      limits: {
        timeoutMs: Math.min(timeoutMs, leftMs),
        memoryMb: 4096,
        maxProcesses: 512,
        maxOutputBytes,
        maxFileBytes: 1024 * mebibyte,
        maxWrittenBytes: 8192 * mebibyte,
      },
    };
    const run = await sandbox.start(command, this.#end.signal);
    if (timeoutMs >= leftMs) this.#watchTheClock(run);
    return run;
  }

  /** A run that ended by its time has reached the task's bound, whatever the meter says of it. */
  #watchTheClock(run: LiveRun): void {
    run.ended.then(
      ({ ended }) => {
        if (ended === 'timeout') this.#bound ??= 'time';
      },
      () => undefined,
    );
  }

  #refuseSecrets(texts: readonly string[]): void {
    const { secret, request } = this.#made;
    if (secret === null || !texts.some((text) => text.includes(secret))) return;
    throw refusedFault(
      request.meter,
      'the real key was about to be shown to the agent, which gets a token in its place',
    );
  }
}
