import type { Readable } from 'node:stream';

const drainedBytes = 1 << 20;

/**
 * The output of a process, taken from its pipe only as fast as somebody asks for it: a program that prints gigabytes
 * waits. `count` is told of all bytes that were taken.
 */
export class PulledOutput {
  readonly #stream: Readable;
  readonly #count: (bytes: number) => void;
  readonly #kept: Buffer[] = [];
  #over = false;
  #waiting: (() => void)[] = [];

  constructor(stream: Readable, count: (bytes: number) => void) {
    this.#stream = stream;
    this.#count = count;
    // Node lets the output of a child that has ended flow away unread unless somebody listens for it.
    stream.on('readable', () => this.#wake());
    const end = (): void => {
      this.#over = true;
      this.#wake();
    };
    stream.once('end', end).once('close', end).on('error', end);
  }

  /** The chunks until the output ends. */
  async *chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.#kept.shift() ?? this.#take();
      if (chunk !== null) yield chunk;
      else if (this.#over) return;
      else await this.#news();
    }
  }

  /**
   * Once the process is dead: takes what still lies in the pipe (1 MiB at most), so that a reader who comes late finds
   * it, and closes the pipe, which an escaped process may hold open, after `graceMs`.
   */
  async drain(graceMs: number): Promise<void> {
    const cut = setTimeout(() => this.#stream.destroy(), graceMs);
    let taken = 0;
    while (!this.#over && taken < drainedBytes) {
      const chunk = this.#take();
      if (chunk === null) await this.#news();
      else {
        taken += chunk.length;
        this.#kept.push(chunk);
      }
    }
    clearTimeout(cut);
    this.#stream.destroy();
  }

  #take(): Buffer | null {
    const chunk: unknown = this.#stream.destroyed ? null : this.#stream.read();
    if (!Buffer.isBuffer(chunk)) return null;
    this.#count(chunk.length);
    return chunk;
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #news(): Promise<void> {
    return new Promise((resolve) => void this.#waiting.push(resolve));
  }
}
