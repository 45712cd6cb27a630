import { gitFault } from './git-fault.js';
import type { ObjectReader } from './object-reader.js';
import { checkRevision } from './resolve-commit.js';
import { writePath } from './path-text.js';

interface Entry {
  readonly mode: string;
  readonly id: string;
}

const SPACE = 0x20;
const SLASH = 0x2f;

/** The entry of a tree object under exactly this name, null when there is none. */
function entryOf(tree: Buffer, name: Uint8Array, idBytes: number): Entry | null {
  for (let at = 0; at < tree.length;) {
    const modeEnd = tree.indexOf(SPACE, at);
    const nameEnd = tree.indexOf(0, modeEnd);
    if (modeEnd < 0 || nameEnd < 0) break;
    const end = nameEnd + 1 + idBytes;
    if (tree.subarray(modeEnd + 1, nameEnd).equals(name)) {
      return { mode: tree.toString('latin1', at, modeEnd), id: tree.toString('hex', nameEnd + 1, end) };
    }
    at = end;
  }
  return null;
}

function segments(path: string): Uint8Array[] {
  const bytes = writePath(path);
  const found: Uint8Array[] = [];
  for (let at = 0; at <= bytes.length;) {
    const slash = bytes.indexOf(SLASH, at);
    const end = slash < 0 ? bytes.length : slash;
    found.push(bytes.subarray(at, end));
    at = end + 1;
  }
  return found;
}

const isTree = (mode: string): boolean => mode === '40000' || mode === '040000';
const isRegular = (mode: string): boolean => mode.startsWith('100');

/**
 * The bytes of a regular file of a commit or tree, null when the path is absent.
 * @throws UNKNOWN_REVISION, GIT_FAILED when the path is a folder, a symlink or a submodule
 */
export async function readFileOf(objects: ObjectReader, treeish: string, path: string): Promise<Uint8Array | null> {
  let tree = await objects.read(`${checkRevision(treeish)}^{tree}`);
  if (tree === null)
    throw gitFault('UNKNOWN_REVISION', `"${treeish}" names no tree here`, { mend: 'name a commit or a tree' });
  const names = segments(path);
  for (const [index, name] of names.entries()) {
    const entry = entryOf(tree.bytes, name, tree.id.length / 2);
    const isLast = index === names.length - 1;
    if (entry === null || (!isLast && !isTree(entry.mode))) return null;
    if (isLast && !isRegular(entry.mode)) throw notRegular(path, entry.mode);
    tree = await objects.read(entry.id);
    if (tree === null) throw missing(path, entry.id);
  }
  return tree.bytes;
}

function notRegular(path: string, mode: string): Error {
  return gitFault('GIT_FAILED', `not a regular file (mode ${mode})`, {
    mend: 'put a regular file there, not a folder, symlink or submodule',
    place: { file: path },
  });
}

function missing(path: string, id: string): Error {
  return gitFault('GIT_FAILED', `object ${id} is missing from the repository`, {
    mend: 'in a partial clone fetch it first (git fetch --refetch), else run git fsck',
    place: { file: path },
  });
}
