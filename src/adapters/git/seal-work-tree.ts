import { lstatSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BlobWriter } from './blob-writer.js';
import { isFsError } from './fs-error.js';
import { gitFault } from './git-fault.js';
import { listWorkTree, type TrackedEntry } from './list-work-tree.js';
import { repositoryAt, type Repository } from './locate-repository.js';
import { makePrivateIndex, writeTree } from './private-index.js';
import { blobId, readBigFile, readWorkFile, unreadable, type WorkFile } from './read-work-file.js';
import { collectGit, type GitCommand } from './spawn-git.js';
import { checkTreePath } from './tree-path.js';

const SUBMODULE = '160000';
const FILES_A_TURN = 64;
const SLASH = 0x2f;

export interface WorkTree {
  readonly repository: Repository;
  /** Tree of the repository's HEAD, null before the first commit. */
  readonly headTree: string | null;
  /** Commit of a nested repository, whose work tree must hold just that. @throws GIT_FAILED when it does not */
  readonly sealNested: (nested: Repository) => Promise<string>;
}

/**
 * Writes the work tree as it is on disk as a tree: files neither tracked nor ignored are in it, deleted ones are not,
 * executable bits and symlinks count, and no filter, index flag or time stamp is asked. A nested repository or submodule
 * is recorded as the commit of its HEAD and must hold nothing beyond; a submodule that is not checked out stays as it was.
 * @throws GIT_FAILED for a bare repository, an unreadable or unstable file, a nested repository that is dirty or empty
 */
export async function sealWorkTree(git: GitCommand, workTree: WorkTree): Promise<string> {
  const { repository, headTree } = workTree;
  if (repository.bare) {
    throw gitFault('GIT_FAILED', 'a bare repository has no work tree', {
      mend: 'name a commit (--head), or run in a clone with a work tree',
      place: { file: repository.root },
    });
  }
  const index = await makePrivateIndex(git, headTree);
  const paths = await listWorkTree(git, repository, headTree, index);
  const sealing = new Sealing(git, workTree);
  try {
    const changes = await sealing.seal(paths);
    if (changes.length > 0) {
      await collectGit(git, ['update-index', '-z', '--index-info'], { ...index, input: Buffer.concat(changes) });
    }
  } finally {
    await sealing.close();
  }
  return writeTree(git, index);
}

/** The work of one sealing: reads each path once and writes what the repository does not hold yet. */
class Sealing {
  readonly #workTree: WorkTree;
  readonly #blobs: BlobWriter;
  readonly #root: Buffer;
  readonly #folders = new Map<string, boolean>();

  constructor(git: GitCommand, workTree: WorkTree) {
    this.#workTree = workTree;
    this.#blobs = new BlobWriter(git);
    this.#root = Buffer.from(`${workTree.repository.root}/`);
  }

  /** Lines for `update-index --index-info`: what is gone first, so that a file may take a folder's place. */
  async seal(paths: ReadonlyMap<string, TrackedEntry | null>): Promise<Buffer[]> {
    const gone: Buffer[] = [];
    const come: Buffer[] = [];
    let count = 0;
    for (const [path, tracked] of paths) {
      const entry = await this.#entryAt(Buffer.from(path, 'latin1'), tracked);
      if (entry === null && tracked !== null) gone.push(indexLine('0', '0'.repeat(tracked.id.length), path));
      if (entry !== null && (entry.id !== tracked?.id || entry.mode !== tracked.mode)) {
        come.push(indexLine(entry.mode, entry.id, path));
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
    if (file.kind === 'folder') return this.#nested(full, tracked);
    if (file.kind === 'big') return { mode: file.mode, id: await this.#writeBig(full, file.size, tracked) };
    const id = blobId(this.#workTree.repository.objectFormat, file.bytes);
    if (id !== tracked?.id) await this.#blobs.write(file.bytes);
    return { mode: file.mode, id };
  }

  async #writeBig(path: Buffer, size: number, tracked: TrackedEntry | null): Promise<string> {
    const { objectFormat } = this.#workTree.repository;
    if (tracked !== null && (await readBigFile(path, size, objectFormat, async () => undefined)) === tracked.id) {
      return tracked.id;
    }
    await this.#blobs.begin(size);
    const id = await readBigFile(path, size, objectFormat, (piece) => this.#blobs.piece(piece));
    await this.#blobs.end();
    return id;
  }

  async #nested(path: Buffer, tracked: TrackedEntry | null): Promise<TrackedEntry | null> {
    const nested = repositoryAt(path.toString('utf8'));
    if (nested !== null && !nested.bare) return { mode: SUBMODULE, id: await this.#workTree.sealNested(nested) };
    return tracked?.mode === SUBMODULE ? tracked : null;
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

function indexLine(mode: string, id: string, path: string): Buffer {
  return Buffer.from(`${mode} ${id}\t${path}\0`, 'latin1');
}
