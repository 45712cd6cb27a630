import { isFault, type Place } from '../../core/fault.js';
import type { CommitFacts } from '../../ports/git.js';
import { gitFault } from './git-fault.js';
import { makePrivateIndex, writeTree } from './private-index.js';
import { collectGit, type GitCommand } from './spawn-git.js';

/**
 * Applies a unified diff (git's or plain, `-p1`) to the base's tree, strictly: no fuzz beyond git's own line offsets, no
 * mending of white space, all of it or nothing; git itself refuses paths outside the tree, through a symlink or `.git`.
 * @throws PATCH_DOES_NOT_APPLY with the file that git names, GIT_FAILED
 */
export async function sealPatch(git: GitCommand, base: CommitFacts, patch: Uint8Array): Promise<string> {
  const index = await makePrivateIndex(git, base.tree);
  try {
    await collectGit(git, ['apply', '--cached', '--whitespace=nowarn', '-p1', '-'], { ...index, input: patch });
  } catch (error) {
    throw isFault(error, 'GIT_FAILED') ? doesNotApply(error) : error;
  }
  return writeTree(git, index);
}

const NAMED_FILE = [
  /error: patch failed: (.+):\d+$/m,
  /error: affected file '(.+)' is beyond a symbolic link$/m,
  /error: (.+?): (?:patch does not apply|does not exist in index|already exists in index|does not match index)$/m,
  /invalid path '(.+)'/,
  /error: '(.+)' appears as both a file and as a directory/,
  /error: cannot apply binary patch to '(.+)' without full index line$/m,
];

function placeIn(said: string): { place?: Place } {
  const file = NAMED_FILE.map((pattern) => pattern.exec(said)?.[1]).find((name) => name !== undefined);
  if (file !== undefined) return { place: { file } };
  const [, line] = /corrupt patch at line (\d+)/.exec(said) ?? [];
  return line === undefined ? {} : { place: { line: Number(line) } };
}

function doesNotApply(cause: Error): Error {
  const said = cause.message.replace(/^git apply ended with status \d+: /, '');
  return gitFault('PATCH_DOES_NOT_APPLY', `the patch does not apply: ${said}`, {
    mend: 'make the diff anew against this base (git diff --binary BASE), with paths from the top of the repository',
    ...placeIn(said),
    cause,
  });
}
