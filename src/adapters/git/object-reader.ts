import { gitFault } from './git-fault.js';
import { ObjectStream, readInOrder, type ObjectHeader } from './object-stream.js';
import type { GitCommand } from './spawn-git.js';

export interface GitObject extends ObjectHeader {
  readonly bytes: Buffer;
}

const MAX_WHOLE_BYTES = 1 << 28;

/** Single objects by name through one long-lived process, one question at a time. Opened at the first question. */
export class ObjectReader {
  readonly #git: GitCommand;
  #stream: ObjectStream | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(git: GitCommand) {
    this.#git = git;
  }

  /** The object that a name stands for, null when none does. @throws GIT_FAILED, also over 256 MiB */
  read(name: string): Promise<GitObject | null> {
    return this.#exclusively(async (stream) => {
      stream.request([name]);
      const header = await stream.header();
      if (header === null) return null;
      const bytes = await stream.bytes(header, MAX_WHOLE_BYTES);
      if (bytes !== null) return { ...header, bytes };
      throw gitFault('GIT_FAILED', `object ${header.id} is too big to be read whole: ${header.size} bytes`, {
        mend: 'keep files that Arbiter reads under 256 MiB',
      });
    });
  }

  /** Hands each object's pieces to `take`, in order. @throws GIT_FAILED when one is missing */
  pieces(ids: readonly string[], take: (index: number, piece: Buffer) => void): Promise<void> {
    return this.#exclusively((stream) =>
      readInOrder(stream, ids, (header, index) => stream.body(header, (piece) => take(index, piece))),
    );
  }

  async close(): Promise<void> {
    await this.#stream?.close();
    this.#stream = null;
  }

  #exclusively<T>(work: (stream: ObjectStream) => Promise<T>): Promise<T> {
    const turn = this.#turn.then(async () => {
      this.#stream ??= new ObjectStream(this.#git);
      try {
        return await work(this.#stream);
      } catch (error) {
        // After a fault the answers and the questions no longer match: the next question gets a fresh process.
        await this.close();
        throw error;
      }
    });
    // The next in turn must run whether this one failed or not; its failure is told to the one who asked.
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}
