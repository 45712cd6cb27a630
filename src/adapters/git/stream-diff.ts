import type { Change } from '../../core/caws/change.js';
import { startGit, type GitCommand } from './spawn-git.js';

/** The change as a patch with binaries in full, as `git apply` takes it; no change gives no bytes. @throws GIT_FAILED */
export async function* streamDiff(git: GitCommand, change: Change): AsyncGenerator<Uint8Array> {
  const options = [
    '-r',
    '-p',
    '--binary',
    '--full-index',
    '--no-renames',
    '--no-ext-diff',
    '--no-textconv',
    '--no-color',
  ];
  const diff = startGit(git, ['diff-tree', ...options, '--ignore-submodules=none', change.baseTree, change.tree, '--']);
  try {
    for (let chunk = await diff.nextChunk(); chunk !== null; chunk = await diff.nextChunk()) yield chunk;
    await diff.finish();
  } finally {
    await diff.kill();
  }
}
