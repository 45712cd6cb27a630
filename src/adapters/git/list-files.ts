import { comparePaths } from '../../core/caws/path-bytes.js';
import type { TreeEntry } from '../../ports/git.js';
import { gitFault } from './git-fault.js';
import type { ObjectReader } from './object-reader.js';
import { checkRevision } from './resolve-commit.js';
import { readPath, writePath } from './path-text.js';
import { FOLDER, readTrees, type TreeItem } from './read-trees.js';

/** Splits NUL-ended records; none gives an empty list. */
export function* nulRecords(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(0, at);
    yield bytes.subarray(at, end < 0 ? undefined : end);
    at = end < 0 ? bytes.length : end + 1;
  }
}

/** A thing of a tree with its whole path, as a latin1 string. */
type Placed = TreeItem & { readonly path: string };

/**
 * Files of a commit or tree in byte order, submodules included. `prefix` is a folder or a file, '' for all; a prefix
 * that is absent gives an empty list. Every tree on the way is held against its id.
 * @throws UNKNOWN_REVISION, GIT_FAILED
 */
export async function listFiles(objects: ObjectReader, treeish: string, prefix: string): Promise<readonly TreeEntry[]> {
  const top = await objects.read(`${checkRevision(treeish)}^{tree}`);
  if (top === null) {
    throw gitFault('UNKNOWN_REVISION', `"${treeish}" names no tree here`, { mend: 'name a commit or a tree' });
  }
  let level: Placed[] = [{ mode: FOLDER, id: top.id, name: '', path: '' }];
  for (const name of prefix.split('/').filter((part) => part !== '')) {
    const wanted = writePath(name).toString('latin1');
    level = (await openFolders(objects, level)).filter((item) => item.name === wanted);
  }
  const found: TreeEntry[] = [];
  while (level.length > 0) {
    for (const { mode, id, path } of level) {
      if (mode !== FOLDER) found.push({ mode, blob: id, path: readPath(Buffer.from(path, 'latin1'), path) });
    }
    level = await openFolders(objects, level);
  }
  return found.sort((a, b) => comparePaths(a.path, b.path));
}

/** Every entry of a tree that is no folder, keyed by its path's bytes as a latin1 string. @throws GIT_FAILED */
export async function listEntries(objects: ObjectReader, tree: string): Promise<Map<string, TreeItem>> {
  const found = new Map<string, TreeItem>();
  let level: Placed[] = [{ mode: FOLDER, id: tree, name: '', path: '' }];
  while (level.length > 0) {
    for (const item of level) if (item.mode !== FOLDER) found.set(item.path, item);
    level = await openFolders(objects, level);
  }
  return found;
}

async function openFolders(objects: ObjectReader, level: readonly Placed[]): Promise<Placed[]> {
  const folders = level.filter(({ mode }) => mode === FOLDER);
  const trees = await readTrees(
    objects,
    folders.map(({ id }) => id),
  );
  return folders.flatMap(({ id, path }) =>
    (trees.get(id) ?? []).map((item) => ({ ...item, path: path === '' ? item.name : `${path}/${item.name}` })),
  );
}
