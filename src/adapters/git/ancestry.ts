import { contradiction } from './git-fault.js';
import type { ObjectReader } from './object-reader.js';
import { parseCommit, resolveCommit } from './resolve-commit.js';
import { collectGit, startGit, type GitCommand } from './spawn-git.js';

/**
 * Whether a commit is another or one that it descends from. Git walks commits unread, so that one replaced in the object
 * store could give a protected branch any ancestor: a yes counts when commits held against their ids lead there.
 * @throws UNKNOWN_REVISION, GIT_FAILED
 */
export async function isAncestor(
  git: GitCommand,
  objects: ObjectReader,
  ancestor: string,
  descendant: string,
): Promise<boolean> {
  const [from, to] = [await resolveCommit(objects, ancestor), await resolveCommit(objects, descendant)];
  if (from.id === to.id) return true;
  const asking = startGit(git, ['merge-base', '--is-ancestor', from.id, to.id]);
  while ((await asking.nextChunk()) !== null);
  if ((await asking.finish([1])) !== 0) return false;
  if (await leadsTo(git, objects, to.id, from.id)) return true;
  throw contradiction('git finds an ancestor to which the commits themselves do not lead');
}

/** Walks from `start` by the parents that the commits really name; only what lies on git's own way is read. */
async function leadsTo(git: GitCommand, objects: ObjectReader, start: string, end: string): Promise<boolean> {
  const listed = await collectGit(git, ['rev-list', '--ancestry-path', `${end}..${start}`, '--']);
  const ids = listed
    .toString('latin1')
    .split('\n')
    .filter((id) => id !== '');
  const parents = await readParents(objects, ids);
  const seen = new Set([start]);
  for (const id of seen) {
    for (const parent of parents.get(id) ?? []) seen.add(parent);
  }
  return seen.has(end);
}

async function readParents(
  objects: ObjectReader,
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const texts = ids.map(() => '');
  await objects.pieces(ids, (index, piece) => {
    texts[index] += piece.toString('latin1');
  });
  return new Map(ids.map((id, index) => [id, parseCommit(id, texts[index] ?? '').parents]));
}
