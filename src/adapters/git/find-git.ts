import { accessSync, constants, realpathSync, statSync } from 'node:fs';
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
export function findGit(searchPath: string, repositoryRoot: string): string {
  for (const folder of searchPath.split(delimiter)) {
    if (!isAbsolute(folder) || folder.split(sep).includes('node_modules')) continue;
    const found = executableIn(folder);
    if (found !== null && !isInside(found, repositoryRoot)) return found;
  }
  throw gitFault('GIT_MISSING', 'no git was found on the search path', {
    mend: 'install git 2.34 or newer (Debian and Ubuntu: apt-get install git), outside of the repository',
  });
}

function executableIn(folder: string): string | null {
  try {
    const path = realpathSync(join(folder, 'git'));
    if (!statSync(path).isFile()) return null;
    accessSync(path, constants.X_OK);
    return path;
  } catch (error) {
    if (isFsError(error)) return null;
    throw error;
  }
}
