import { collectGit, type GitCommand } from './spawn-git.js';

/**
 * Sizes in bytes of objects by their ids, from one process that reads no content. Taken from git's word, not held against
 * the ids: good for an estimate, never for a judgement. What is missing is left out.
 */
export async function blobSizes(git: GitCommand, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  if (ids.length === 0) return sizes;
  const input = new TextEncoder().encode(ids.map((id) => `${id}\n`).join(''));
  const said = await collectGit(git, ['cat-file', '--buffer', '--batch-check=%(objectname) %(objectsize)'], { input });
  for (const line of said.toString('latin1').split('\n')) {
    const [, id, size] = /^([0-9a-f]{40,64}) (\d+)$/.exec(line) ?? [];
    if (id !== undefined) sizes.set(id, Number(size));
  }
  return sizes;
}
