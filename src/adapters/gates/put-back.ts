import type { Change } from '../../core/caws/change.js';
import { isLockFile, isManifest, isRunnerFile, mendManifest } from '../../core/caws/gate/runner-files.js';
import type { GitSession, TreeEntry } from '../../ports/git.js';
import { readInside, removeInside, writeInside } from './untrusted-tree.js';

const maxManifestBytes = 16 * 1024 * 1024;

/**
 * Puts package scripts, runner configuration and, unless dependencies are admitted, lock files of the base back into the
 * candidate's checkout (constitution §4 rule 1). A file of that kind that the base does not have is taken away where its
 * folder stood at the base; in a new folder it governs nothing that was there before. Returns what was put back, sorted.
 */
export async function putBackBaseFiles(
  git: GitSession,
  change: Change,
  checkout: string,
  options: { readonly dependenciesAdmitted: boolean; readonly baseFiles: readonly TreeEntry[] },
): Promise<readonly string[]> {
  const base = new Map(options.baseFiles.map((entry) => [entry.path, entry]));
  const putBack: string[] = [];
  for (const path of changedPaths(change)) {
    if (isManifest(path)) putBack.push(...(await mendOne(git, change, checkout, path, base.has(path), options)));
    else if (isRunnerFile(path) || (isLockFile(path) && !options.dependenciesAdmitted)) {
      const entry = base.get(path);
      if (entry === undefined && !hasFolder(options.baseFiles, path)) continue;
      putBack.push(path);
      if (entry?.mode.startsWith('100') !== true) await removeInside(checkout, path);
      else await writeInside(checkout, path, await readBase(git, change, path), modeOf(entry));
    }
  }
  return putBack.sort();
}

async function mendOne(
  git: GitSession,
  change: Change,
  checkout: string,
  path: string,
  isAtBase: boolean,
  options: { readonly dependenciesAdmitted: boolean },
): Promise<readonly string[]> {
  if (!isAtBase) return [];
  const base = Buffer.from(await readBase(git, change, path)).toString('utf8');
  const read = await readInside(checkout, path, maxManifestBytes);
  const candidate = read.bytes === null ? '' : Buffer.from(read.bytes).toString('utf8');
  const mended = mendManifest(base, candidate, options);
  if (mended.replaced.length === 0) return [];
  await writeInside(checkout, path, mended.text);
  return [`${path} (${mended.replaced.join(', ')})`];
}

async function readBase(git: GitSession, change: Change, path: string): Promise<Uint8Array> {
  return (await git.readFile(change.base, path)) ?? new Uint8Array();
}

function changedPaths(change: Change): readonly string[] {
  const paths = change.files.flatMap(({ oldPath, newPath }) => [oldPath, newPath]);
  return [...new Set(paths.filter((path) => path !== null))].sort();
}

function hasFolder(files: readonly TreeEntry[], path: string): boolean {
  const slash = path.lastIndexOf('/');
  return slash < 0 || files.some((entry) => entry.path.startsWith(path.slice(0, slash + 1)));
}

function modeOf(entry: TreeEntry): number {
  return entry.mode === '100755' ? 0o755 : 0o644;
}
