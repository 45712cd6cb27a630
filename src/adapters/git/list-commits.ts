import type { CommitDetail } from '../../ports/git.js';
import { readCommitDetail } from './commit-object.js';
import { gitFault } from './git-fault.js';
import type { ObjectReader } from './object-reader.js';
import { readPath } from './path-text.js';
import { readTrees, type TreeItem } from './read-trees.js';
import { checkRevision } from './resolve-commit.js';
import { collectGit, type GitCommand } from './spawn-git.js';

/**
 * Commits that `head` has and `base` does not, ancestors first: one process lists them, another reads them all, and each
 * is held against its id. @throws UNKNOWN_REVISION, GIT_FAILED
 */
export async function listCommits(
  git: GitCommand,
  objects: ObjectReader,
  base: string | null,
  head: string,
): Promise<readonly CommitDetail[]> {
  const tip = await requireCommit(objects, head);
  const without = base === null ? [] : [`^${await requireCommit(objects, base)}`];
  const listed = await collectGit(git, ['rev-list', '--topo-order', '--reverse', tip, ...without, '--']);
  const ids = listed
    .toString('latin1')
    .split('\n')
    .filter((id) => id !== '');
  return readCommits(objects, ids);
}

/** Commits by id, in order. @throws GIT_FAILED when one is missing or is none */
export async function readCommits(objects: ObjectReader, ids: readonly string[]): Promise<readonly CommitDetail[]> {
  const contents = await readBlobs(objects, ids);
  return ids.map((id, index) => readCommitDetail(id, Buffer.from(contents[index] ?? [])));
}

/** A tag would be followed in silence, and what is judged would be another name than the one that was given. */
async function requireCommit(objects: ObjectReader, revision: string): Promise<string> {
  const found = await objects.read(checkRevision(revision));
  if (found?.type === 'commit') return found.id;
  const what = found === null ? 'names nothing here' : `is a ${found.type}, not a commit`;
  throw gitFault('UNKNOWN_REVISION', `"${revision}" ${what}`, {
    mend: found === null ? 'fetch it, or check the name with git rev-parse' : 'name the commit itself',
  });
}

/** Whole contents by id, in order. @throws GIT_FAILED when one is missing */
export async function readBlobs(objects: ObjectReader, ids: readonly string[]): Promise<readonly Buffer[]> {
  const pieces = ids.map((): Buffer[] => []);
  // A piece may be part of a buffer that is used again.
  await objects.pieces(ids, (index, piece) => void pieces[index]?.push(Buffer.from(piece)));
  return pieces.map((parts) => Buffer.concat(parts));
}

/** Names at the top of two trees whose mode or content differs, sorted. @throws UNKNOWN_REVISION, GIT_FAILED */
export async function changedNames(objects: ObjectReader, before: string, after: string): Promise<readonly string[]> {
  const [was, is] = [await topOf(objects, before), await topOf(objects, after)];
  const differs = (name: string): boolean => {
    const [a, b] = [was.get(name), is.get(name)];
    return a?.id !== b?.id || a?.mode !== b?.mode;
  };
  const names = [...new Set([...was.keys(), ...is.keys()])].filter(differs);
  return names.map((name) => readPath(Buffer.from(name, 'latin1'), name)).sort();
}

async function topOf(objects: ObjectReader, treeish: string): Promise<ReadonlyMap<string, TreeItem>> {
  const tree = await objects.read(`${checkRevision(treeish)}^{tree}`);
  if (tree === null)
    throw gitFault('UNKNOWN_REVISION', `"${treeish}" names no tree here`, { mend: 'name a commit or a tree' });
  const items = (await readTrees(objects, [tree.id])).get(tree.id) ?? [];
  return new Map(items.map((item) => [item.name, item]));
}
