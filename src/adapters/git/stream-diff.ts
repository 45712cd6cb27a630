import type { Change } from '../../core/caws/change.js';
import type { DiffTeller } from './diff-teller.js';

const PATCH_OPTIONS = [
  '-r',
  '-p',
  '--binary',
  '--full-index',
  '--no-renames',
  '--no-ext-diff',
  '--no-textconv',
  '--no-color',
  '--ignore-submodules=none',
] as const;

/** The change as a patch with binaries in full, as `git apply` takes it; no change gives no bytes. @throws GIT_FAILED */
export async function* streamDiff(diffs: DiffTeller, change: Change): AsyncGenerator<Uint8Array> {
  const diff = diffs.ask(PATCH_OPTIONS, change.baseTree, change.tree);
  try {
    for (let chunk = await diff.nextChunk(); chunk !== null; chunk = await diff.nextChunk()) yield chunk;
  } finally {
    await diff.close();
  }
}
