import type { ChildProcess } from 'node:child_process';
import type { Fault } from '../../core/fault.js';
import type { GitFaultCode } from '../../ports/git.js';
import { failedCommand, gitFault } from './git-fault.js';

const STDERR_CAP = 16_384;

/** One git child: its output is pulled, so a slow reader slows git and never fills memory. */
export class GitProcess {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #limits: { readonly timeoutMs: number; readonly signal: AbortSignal | undefined };
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #closed: Promise<void>;
  #stderr = '';
  #stopped: Fault<GitFaultCode> | null = null;

  constructor(
    child: ChildProcess,
    name: string,
    limits: { readonly timeoutMs: number; readonly signal: AbortSignal | undefined },
  ) {
    this.#child = child;
    this.#name = name;
    this.#limits = limits;
    if (child.stdout === null || child.stderr === null) throw new TypeError('a git process needs its outputs piped');
    // Node lets the output of a child that has ended flow away unread unless somebody listens: the iterator below
    // begins to listen only when it is first asked, which may be later.
    child.stdout.on('readable', () => undefined);
    this.#chunks = (child.stdout as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (this.#stderr.length < STDERR_CAP) this.#stderr += text;
    });
    // A child that ends early breaks the pipe; its exit status, read by finish(), says why.
    child.stdin?.on('error', () => undefined);
    child.on('error', (cause) => {
      this.#stopped ??= gitFault('GIT_MISSING', `git could not be started: ${cause.message}`, {
        mend: 'check that git can be run by this user',
        cause,
      });
    });
    const abort = (): void => {
      this.#stop(
        gitFault('GIT_FAILED', `git ${name} was stopped: the run was aborted`, {
          mend: 'run it again',
          cause: limits.signal?.reason,
        }),
      );
    };
    limits.signal?.addEventListener('abort', abort, { once: true });
    this.#closed = new Promise((resolve) => {
      child.once('close', () => {
        limits.signal?.removeEventListener('abort', abort);
        resolve();
      });
    });
  }

  /** What git has said on its error output, the first 16 KiB of it. */
  get stderr(): string {
    return this.#stderr;
  }

  /** Queues bytes for the process's input. */
  send(bytes: Uint8Array | string): void {
    this.#child.stdin?.write(bytes);
  }

  /** Queues bytes and waits while the pipe is full. */
  async sendAll(bytes: Uint8Array | string): Promise<void> {
    const stdin = this.#child.stdin;
    if (stdin === null || stdin.destroyed || stdin.write(bytes)) return;
    await this.#within(
      new Promise<void>((resolve) => {
        // Neither listener outlives the wait: a large file fills the pipe thousands of times.
        const wake = (): void => {
          stdin.off('drain', wake).off('close', wake);
          resolve();
        };
        stdin.once('drain', wake).once('close', wake);
      }),
    );
  }

  endInput(): void {
    this.#child.stdin?.end();
  }

  /** The next piece of output, null at its end. @throws GIT_TIMEOUT */
  async nextChunk(): Promise<Buffer | null> {
    try {
      const step = await this.#within(this.#chunks.next());
      return step.done === true ? null : step.value;
    } catch (error) {
      throw this.#stopped ?? error;
    }
  }

  /** Waits for the end. @throws GIT_FAILED unless git ended with 0 or an exit status in `accept` */
  async finish(accept: readonly number[] = []): Promise<number> {
    await this.#within(this.#closed);
    if (this.#stopped !== null) throw this.#stopped;
    const { exitCode, signalCode } = this.#child;
    if (exitCode === 0 || (exitCode !== null && accept.includes(exitCode))) return exitCode;
    const exit = exitCode === null ? `was killed by ${signalCode ?? 'a signal'}` : `ended with status ${exitCode}`;
    throw failedCommand(this.#name, exit, this.#stderr);
  }

  /** Ends the process at once; for a reader that has enough. */
  async kill(): Promise<void> {
    this.#end();
    await this.#closed;
  }

  #stop(fault: Fault<GitFaultCode>): void {
    this.#stopped ??= fault;
    this.#end();
  }

  /** Unread output, or a child of git that holds the pipes, would keep the end of the process waiting. */
  #end(): void {
    this.#child.kill('SIGKILL');
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  async #within<T>(wait: Promise<T>): Promise<T> {
    const { timeoutMs } = this.#limits;
    const timer = setTimeout(() => {
      this.#stop(
        gitFault('GIT_TIMEOUT', `git ${this.#name} gave nothing for ${timeoutMs} ms and was stopped`, {
          mend: 'raise the time limit, or look for a FIFO or a slow disk in the repository',
        }),
      );
    }, timeoutMs);
    try {
      return await wait;
    } finally {
      clearTimeout(timer);
    }
  }
}
