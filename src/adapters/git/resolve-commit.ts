import type { CommitFacts } from '../../ports/git.js';
import { gitFault } from './git-fault.js';
import type { ObjectReader } from './object-reader.js';

/**
 * The name as it may be given to git. A leading dash would read as an option, a colon or newline as another question;
 * `@{…}` asks the reflog or the configuration, which a private GIT_DIR does not have. @throws UNKNOWN_REVISION
 */
export function checkRevision(revision: string): string {
  if (revision === '' || /^[-:]|[\0\n]|@\{/.test(revision)) {
    throw gitFault('UNKNOWN_REVISION', `"${revision}" is not a revision that can be asked for`, {
      mend: 'name a commit, a tag or a branch (HEAD~1, main, v1.2.0); @{upstream}, reflog and index notations are not read',
    });
  }
  return revision;
}

/** @throws UNKNOWN_REVISION, GIT_FAILED */
export async function resolveCommit(objects: ObjectReader, revision: string): Promise<CommitFacts> {
  const commit = await objects.read(`${checkRevision(revision)}^{commit}`);
  await refuseAmbiguous(objects, revision);
  if (commit === null && revision === 'HEAD') {
    throw gitFault('UNKNOWN_REVISION', 'HEAD names no commit: this repository has none yet, or it is not all here', {
      mend: 'make the first commit (git add . && git commit), or fetch what is missing',
    });
  }
  if (commit === null) {
    throw gitFault('UNKNOWN_REVISION', `"${revision}" names no single commit here`, {
      mend: 'check the name with git rev-parse; in a shallow clone the commit may not have been fetched',
    });
  }
  return parseCommit(commit.id, commit.bytes.toString('latin1'));
}

/**
 * Git takes a tag before a branch of the same name: whoever sets a tag `main` would choose what `main` is judged by.
 * @throws UNKNOWN_REVISION
 */
async function refuseAmbiguous(objects: ObjectReader, revision: string): Promise<void> {
  const [name = ''] = revision.split(/[~^]/);
  if (name === '' || name === 'HEAD' || name.startsWith('refs/') || /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(name)) return;
  const tag = await objects.read(`refs/tags/${name}^{commit}`);
  const branch = tag === null ? null : await objects.read(`refs/heads/${name}^{commit}`);
  if (tag === null || branch === null || tag.id === branch.id) return;
  throw gitFault('UNKNOWN_REVISION', `"${name}" is both a branch and a tag, and they differ`, {
    mend: `say refs/heads/${name} or refs/tags/${name}`,
  });
}

/** Reads the text of a commit object. @throws GIT_FAILED when it is malformed */
export function parseCommit(id: string, text: string): CommitFacts {
  const header = text.slice(0, text.indexOf('\n\n') + 1 || undefined);
  const [, tree] = /^tree ([0-9a-f]+)$/m.exec(header) ?? [];
  const [, seconds] = /^committer .*> (\d+) [+-]\d+$/m.exec(header) ?? [];
  if (tree === undefined || seconds === undefined) {
    throw gitFault('GIT_FAILED', `commit ${id} is malformed`, { mend: 'run git fsck in the repository' });
  }
  const parents = [...header.matchAll(/^parent ([0-9a-f]+)$/gm)].map(([, parent]) => parent ?? '');
  return { id, tree, parents, committedMs: Number(seconds) * 1000 };
}
