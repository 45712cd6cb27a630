import { accessSync, constants, existsSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, delimiter, dirname, isAbsolute, join, sep } from 'node:path';

/**
 * The folders of a PATH whose programs may be run on the host: absolute ones, in no `node_modules` (npx and npm put the
 * repository's own in front) and not in the work tree around `directory`. Whoever writes the work tree would else
 * bring the sandbox that holds them.
 */
export function trustedPath(path: string, directory: string): string {
  const here = topAround(realpathOrSelf(directory));
  return path
    .split(delimiter)
    .filter((folder) => isAbsolute(folder) && !folder.split(sep).includes('node_modules'))
    .filter((folder) => !`${realpathOrSelf(folder)}${sep}`.startsWith(here === sep ? sep + sep : `${here}${sep}`))
    .join(delimiter);
}

/** Where a program of the host really is, by the PATH given; null when it is nowhere. */
export function findProgram(name: string, path: string = hostPath()): string | null {
  const candidates = name.includes(sep) ? [name] : path.split(delimiter).map((folder) => join(folder, name));
  for (const candidate of candidates) {
    try {
      accessSync(candidate, constants.X_OK);
      if (statSync(candidate).isFile()) return candidate;
    } catch {
      // Not here; the next folder of the PATH may have it.
    }
  }
  return null;
}

/** The nearest folder upwards that holds a `.git`, else the folder itself. */
function topAround(directory: string): string {
  for (let folder = directory; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return folder;
    if (dirname(folder) === folder) return directory;
  }
}

function hostPath(): string {
  return trustedPath(process.env['PATH'] ?? '', process.cwd());
}

/**
 * The folder that must be shown so that a program works: the prefix above `bin` (a version manager keeps libraries
 * beside it), or the program alone where the prefix would show someone's home or the whole disk. Null when the program
 * is part of the system folders that every sandbox shows.
 */
export function installationOf(program: string): string | null {
  const real = realpathSync(program);
  if (isSystemPath(real)) return null;
  const folder = dirname(real);
  const prefix = basename(folder) === 'bin' ? dirname(folder) : folder;
  return isTooWide(prefix) ? real : prefix;
}

/** True below the folders of the system itself. */
function isSystemPath(path: string): boolean {
  return systemFolders.some((folder) => path === folder || path.startsWith(`${folder}/`));
}

/** Folders of the system that every sandbox shows. */
export const systemFolders: readonly string[] = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];

/** The target of a symbolic link, or null when the path is not one or is absent. */
export function linkTarget(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

function isTooWide(folder: string): boolean {
  const home = realpathOrSelf(homedir());
  const wide = ['/', '/home', '/opt', '/root', '/tmp', '/var', '/mnt', '/srv', '/Users'];
  return wide.includes(folder) || home === folder || home.startsWith(folder === '/' ? '/' : `${folder}/`);
}

function realpathOrSelf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
