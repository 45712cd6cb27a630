import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join, sep } from 'node:path';
import { isFsError } from './fs-error.js';
import { gitFault } from './git-fault.js';

/** True when `path` is `folder` or lies inside it; both absolute and free of symlinks. */
export function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/**
 * The absolute path of git. Relative entries of the search path, `node_modules` folders (npx puts the repository's own
 * in front) and anything that really lies inside the repository are passed over: a repository must not bring its git.
 * @throws GIT_MISSING
 */
export async function findGit(searchPath: string, repositoryRoot: string): Promise<string> {
  for (const folder of searchPath.split(delimiter)) {
    if (!isAbsolute(folder) || folder.split(sep).includes('node_modules')) continue;
    const found = await executableIn(folder);
    if (found !== null && !isInside(found, repositoryRoot)) return found;
  }
  throw gitFault('GIT_MISSING', 'no git was found on the search path', {
    mend: 'install git 2.34 or newer (Debian and Ubuntu: apt-get install git), outside of the repository',
  });
}

async function executableIn(folder: string): Promise<string | null> {
  try {
    const path = await realpath(join(folder, 'git'));
    if (!(await stat(path)).isFile()) return null;
    await access(path, constants.X_OK);
    return path;
  } catch (error) {
    if (isFsError(error)) return null;
    throw error;
  }
}
