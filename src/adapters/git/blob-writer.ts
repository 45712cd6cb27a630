import type { GitProcess } from './git-process.js';
import { startGit, type GitCommand } from './spawn-git.js';

/** Writes blobs into the private object store, as one pack, through one process that starts with the first blob. */
export class BlobWriter {
  readonly #git: GitCommand;
  #process: GitProcess | null = null;

  constructor(git: GitCommand) {
    this.#git = git;
  }

  async write(bytes: Buffer): Promise<void> {
    await this.begin(bytes.length);
    await this.piece(bytes);
    await this.end();
  }

  /** Announces a blob of exactly `size` bytes, to come by `piece`. */
  async begin(size: number): Promise<void> {
    this.#process ??= startGit(this.#git, ['fast-import', '--quiet', '--done', '--depth=0'], { stdin: 'pipe' });
    await this.#process.sendAll(`blob\ndata ${size}\n`);
  }

  async piece(bytes: Buffer): Promise<void> {
    await this.#process?.sendAll(bytes);
  }

  async end(): Promise<void> {
    await this.#process?.sendAll('\n');
  }

  /** Completes the pack. Without a blob there is nothing to do. @throws GIT_FAILED */
  async finish(): Promise<void> {
    if (this.#process === null) return;
    this.#process.send('done\n');
    this.#process.endInput();
    while ((await this.#process.nextChunk()) !== null);
    await this.#process.finish();
  }

  /** Ends the process, also in the middle. */
  async close(): Promise<void> {
    await this.#process?.kill();
  }
}
