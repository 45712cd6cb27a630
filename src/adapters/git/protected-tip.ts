import { checkRevision } from './resolve-commit.js';
import type { ObjectReader } from './object-reader.js';
import { collectGit, startGit, type GitCommand } from './spawn-git.js';

interface Tip {
  readonly ref: string;
  readonly commit: string;
}

const REMOTE_HEAD = 'refs/remotes/origin/HEAD';
const CANDIDATES = [REMOTE_HEAD, 'refs/heads/main', 'refs/heads/master'];

/**
 * Where the protected ref stands, by the order that the port names; `ref` is the branch itself, also when a symbolic ref
 * led to it. Null where none is there. @throws GIT_FAILED
 */
export async function findProtectedTip(git: GitCommand, objects: ObjectReader, bare: boolean): Promise<Tip | null> {
  if (bare) return tipOf(objects, await headBranch(git));
  const listed = await collectGit(git, ['for-each-ref', '--format=%(refname) %(symref)', ...CANDIDATES]);
  const found = new Map(
    listed
      .toString('utf8')
      .split('\n')
      .map((line) => line.split(' ') as [string, string?]),
  );
  const ref = CANDIDATES.find((name) => found.has(name));
  return ref === undefined ? null : tipOf(objects, found.get(ref) || ref);
}

async function headBranch(git: GitCommand): Promise<string> {
  const asking = startGit(git, ['symbolic-ref', '--quiet', 'HEAD']);
  let branch = '';
  for (let chunk = await asking.nextChunk(); chunk !== null; chunk = await asking.nextChunk())
    branch += chunk.toString();
  // Status 1: HEAD is detached, and stands for itself.
  return (await asking.finish([1])) === 1 ? 'HEAD' : branch.trim();
}

async function tipOf(objects: ObjectReader, ref: string): Promise<Tip | null> {
  const commit = await objects.read(`${checkRevision(ref)}^{commit}`);
  return commit === null ? null : { ref, commit: commit.id };
}
