import { contradiction } from './git-fault.js';
import type { ObjectReader } from './object-reader.js';

/** One entry of a tree object, its mode as git speaks of it: 040000, 100644, 100755, 120000 or 160000. */
export interface TreeItem {
  readonly mode: string;
  readonly id: string;
  /** The name's bytes as a latin1 string. */
  readonly name: string;
}

export const FOLDER = '040000';

const SPACE = 0x20;

/**
 * Trees by their ids, each once. The reader holds every object against its id, which git does for no tree that it walks:
 * whoever can write the repository's folder could put another tree under an id, and hide a change so.
 * @throws GIT_FAILED when one is missing or does not hold what its id says
 */
export async function readTrees(
  objects: ObjectReader,
  ids: Iterable<string>,
): Promise<ReadonlyMap<string, readonly TreeItem[]>> {
  const asked = [...new Set(ids)];
  const trees = await objects.readTrees(asked);
  return new Map(asked.map((id, index) => [id, parseTree(trees[index] ?? Buffer.alloc(0), id.length / 2)]));
}

function parseTree(tree: Buffer, idBytes: number): TreeItem[] {
  const items: TreeItem[] = [];
  for (let at = 0; at < tree.length;) {
    const modeEnd = tree.indexOf(SPACE, at);
    const nameEnd = tree.indexOf(0, modeEnd);
    const end = nameEnd + 1 + idBytes;
    if (modeEnd < 0 || nameEnd < 0 || end > tree.length) throw contradiction('a tree of the repository is malformed');
    const mode = plainMode(tree.toString('latin1', at, modeEnd));
    items.push({
      mode,
      id: tree.toString('hex', nameEnd + 1, end),
      name: tree.toString('latin1', modeEnd + 1, nameEnd),
    });
    at = end;
  }
  return items;
}

/** Git reads modes of old or careless writers (100664, 40000) as one of five. */
function plainMode(mode: string): string {
  const bits = Number.parseInt(mode, 8);
  const kind = bits & 0o170000;
  if (kind === 0o100000) return (bits & 0o100) === 0 ? '100644' : '100755';
  if (kind === 0o040000) return FOLDER;
  return kind === 0o120000 ? '120000' : '160000';
}
