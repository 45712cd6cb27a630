import { checkRevision } from './resolve-commit.js';
import type { ObjectReader } from './object-reader.js';
import { collectGit, startGit, type GitCommand } from './spawn-git.js';

/** The protected ref and the commit that it stands at. */
export interface Tip {
  readonly ref: string;
  readonly commit: string;
}

const REMOTE_HEAD = 'refs/remotes/origin/HEAD';
/** Where the protected ref is looked for outside of a bare repository, in this order. */
export const CANDIDATES: readonly string[] = [REMOTE_HEAD, 'refs/heads/main', 'refs/heads/master'];

/**
 * Where the protected ref stands, by the order that the port names; `ref` is the branch itself, also when a symbolic ref
 * led to it. Null where none is there. @throws GIT_FAILED
 */
export async function findProtectedTip(git: GitCommand, objects: ObjectReader, bare: boolean): Promise<Tip | null> {
  if (bare) return tipOf(objects, await headBranch(git));
  const listed = await collectGit(git, ['for-each-ref', '--format=%(refname) %(symref)', ...CANDIDATES]);
  const found = new Map<string, string>();
  for (const line of listed.toString('utf8').split('\n')) {
    const [name = '', target = ''] = line.split(' ');
    found.set(name, target === '' ? name : target);
  }
  const ref = CANDIDATES.map((name) => found.get(name)).find((target) => target !== undefined);
  return ref === undefined ? null : tipOf(objects, ref);
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
