import { gitFault } from './git-fault.js';
import { ObjectStream, type ObjectHeader } from './object-stream.js';
import type { GitCommand } from './spawn-git.js';

export interface GitObject extends ObjectHeader {
  readonly bytes: Buffer;
}

const MAX_WHOLE_BYTES = 1 << 28;

/** Few ids are asked of the process that runs already; for many, one of their own in big pieces is quicker. */
export const FEW = 64;

/** A whole id, also as a commit or a tree: what it stands for never changes. */
const LASTING_NAME = /^(?:[0-9a-f]{40}|[0-9a-f]{64})(?:\^\{(?:commit|tree)\})?$/;

/** Objects that are kept, and the most bytes of one: trees, commits and the files of a constitution, not a product. */
const KEPT_OBJECTS = 256;
const KEPT_BYTES = 16_384;

/** Objects that somebody waits for: `read` takes the answer to `names` from the stream, and settles their promise. */
interface Question {
  readonly names: readonly string[];
  readonly read: (stream: ObjectStream) => Promise<void>;
  readonly failed: (error: unknown) => void;
}

/**
 * Single objects by name through one long-lived process. What is asked while it answers goes together in the next
 * writing: waking git costs more than most answers.
 */
export class ObjectReader {
  readonly #git: GitCommand;
  #stream: ObjectStream | null;
  #waiting: Question[] = [];
  #isBusy = false;
  /** Small objects that were read and held against their ids, the oldest first. */
  readonly #kept = new Map<string, GitObject>();

  /** Starts the process at once: it gets ready while the caller does other things. */
  constructor(git: GitCommand) {
    this.#git = git;
    this.#stream = ObjectStream.conversing(git);
  }

  /** The object that a name stands for, null when none does; its bytes are shared. @throws GIT_FAILED, also over 256 MiB */
  async read(name: string): Promise<GitObject | null> {
    const kept = this.#kept.get(name);
    if (kept !== undefined) return kept;
    return this.#ask([name], async (stream) => {
      const header = await stream.header();
      if (header === null) return null;
      const bytes = await stream.bytes(header, MAX_WHOLE_BYTES);
      if (bytes !== null) return this.#keep(name, { ...header, bytes });
      throw gitFault('GIT_FAILED', `object ${header.id} is too big to be read whole: ${header.size} bytes`, {
        mend: 'keep files that Arbiter reads under 256 MiB',
      });
    });
  }

  /** An object by its id, null when it is over `maxBytes`. @throws GIT_FAILED when it is missing */
  readCapped(id: string, maxBytes: number): Promise<Buffer | null> {
    return this.#ask([id], async (stream) => stream.bytes(await stream.presentHeader(id), maxBytes));
  }

  /** Trees by their ids, in order. @throws GIT_FAILED when one is missing */
  async readTrees(ids: readonly string[]): Promise<Buffer[]> {
    const unread = ids.filter((id) => !this.#kept.has(id));
    const read = new Map(ids.map((id) => [id, this.#kept.get(id)?.bytes]));
    const pieces = unread.map((): Buffer[] => []);
    // A piece may be part of a buffer that is used again.
    await this.pieces(unread, (index, piece) => void pieces[index]?.push(Buffer.from(piece)));
    for (const [index, id] of unread.entries()) {
      const bytes = Buffer.concat(pieces[index] ?? []);
      read.set(id, this.#keep(id, { id, type: 'tree', size: bytes.length, bytes }).bytes);
    }
    return ids.map((id) => read.get(id) ?? Buffer.alloc(0));
  }

  /** Hands each object's pieces to `take`, in order. @throws GIT_FAILED when one is missing */
  async pieces(ids: readonly string[], take: (index: number, piece: Buffer) => void): Promise<void> {
    if (ids.length === 0) return;
    if (ids.length <= FEW) return this.#ask(ids, (stream) => readPieces(stream, ids, take));
    const stream = ObjectStream.of(this.#git, ids);
    try {
      await readPieces(stream, ids, take);
    } finally {
      await stream.close();
    }
  }

  #keep(name: string, object: GitObject): GitObject {
    if (object.size > KEPT_BYTES || !LASTING_NAME.test(name)) return object;
    // A tree that was asked for by its commit is soon asked for by its own id.
    for (const known of new Set([name, object.id])) {
      const [oldest] = this.#kept.keys();
      if (this.#kept.size >= KEPT_OBJECTS && oldest !== undefined) this.#kept.delete(oldest);
      this.#kept.set(known, object);
    }
    return object;
  }

  async close(): Promise<void> {
    await this.#stream?.close();
    this.#stream = null;
  }

  #ask<T>(names: readonly string[], answer: (stream: ObjectStream) => Promise<T>): Promise<T> {
    return new Promise<T>((done, failed) => {
      const read = async (stream: ObjectStream): Promise<void> => done(await answer(stream));
      this.#waiting.push({ names, read, failed });
      if (this.#isBusy) return;
      this.#isBusy = true;
      // At the end of this turn, so that what is asked in one turn goes together.
      queueMicrotask(() => void this.#answerAll());
    });
  }

  async #answerAll(): Promise<void> {
    while (this.#waiting.length > 0) await this.#answer(this.#takeSome());
    this.#isBusy = false;
  }

  /** The first that waits, and as many more as the pipe takes without waiting. */
  #takeSome(): readonly Question[] {
    let count = 0;
    let names = 0;
    for (const question of this.#waiting) {
      names += question.names.length;
      if (count > 0 && names > FEW) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #answer(questions: readonly Question[]): Promise<void> {
    for (const [index, { read, failed }] of questions.entries()) {
      try {
        this.#stream ??= ObjectStream.conversing(this.#git);
        if (index === 0) this.#stream.request(questions.flatMap(({ names }) => names));
        await read(this.#stream);
      } catch (error) {
        // After a fault the answers and the questions no longer match: those left are asked again, of a fresh process.
        this.#waiting.unshift(...questions.slice(index + 1));
        await this.close();
        failed(error);
        return;
      }
    }
  }
}

async function readPieces(
  stream: ObjectStream,
  ids: readonly string[],
  take: (index: number, piece: Buffer) => void,
): Promise<void> {
  for (const [index, id] of ids.entries()) {
    await stream.body(await stream.presentHeader(id), (piece) => take(index, piece));
  }
}
