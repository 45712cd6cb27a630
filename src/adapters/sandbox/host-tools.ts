import { accessSync, constants, readlinkSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, delimiter, dirname, join, sep } from 'node:path';

/** Where a program of the host really is, by the PATH given; null when it is nowhere. */
export function findProgram(name: string, path: string = process.env['PATH'] ?? ''): string | null {
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
