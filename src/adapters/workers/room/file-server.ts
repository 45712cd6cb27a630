import { z } from 'zod';
import type { LiveRun } from '../../../ports/sandbox.js';

const answerSchema = z.union([
  z.strictObject({ size: z.number().int().nonnegative() }),
  z.strictObject({ absent: z.literal(true) }),
  z.strictObject({ error: z.string() }),
]);

/** What the server was asked for could not be done; `message` says why. */
export class FileRefusal extends Error {}

const patienceMs = 30_000;
const lineCap = 65_536;

/** The host's side of the program in `file-server-program.ts`: started with the first request, one request at a time. */
export class FileServer {
  readonly #start: () => Promise<LiveRun>;
  #talk: Promise<Conversation> | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(start: () => Promise<LiveRun>) {
    this.#start = start;
  }

  /** Null when there is no such file. @throws FileRefusal */
  read(root: string, path: string): Promise<Uint8Array | null> {
    return this.#ask({ op: 'read', root, path, size: 0 }, null);
  }

  /** Makes the folders above it. @throws FileRefusal */
  async write(root: string, path: string, bytes: Uint8Array): Promise<void> {
    await this.#ask({ op: 'write', root, path, size: bytes.length }, bytes);
  }

  #ask(request: object, body: Uint8Array | null): Promise<Uint8Array | null> {
    const turn = this.#turn.then(async () => {
      this.#talk ??= this.#start().then((run) => new Conversation(run));
      const talk = this.#talk;
      try {
        return await (await talk).ask(request, body);
      } catch (error) {
        // A refusal is an answer; anything else leaves question and answer apart, and the next gets a fresh server.
        if (!(error instanceof FileRefusal)) {
          this.#talk = null;
          void talk.then((one) => one.end()).catch(() => undefined);
        }
        throw error;
      }
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

class Conversation {
  readonly #run: LiveRun;
  readonly #said: AsyncIterator<Uint8Array>;
  #pending = Buffer.alloc(0);

  constructor(run: LiveRun) {
    this.#run = run;
    this.#said = run.stdout[Symbol.asyncIterator]();
  }

  async ask(request: object, body: Uint8Array | null): Promise<Uint8Array | null> {
    const impatience = setTimeout(() => this.#run.kill(), patienceMs);
    try {
      await this.#run.write(Buffer.from(`${JSON.stringify(request)}\n`));
      if (body !== null && body.length > 0) await this.#run.write(body);
      const answer = answerSchema.parse(JSON.parse(await this.#line()));
      if ('error' in answer) throw new FileRefusal(answer.error);
      return 'absent' in answer ? null : await this.#bytes(answer.size);
    } finally {
      clearTimeout(impatience);
    }
  }

  end(): void {
    this.#run.kill();
  }

  async #line(): Promise<string> {
    for (;;) {
      const end = this.#pending.indexOf(10);
      if (end >= 0) return (await this.#bytes(end + 1)).subarray(0, end).toString('utf8');
      if (this.#pending.length > lineCap) throw new Error('the file server said something that is no answer');
      await this.#more();
    }
  }

  async #bytes(size: number): Promise<Buffer> {
    while (this.#pending.length < size) await this.#more();
    const bytes = this.#pending.subarray(0, size);
    this.#pending = this.#pending.subarray(size);
    return bytes;
  }

  async #more(): Promise<void> {
    const step = await this.#said.next();
    if (step.done === true) throw new Error(`the file server has ended: ${this.#run.stderr().slice(-500)}`);
    this.#pending = Buffer.concat([this.#pending, step.value]);
  }
}
