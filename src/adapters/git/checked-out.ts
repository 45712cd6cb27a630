import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isFsError } from './fs-error.js';
import { gitFault } from './git-fault.js';
import type { Repository } from './locate-repository.js';
import { readSmallFile } from './read-small-file.js';

/**
 * Refuses a branch that somebody has checked out, here or in a linked work tree: moved under them, their files would
 * read as a change that takes the new commit back. @throws BRANCH_CHECKED_OUT
 */
export function refuseCheckedOut({ bare, commonDir }: Repository, ref: string): void {
  const linked = linkedWorkTrees(commonDir);
  const places = bare ? linked : [commonDir, ...linked];
  const holder = places.find((place) => readSmallFile(join(place, 'HEAD'))?.trim() === `ref: ${ref}`);
  if (holder === undefined) return;
  const branch = ref.replace('refs/heads/', '');
  throw gitFault('BRANCH_CHECKED_OUT', `the branch ${branch} is checked out, and no one’s work tree is touched`, {
    mend: `publish with --mode branch and take it with git merge --ff-only, or leave the branch first with git switch --detach`,
    place: { file: holder === commonDir ? dirname(commonDir) : holder },
  });
}

function linkedWorkTrees(commonDir: string): string[] {
  const folder = join(commonDir, 'worktrees');
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch (error) {
    if (isFsError(error) && error.code === 'ENOENT') return [];
    throw error;
  }
}
