import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CommitFacts, KeptCandidate } from '../../ports/git.js';
import { composeCommit } from './commit-object.js';
import { isFsError } from './fs-error.js';
import { contradiction, gitFault } from './git-fault.js';
import { nameObject, writeLooseObject, type NewObject } from './loose-objects.js';
import type { ObjectReader } from './object-reader.js';
import { FOLDER, readTrees, type TreeItem } from './read-trees.js';
import { checkOwnRef, type RefUpdater } from './update-ref.js';

const SUBMODULE = '160000';

export interface Keeping {
  readonly objects: ObjectReader;
  readonly refs: RefUpdater;
  /** The repository's own object store. */
  readonly store: string;
  readonly objectFormat: 'sha1' | 'sha256';
}

/**
 * Writes a sealed tree into the repository itself, makes a commit of it on the base and sets the ref to it. The same
 * tree, base, message and time give the same commit, and a ref that stands at it already is left so. Objects come before
 * the ref: whatever breaks off leaves at most objects that nothing names. @throws GIT_FAILED, GIT_TIMEOUT
 */
export async function keepCandidate(
  keeping: Keeping,
  base: CommitFacts,
  tree: string,
  kept: Pick<KeptCandidate, 'ref' | 'message' | 'atMs' | 'expectedOld'>,
): Promise<string> {
  const ref = checkOwnRef(kept.ref);
  const commit = nameObject(keeping.objectFormat, 'commit', composeCommit({ tree, parent: base.id, ...kept }));
  const standing = await keeping.objects.read(ref);
  if (standing?.id === commit.id) return commit.id;
  try {
    await writeNewObjects(keeping, base.tree, tree);
    await writeLooseObject(keeping.store, commit);
  } catch (error) {
    throw isFsError(error) ? notWritten(keeping.store, error) : error;
  }
  await keeping.refs.set(ref, commit.id, kept.expectedOld);
  return commit.id;
}

/** What the tree holds and the base does not, lower things first: no object names one that is not there yet. */
export async function writeNewObjects(keeping: Keeping, before: string, after: string): Promise<void> {
  if (before === after) return;
  const trees = await readTrees(keeping.objects, [before, after]);
  const known = new Map((trees.get(before) ?? []).map((item) => [item.name, item]));
  for (const item of trees.get(after) ?? []) await writeItem(keeping, known.get(item.name), item);
  await writeObject(keeping, after, 'tree');
}

async function writeItem(keeping: Keeping, was: TreeItem | undefined, item: TreeItem): Promise<void> {
  if (item.mode === SUBMODULE || item.id === was?.id) return;
  if (item.mode !== FOLDER) return writeObject(keeping, item.id, 'blob');
  if (was?.mode === FOLDER) return writeNewObjects(keeping, was.id, item.id);
  for (const below of (await readTrees(keeping.objects, [item.id])).get(item.id) ?? []) {
    await writeItem(keeping, undefined, below);
  }
  await writeObject(keeping, item.id, 'tree');
}

async function writeObject(keeping: Keeping, id: string, type: NewObject['type']): Promise<void> {
  if (existsSync(join(keeping.store, id.slice(0, 2), id.slice(2)))) return;
  const object = await keeping.objects.read(id);
  if (object === null || object.type !== type) throw contradiction(`object ${id} of the candidate is no ${type}`);
  await writeLooseObject(keeping.store, { id, type, bytes: object.bytes });
}

/** The fault for an object store that cannot be written. */
export function notWritten(store: string, cause: NodeJS.ErrnoException): Error {
  const full = cause.code === 'ENOSPC' || cause.code === 'EDQUOT';
  return gitFault('GIT_FAILED', `the candidate cannot be written into the repository: ${cause.message}`, {
    mend: full ? 'make room on the disk of the repository' : 'give this user the right to write the repository',
    place: { file: store },
    cause,
  });
}
