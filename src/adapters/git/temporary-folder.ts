import { mkdtempSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { isInside } from './find-git.js';
import { isFsError } from './fs-error.js';
import { gitFault } from './git-fault.js';

const PREFIX = 'arbiter-git';
const open = new Set<string>();
let watchesExit = false;

/** Process ids mean something in one pid namespace alone: two containers may share a temporary directory. */
function pidNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  } catch (error) {
    if (isFsError(error)) return '0';
    throw error;
  }
}

/**
 * A fresh folder of ours, mode 0700, outside the repository, named after this process; `removeTemporaryFolder` ends it,
 * and so does the process's exit. @throws GIT_FAILED when the temporary directory lies inside the repository
 */
export function makeTemporaryFolder(parent: string, repositoryRoot: string): string {
  const real = realpathSync(parent);
  if (isInside(real, repositoryRoot)) {
    throw gitFault('GIT_FAILED', `the temporary directory ${real} lies inside the repository`, {
      mend: 'set TMPDIR to a directory outside of the repository',
    });
  }
  const folder = mkdtempSync(join(real, `${PREFIX}-${pidNamespace()}-${process.pid}-`));
  open.add(folder);
  if (!watchesExit) {
    watchesExit = true;
    process.once('exit', () => {
      for (const left of open) rmSync(left, { recursive: true, force: true, maxRetries: 3, retryDelay: 20 });
    });
  }
  return folder;
}

/** Ends a folder of ours. One in which a dying git still writes is left to the process's exit, and then to the reaper. */
export function removeTemporaryFolder(folder: string): void {
  try {
    // What a killed git had started may write one more file while we remove.
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
    open.delete(folder);
  } catch (error) {
    // The work is done or has failed for a reason of its own: that reason is the one to tell.
    if (!isFsError(error, 'ENOTEMPTY', 'EBUSY')) throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and belongs to another user.
    return !isFsError(error, 'ESRCH');
  }
}

/** Removes our folders whose process was killed before it could. Folders of other users and namespaces are left. */
export async function reapTemporaryFolders(parent: string): Promise<void> {
  const namespace = pidNamespace();
  for (const name of await listFolder(parent)) {
    const [, ns, pid] = new RegExp(`^${PREFIX}-(\\d+)-(\\d+)-`).exec(name) ?? [];
    if (ns !== namespace || pid === undefined || isAlive(Number(pid))) continue;
    await removeStale(join(parent, name));
  }
}

/** A temporary directory may be closed to listing; then there is nothing that we could reap. */
async function listFolder(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isFsError(error)) return [];
    throw error;
  }
}

async function removeStale(folder: string): Promise<void> {
  try {
    const { uid } = await lstat(folder);
    if (uid === process.getuid?.()) await rm(folder, { recursive: true, force: true });
  } catch (error) {
    // Another Arbiter may be reaping the same folder.
    if (!isFsError(error, 'ENOENT', 'ENOTEMPTY')) throw error;
  }
}
