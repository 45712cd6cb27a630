import { createHash } from 'node:crypto';
import { ByteSource } from './byte-source.js';
import { gitFault } from './git-fault.js';
import type { GitProcess } from './git-process.js';
import { startGit, type GitCommand } from './spawn-git.js';

export interface ObjectHeader {
  readonly id: string;
  readonly type: string;
  readonly size: number;
}

const NEWLINE = 0x0a;
const HEADER_CAP = 65_536;

/**
 * One `git cat-file --batch` process: names go in, headers and bodies come out in the same order. Every body is hashed
 * and compared with its id, for git itself believes its object store unread.
 */
export class ObjectStream {
  readonly #process: GitProcess;
  readonly #source: ByteSource;

  private constructor(git: GitCommand, options: readonly string[]) {
    this.#process = startGit(git, ['cat-file', '--batch', ...options], { stdin: 'pipe' });
    this.#source = new ByteSource(() => this.#process.nextChunk());
  }

  /** A process that answers each question at once, for as long as it is asked. */
  static conversing(git: GitCommand): ObjectStream {
    return new ObjectStream(git, []);
  }

  /** A process that gives these objects, in big pieces, and ends. Git waits when nobody reads. */
  static of(git: GitCommand, ids: readonly string[]): ObjectStream {
    const stream = new ObjectStream(git, ['--buffer']);
    stream.request(ids);
    stream.#process.endInput();
    return stream;
  }

  /** Asks for objects by name; a name holds no newline. */
  request(names: readonly string[]): void {
    this.#process.send(names.map((name) => `${name}\n`).join(''));
  }

  /** The header of the next object, null when the name asked for stands for nothing. @throws GIT_FAILED, GIT_TIMEOUT */
  async header(): Promise<ObjectHeader | null> {
    const line = this.#source.recordAtHand(NEWLINE) ?? (await this.#source.record(NEWLINE, HEADER_CAP));
    if (line === null) return this.#ended();
    const said = line.bytes.toString('latin1');
    const [, id, type, size] = /^([0-9a-f]{40,64}) (blob|tree|commit|tag) (\d+)$/.exec(said) ?? [];
    return id === undefined || type === undefined ? null : { id, type, size: Number(size) };
  }

  /** The next header, which must stand for `id`. @throws GIT_FAILED when the object is missing */
  async presentHeader(id: string): Promise<ObjectHeader> {
    const header = await this.header();
    if (header !== null) return header;
    throw gitFault('GIT_FAILED', `object ${id} is missing from the repository`, {
      mend: 'in a partial or shallow clone fetch it first (git fetch --refetch), else run git fsck',
    });
  }

  /** Gives the body of the object whose header was just read to `take`. @throws GIT_FAILED when it is not what its id says */
  async body(header: ObjectHeader, take: (piece: Buffer) => void): Promise<void> {
    const hash = createHash(header.id.length === 40 ? 'sha1' : 'sha256').update(`${header.type} ${header.size}\0`);
    const whole = await this.#source.pieces(header.size, (piece) => {
      hash.update(piece);
      take(piece);
    });
    if (!whole || !(await this.#source.pieces(1, () => undefined))) await this.#ended();
    if (hash.digest('hex') !== header.id) {
      throw gitFault('GIT_FAILED', `object ${header.id} does not hold what its id says`, {
        mend: 'the object store is damaged or was tampered with: run git fsck, clone again',
      });
    }
  }

  /** The body as bytes of their own, null when it is over `maxBytes` (it is then read and dropped). */
  async bytes(header: ObjectHeader, maxBytes: number): Promise<Buffer | null> {
    const bytes = header.size <= maxBytes ? Buffer.allocUnsafeSlow(header.size) : null;
    let at = 0;
    await this.body(header, (piece) => {
      if (bytes !== null) at += piece.copy(bytes, at);
    });
    return bytes;
  }

  /** Ends the process. */
  async close(): Promise<void> {
    await this.#process.kill();
  }

  async #ended(): Promise<never> {
    await this.#process.finish();
    throw gitFault('GIT_FAILED', 'git cat-file ended before it had answered', {
      mend: 'run git fsck in the repository',
    });
  }
}
