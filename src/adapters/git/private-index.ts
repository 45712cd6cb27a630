import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { collectGit, type GitCommand } from './spawn-git.js';

/** An index file of our own in the private GIT_DIR, as the environment of the calls that work on it. */
export interface PrivateIndex {
  readonly env: { readonly GIT_INDEX_FILE: string };
}

/** An index that holds the tree; an empty one for null. @throws GIT_FAILED */
export async function makePrivateIndex(git: GitCommand, tree: string | null): Promise<PrivateIndex> {
  const index = { env: { GIT_INDEX_FILE: join(git.cwd, `index-${randomUUID()}`) } };
  if (tree !== null) await collectGit(git, ['read-tree', tree], index);
  return index;
}

/** The tree that the index holds, by id. Objects of an untouched part may be missing, as in a partial clone. */
export async function writeTree(git: GitCommand, index: PrivateIndex): Promise<string> {
  return (await collectGit(git, ['write-tree', '--missing-ok'], index)).toString('utf8').trim();
}
