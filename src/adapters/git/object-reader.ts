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

/** Single objects by name through one long-lived process, one question at a time. */
export class ObjectReader {
  readonly #git: GitCommand;
  #stream: ObjectStream | null;
  #turn: Promise<unknown> = Promise.resolve();
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
    return this.#exclusively(async (stream) => {
      stream.request([name]);
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
    return this.#exclusively(async (stream) => {
      stream.request([id]);
      return stream.bytes(await stream.presentHeader(id), maxBytes);
    });
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
    if (ids.length <= FEW) {
      return this.#exclusively((stream) => {
        stream.request(ids);
        return readPieces(stream, ids, take);
      });
    }
    const stream = ObjectStream.of(this.#git, ids);
    try {
      await readPieces(stream, ids, take);
    } finally {
      await stream.close();
    }
  }

  #keep(name: string, object: GitObject): GitObject {
    if (object.size > KEPT_BYTES || !LASTING_NAME.test(name)) return object;
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= KEPT_OBJECTS && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(name, object);
    return object;
  }

  async close(): Promise<void> {
    await this.#stream?.close();
    this.#stream = null;
  }

  #exclusively<T>(work: (stream: ObjectStream) => Promise<T>): Promise<T> {
    const turn = this.#turn.then(async () => {
      this.#stream ??= ObjectStream.conversing(this.#git);
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

async function readPieces(
  stream: ObjectStream,
  ids: readonly string[],
  take: (index: number, piece: Buffer) => void,
): Promise<void> {
  for (const [index, id] of ids.entries()) {
    await stream.body(await stream.presentHeader(id), (piece) => take(index, piece));
  }
}
