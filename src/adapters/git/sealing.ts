import { lstatSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BlobWriter } from './blob-writer.js';
import type { TreeEdit } from './edit-tree.js';
import { isFsError } from './fs-error.js';
import { gitFault } from './git-fault.js';
import type { TrackedEntry } from './list-work-tree.js';
import { blobId, readBigFile, readWorkFile, unreadable, type WorkFile } from './read-work-file.js';
import type { GitCommand } from './spawn-git.js';
import { checkTreePath } from './tree-path.js';

const FILES_A_TURN = 64;
const SLASH = 0x2f;

/** What is sealed, and how much of it. */
export interface SealedPlace {
  readonly root: string;
  readonly objectFormat: 'sha1' | 'sha256';
  /** What stands for a folder where a file, a submodule or a nested repository is expected; null: nothing. */
  folderEntry(path: Buffer, tracked: TrackedEntry | null): Promise<TrackedEntry | null>;
  /** Bytes of one file, and of all new contents together. */
  readonly limits: { readonly fileBytes: number; readonly newBytes: number };
}

/** The work of one sealing: reads each path once and writes what the repository does not hold yet. */
export class Sealing {
  readonly #place: SealedPlace;
  readonly #blobs: BlobWriter;
  readonly #root: Buffer;
  readonly #folders = new Map<string, boolean>();
  #newBytes = 0;

  constructor(git: GitCommand, place: SealedPlace) {
    this.#place = place;
    this.#blobs = new BlobWriter(git);
    this.#root = Buffer.from(`${place.root}/`);
  }

  /** What differs: first what is gone, so that a file may take a folder's place. */
  async seal(paths: ReadonlyMap<string, TrackedEntry | null>): Promise<TreeEdit[]> {
    const gone: TreeEdit[] = [];
    const come: TreeEdit[] = [];
    let count = 0;
    for (const [path, tracked] of paths) {
      const entry = await this.#entryAt(Buffer.from(path, 'latin1'), tracked);
      if (entry === null && tracked !== null) gone.push({ path, entry: null });
      if (entry !== null && (entry.id !== tracked?.id || entry.mode !== tracked.mode)) {
        come.push({ path, entry });
      }
      count += 1;
      if (count % FILES_A_TURN === 0) await nextTurn();
    }
    await this.#blobs.finish();
    return [...gone, ...come];
  }

  async close(): Promise<void> {
    await this.#blobs.close();
  }

  async #entryAt(path: Buffer, tracked: TrackedEntry | null): Promise<TrackedEntry | null> {
    const full = Buffer.concat([this.#root, checkTreePath(path)]);
    const file: WorkFile = this.#hasRealParents(path) ? readWorkFile(full) : { kind: 'absent' };
    if (file.kind === 'absent') return null;
    if (file.kind === 'folder') return this.#place.folderEntry(full, tracked);
    if (file.kind === 'big') return { mode: file.mode, id: await this.#writeBig(full, file.size, tracked) };
    const id = blobId(this.#place.objectFormat, file.bytes);
    if (id === tracked?.id) return { mode: file.mode, id };
    this.#allow(full, file.bytes.length);
    await this.#blobs.write(file.bytes);
    return { mode: file.mode, id };
  }

  async #writeBig(path: Buffer, size: number, tracked: TrackedEntry | null): Promise<string> {
    const { objectFormat } = this.#place;
    if (tracked !== null && (await readBigFile(path, size, objectFormat, async () => undefined)) === tracked.id) {
      return tracked.id;
    }
    this.#allow(path, size);
    await this.#blobs.begin(size);
    const id = await readBigFile(path, size, objectFormat, (piece) => this.#blobs.piece(piece));
    await this.#blobs.end();
    return id;
  }

  #allow(path: Buffer, size: number): void {
    const { fileBytes, newBytes } = this.#place.limits;
    this.#newBytes += size;
    if (size <= fileBytes && this.#newBytes <= newBytes) return;
    const what = size > fileBytes ? `a file of ${size} bytes` : `more than ${newBytes} bytes of new contents`;
    throw gitFault('GIT_FAILED', `there is ${what}, which is more than a change may hold`, {
      mend: 'take big files out of the change, or name them in .gitignore',
      place: { file: path.toString('utf8') },
    });
  }

  /** False when a folder above the path is a symlink or gone: what lies beyond it is not in this work tree. */
  #hasRealParents(path: Buffer): boolean {
    const slash = path.lastIndexOf(SLASH);
    if (slash < 0) return true;
    const parent = path.subarray(0, slash);
    const key = parent.toString('latin1');
    const known =
      this.#folders.get(key) ?? (this.#hasRealParents(parent) && isRealFolder(Buffer.concat([this.#root, parent])));
    this.#folders.set(key, known);
    return known;
  }
}

function isRealFolder(path: Buffer): boolean {
  try {
    return lstatSync(path).isDirectory();
  } catch (error) {
    if (isFsError(error, 'ENOENT', 'ENOTDIR')) return false;
    throw isFsError(error) ? unreadable(path, error) : error;
  }
}
