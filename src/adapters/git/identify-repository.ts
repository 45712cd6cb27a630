import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { gitFault } from './git-fault.js';
import { readSmallFile } from './read-small-file.js';
import { checkRevision } from './resolve-commit.js';
import { collectGit, type GitCommand } from './spawn-git.js';

const SHALLOW_CAP_BYTES = 1 << 26;

/**
 * SHA-256 over the sorted root commits, one hex id a line, that a commit descends from.
 * @throws GIT_FAILED in a shallow clone, where the roots are not known and the edge would pass for them
 */
export async function identifyRepository(git: GitCommand, commit: string): Promise<string> {
  const listed = await collectGit(git, ['rev-list', '--max-parents=0', checkRevision(commit), '--']);
  const roots = idsOf(listed.toString('utf8')).sort();
  const edge = new Set(idsOf(readSmallFile(join(git.cwd, 'shallow'), SHALLOW_CAP_BYTES) ?? ''));
  if (roots.some((id) => edge.has(id))) {
    throw gitFault('GIT_FAILED', 'the repository is a shallow clone: its first commits, which name it, are not here', {
      mend: 'run git fetch --unshallow',
    });
  }
  return createHash('sha256')
    .update(roots.map((id) => `${id}\n`).join(''))
    .digest('hex');
}

function idsOf(text: string): string[] {
  return text.split('\n').filter((id) => id !== '');
}
