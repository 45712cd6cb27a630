import { nameObject, type NewObject } from './loose-objects.js';
import type { ObjectReader } from './object-reader.js';
import { FOLDER, readTrees, type TreeItem } from './read-trees.js';

/** What shall stand at a path (its bytes as a latin1 string); null: nothing. */
export interface TreeEdit {
  readonly path: string;
  readonly entry: { readonly mode: string; readonly id: string } | null;
}

/** Edits of one folder: of its own entries, and of what lies below them. */
interface Branch {
  readonly entries: Map<string, TreeEdit['entry']>;
  readonly folders: Map<string, Branch>;
}

/** Where new trees go; called with each before the tree that holds it. */
export type KeepObject = (object: NewObject) => Promise<void>;

/**
 * The tree that holds what `base` (null: nothing) holds, but for the edits; its id. Trees are read held against their
 * ids, and only where something is edited. A folder that is left empty is gone. A file may take a folder's place, and
 * the other way round, when the edits also take away what stood there. @throws GIT_FAILED
 */
export async function editTree(
  objects: ObjectReader,
  base: string | null,
  edits: readonly TreeEdit[],
  options: { readonly format: 'sha1' | 'sha256'; readonly keep: KeepObject },
): Promise<string> {
  const top: Branch = { entries: new Map(), folders: new Map() };
  for (const edit of edits) place(top, edit);
  const edited = await editBranch(objects, base, top, options);
  if (edited !== null) return edited;
  const empty = nameObject(options.format, 'tree', new Uint8Array());
  await options.keep(empty);
  return empty.id;
}

function place(top: Branch, { path, entry }: TreeEdit): void {
  const names = path.split('/');
  const last = names.pop() ?? '';
  let branch = top;
  for (const name of names) {
    const next: Branch = branch.folders.get(name) ?? { entries: new Map(), folders: new Map() };
    branch.folders.set(name, next);
    branch = next;
  }
  branch.entries.set(last, entry);
}

async function editBranch(
  objects: ObjectReader,
  tree: string | null,
  branch: Branch,
  options: { readonly format: 'sha1' | 'sha256'; readonly keep: KeepObject },
): Promise<string | null> {
  const before = tree === null ? [] : ((await readTrees(objects, [tree])).get(tree) ?? []);
  const items = new Map<string, TreeItem>(before.map((item) => [item.name, item]));
  const folders = new Map(before.filter((item) => item.mode === FOLDER).map((item) => [item.name, item.id]));
  // What goes comes first, what comes last: a name may be both, where a file and a folder change places.
  for (const [name, entry] of branch.entries) if (entry === null) items.delete(name);
  for (const [name, below] of branch.folders) {
    const id = await editBranch(objects, folders.get(name) ?? null, below, options);
    if (id === null) items.delete(name);
    else items.set(name, { mode: FOLDER, id, name });
  }
  for (const [name, entry] of branch.entries) if (entry !== null) items.set(name, { ...entry, name });
  if (items.size === 0) return null;
  const made = nameObject(options.format, 'tree', treeBytes([...items.values()]));
  if (made.id !== tree) await options.keep(made);
  return made.id;
}

/** Git sorts a folder as if its name ended in a slash. */
function treeBytes(items: readonly TreeItem[]): Buffer {
  const keyOf = (item: TreeItem): string => (item.mode === FOLDER ? `${item.name}/` : item.name);
  const sorted = items.map((item) => ({ item, key: keyOf(item) })).sort((a, b) => (a.key < b.key ? -1 : 1));
  return Buffer.concat(
    sorted.map(({ item }) =>
      Buffer.concat([
        Buffer.from(`${item.mode.replace(/^0/, '')} ${item.name}\0`, 'latin1'),
        Buffer.from(item.id, 'hex'),
      ]),
    ),
  );
}
