import { closeSync, constants, fchmodSync, mkdirSync, openSync, readdirSync, symlinkSync, writeSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TreeEntry } from '../../ports/git.js';
import { isFsError } from './fs-error.js';
import { gitFault } from './git-fault.js';
import { listFiles } from './list-files.js';
import type { ObjectReader } from './object-reader.js';
import { ObjectStream, type ObjectHeader } from './object-stream.js';
import type { GitCommand } from './spawn-git.js';
import { checkTreePath } from './tree-path.js';
import { writePath } from './path-text.js';

const SLASH = 0x2f;
const SYMLINK = '120000';
const SUBMODULE = '160000';
const FILES_A_TURN = 64;
const LINK_TARGET_CAP = 4_096;

/** Where each path of a tree goes, and its folders, each named once and before what it holds. */
class Destination {
  readonly #root: Buffer;
  readonly #made = new Set<string>();

  constructor(root: string) {
    this.#root = Buffer.from(`${root}/`);
  }

  pathOf(entry: TreeEntry): Buffer {
    return Buffer.concat([this.#root, checkTreePath(writePath(entry.path))]);
  }

  /** Makes every folder above `path`; the path itself too when it is one. */
  makeFolders(path: Buffer, isFolder: boolean): void {
    for (let at = path.indexOf(SLASH, this.#root.length); at >= 0; at = path.indexOf(SLASH, at + 1)) {
      this.#make(path.subarray(0, at));
    }
    if (isFolder) this.#make(path);
  }

  #make(path: Buffer): void {
    const key = path.toString('latin1');
    if (this.#made.has(key)) return;
    this.#made.add(key);
    mkdirSync(path);
  }
}

function requireEmpty(directory: string): void {
  if (readdirSync(directory).length === 0) return;
  throw gitFault('GIT_FAILED', 'the directory to check out into is not empty', {
    mend: 'give an empty directory',
    place: { file: directory },
  });
}

async function writeFile(
  stream: ObjectStream,
  header: ObjectHeader,
  path: Buffer,
  isExecutable: boolean,
): Promise<void> {
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW);
  try {
    await stream.body(header, (piece) => {
      for (let at = 0; at < piece.length;) at += writeSync(file, piece, at);
    });
    fchmodSync(file, isExecutable ? 0o755 : 0o644);
  } finally {
    closeSync(file);
  }
}

/**
 * Writes a tree as plain files into an empty directory: bytes as the blobs hold them, 0644 or 0755, submodules as empty
 * folders. Folders come first and symlinks last, so that nothing is ever written through a link, whatever the tree says.
 * @throws UNKNOWN_REVISION, GIT_FAILED also for a path that leads out of the directory or stands twice in the tree
 */
export async function checkOut(
  git: GitCommand,
  objects: ObjectReader,
  treeish: string,
  directory: string,
): Promise<void> {
  const entries = await listFiles(objects, treeish, '');
  try {
    const root = await realpath(directory);
    requireEmpty(root);
    await writeEntries(git, entries, new Destination(root));
  } catch (error) {
    if (!isFsError(error)) throw error;
    throw gitFault('GIT_FAILED', `cannot write the tree: ${error.message}`, {
      mend: 'check the space and the rights in the directory, and that no path stands twice in the tree',
      place: { file: directory },
      cause: error,
    });
  }
}

async function writeEntries(git: GitCommand, entries: readonly TreeEntry[], to: Destination): Promise<void> {
  for (const entry of entries) to.makeFolders(to.pathOf(entry), entry.mode === SUBMODULE);
  const files = entries.filter(({ mode }) => mode !== SUBMODULE && mode !== SYMLINK);
  const links = entries.filter(({ mode }) => mode === SYMLINK);
  const stream = ObjectStream.of(
    git,
    [...files, ...links].map(({ blob }) => blob),
  );
  try {
    for (const [index, file] of files.entries()) {
      await writeFile(stream, await stream.presentHeader(file.blob), to.pathOf(file), file.mode === '100755');
      if (index % FILES_A_TURN === 0) await nextTurn();
    }
    for (const link of links) {
      symlinkSync(await readTarget(stream, link), to.pathOf(link));
    }
  } finally {
    await stream.close();
  }
}

async function readTarget(stream: ObjectStream, link: TreeEntry): Promise<Buffer> {
  const target = await stream.bytes(await stream.presentHeader(link.blob), LINK_TARGET_CAP);
  if (target !== null) return target;
  throw gitFault('GIT_FAILED', 'a symlink has a target longer than any path', {
    mend: 'take it out of the tree',
    place: { file: link.path },
  });
}
