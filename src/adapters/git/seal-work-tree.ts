import type { TreeEdit } from './edit-tree.js';
import { gitFault } from './git-fault.js';
import { listWorkTree, type TrackedEntry } from './list-work-tree.js';
import { repositoryAt, type Repository } from './locate-repository.js';
import { makePrivateIndex, writeTree } from './private-index.js';
import { Sealing } from './sealing.js';
import { collectGit, type GitCommand } from './spawn-git.js';

const SUBMODULE = '160000';

export interface WorkTree {
  readonly repository: Repository;
  /** Tree of the repository's HEAD, null before the first commit. */
  readonly headTree: string | null;
  /** Commit of a nested repository, whose work tree must hold just that. @throws GIT_FAILED when it does not */
  readonly sealNested: (nested: Repository) => Promise<string>;
}

/**
 * Writes the work tree as it is on disk as a tree: files neither tracked nor ignored are in it, deleted ones are not,
 * executable bits and symlinks count, and no filter, index flag or time stamp is asked. A nested repository or submodule
 * is recorded as the commit of its HEAD and must hold nothing beyond; a submodule that is not checked out stays as it was.
 * @throws GIT_FAILED for a bare repository, an unreadable or unstable file, a nested repository that is dirty or empty
 */
export async function sealWorkTree(git: GitCommand, workTree: WorkTree): Promise<string> {
  const { repository, headTree } = workTree;
  if (repository.bare) {
    throw gitFault('GIT_FAILED', 'a bare repository has no work tree', {
      mend: 'name a commit (--head), or run in a clone with a work tree',
      place: { file: repository.root },
    });
  }
  const index = await makePrivateIndex(git, headTree);
  const paths = await listWorkTree(git, repository, headTree, index);
  const { root, objectFormat } = repository;
  const sealing = new Sealing(git, {
    root,
    objectFormat,
    folderEntry: (path, tracked) => nestedEntry(path, tracked, workTree.sealNested),
    limits: { fileBytes: Infinity, newBytes: Infinity },
  });
  try {
    const changes = await sealing.seal(paths);
    if (changes.length > 0) {
      const idLength = objectFormat === 'sha1' ? 40 : 64;
      const input = Buffer.concat(changes.map((edit) => indexLine(edit, idLength)));
      await collectGit(git, ['update-index', '-z', '--index-info'], { ...index, input });
    }
  } finally {
    await sealing.close();
  }
  return writeTree(git, index);
}

/** What stands at a folder: the commit of a nested repository, or of a submodule that is not checked out. */
async function nestedEntry(
  path: Buffer,
  tracked: TrackedEntry | null,
  sealNested: WorkTree['sealNested'],
): Promise<TrackedEntry | null> {
  const nested = repositoryAt(path.toString('utf8'));
  if (nested !== null && !nested.bare) return { mode: SUBMODULE, id: await sealNested(nested) };
  return tracked?.mode === SUBMODULE ? tracked : null;
}

function indexLine({ path, entry }: TreeEdit, idLength: number): Buffer {
  const { mode, id } = entry ?? { mode: '0', id: '0'.repeat(idLength) };
  return Buffer.from(`${mode} ${id}\t${path}\0`, 'latin1');
}
