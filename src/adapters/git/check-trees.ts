import { contradiction } from './git-fault.js';
import type { ObjectReader } from './object-reader.js';
import type { RawEntry } from './raw-diff.js';
import { FOLDER, readTrees, type TreeItem } from './read-trees.js';

type Sides = Pick<RawEntry, 'oldMode' | 'newMode' | 'oldBlob' | 'newBlob'>;

/** A folder that differs: the trees on both sides, null where there is none. */
interface Pair {
  readonly folder: string;
  readonly before: string | null;
  readonly after: string | null;
}

const NONE = '000000';

/**
 * Compares what git said differs between two trees with what their own bytes say, read and held against their ids: git
 * walks trees unread, and one that was replaced in the object store would hide a change from it.
 * @throws GIT_FAILED when a tree is not what its id says, or when the two answers differ
 */
export async function checkTrees(
  objects: ObjectReader,
  trees: { readonly before: string; readonly after: string },
  entries: readonly RawEntry[],
): Promise<void> {
  const expected = await differencesOf(objects, trees);
  const said = new Set(entries.map((entry) => lineOf(entry.rawPath, entry)));
  if (expected.size === said.size && [...expected].every((line) => said.has(line))) return;
  throw contradiction('git finds other differences than the trees themselves hold');
}

async function differencesOf(
  objects: ObjectReader,
  { before, after }: { readonly before: string; readonly after: string },
): Promise<Set<string>> {
  const found = new Set<string>();
  let level: Pair[] = before === after ? [] : [{ folder: '', before, after }];
  while (level.length > 0) {
    const trees = await readTrees(
      objects,
      level.flatMap((pair) => [pair.before, pair.after]).filter((id) => id !== null),
    );
    const itemsOf = (id: string | null): readonly TreeItem[] => (id === null ? [] : (trees.get(id) ?? []));
    level = level.flatMap((pair) => compare(pair.folder, itemsOf(pair.before), itemsOf(pair.after), found));
  }
  return found;
}

/** Adds the files that differ to `found` and gives the folders that do. */
function compare(folder: string, before: readonly TreeItem[], after: readonly TreeItem[], found: Set<string>): Pair[] {
  const old = new Map(before.map((item) => [item.name, item]));
  const now = new Map(after.map((item) => [item.name, item]));
  if (old.size !== before.length || now.size !== after.length) throw contradiction('a tree holds a name twice');
  const folders: Pair[] = [];
  for (const name of new Set([...old.keys(), ...now.keys()])) {
    const [was, is] = [old.get(name), now.get(name)];
    if (was?.id === is?.id && was?.mode === is?.mode) continue;
    const path = `${folder}${name}`;
    const [oldFile, newFile] = [fileOf(was), fileOf(is)];
    if (oldFile !== null || newFile !== null) {
      const none = '0'.repeat((oldFile ?? newFile)?.id.length ?? 0);
      found.add(
        lineOf(path, {
          oldMode: oldFile?.mode ?? NONE,
          newMode: newFile?.mode ?? NONE,
          oldBlob: oldFile?.id ?? none,
          newBlob: newFile?.id ?? none,
        }),
      );
    }
    const pair = { folder: `${path}/`, before: folderOf(was), after: folderOf(is) };
    if (pair.before !== null || pair.after !== null) folders.push(pair);
  }
  return folders;
}

const fileOf = (item: TreeItem | undefined): TreeItem | null =>
  item === undefined || item.mode === FOLDER ? null : item;

const folderOf = (item: TreeItem | undefined): string | null => (item?.mode === FOLDER ? item.id : null);

function lineOf(path: string, { oldMode, newMode, oldBlob, newBlob }: Sides): string {
  return `${oldMode} ${newMode} ${oldBlob} ${newBlob}\t${path}`;
}
