import { closeSync, existsSync, openSync, readFileSync, readSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join, sep } from 'node:path';
import { findProgram, installationOf, systemFolders } from '../../sandbox/host-tools.js';

/** A program of the host, and what of the host a sandbox has to show so that it runs. */
export interface LocatedProgram {
  /** Absolute, links followed: a link's folder need not be shown. */
  readonly path: string;
  /** What starts it: the program alone, or the node that belongs to it and the program. */
  readonly argv: readonly string[];
  /** Folders that go first in its PATH: where its own node is. */
  readonly pathFolders: readonly string[];
  /** Files and folders to be shown read-only by their own names; none of the system's, which are always there. */
  readonly shown: readonly string[];
}

/**
 * Finds a program by name in the folders of `path`, or an absolute one as it is. Null when it is nowhere. A package of npm
 * is shown with the whole tree of `node_modules` around it, and run by the node beside its link when there is one (a
 * version manager's); a Python tool with its virtual environment; any other program alone, never the folder it lies in,
 * which may be someone's home.
 */
export function locateProgram(name: string, path: string): LocatedProgram | null {
  const found = findProgram(name, path);
  if (found === null) return null;
  const real = realpathSync(found);
  const shebang = readShebang(real);
  const shown = [...new Set([treeAround(real), ...environmentAround(real, shebang)])].filter((at) => !isSystem(at));
  if (shebang === null || !/\bnode\b/.test(shebang)) return { path: real, argv: [real], pathFolders: [], shown };
  const node = nodeFor(found, path);
  const nodeShown = [installationOf(node)].filter((at): at is string => at !== null);
  return { path: real, argv: [node, real], pathFolders: [dirname(node)], shown: [...shown, ...nodeShown] };
}

/** The outermost `node_modules` around a file, else the file. */
function treeAround(real: string): string {
  const parts = real.split(sep);
  const at = parts.indexOf('node_modules');
  return at === -1 ? real : parts.slice(0, at + 1).join(sep);
}

/** The virtual environment of a Python tool, and the Python that it was made from. */
function environmentAround(real: string, shebang: string | null): readonly string[] {
  const prefix = dirname(dirname(real));
  if (shebang === null || !existsSync(join(prefix, 'pyvenv.cfg'))) return [];
  const python = findProgram('python', join(prefix, 'bin'));
  const home = python === null ? null : installationOf(python);
  return [prefix, ...(home === null ? [] : [home])];
}

/** The node beside the link of the program, else the first on the PATH, else our own. */
function nodeFor(link: string, path: string): string {
  const beside = findProgram('node', [dirname(link), path].join(delimiter));
  return beside === null ? process.execPath : realpathSync(beside);
}

/** The first line of a script without `#!`; null for anything else. */
function readShebang(file: string): string | null {
  const head = Buffer.alloc(256);
  const open = openSync(file, 'r');
  try {
    const length = readSync(open, head, 0, head.length, 0);
    const text = head.toString('latin1', 0, length);
    return text.startsWith('#!') ? (text.slice(2).split('\n')[0] ?? '') : null;
  } finally {
    closeSync(open);
  }
}

/** The version that the package around a program states, without running it; null when there is none. */
export function packagedVersion(real: string): string | null {
  for (let folder = dirname(real); folder.includes(`${sep}node_modules${sep}`); folder = dirname(folder)) {
    try {
      const read: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const version = typeof read === 'object' && read !== null ? (read as { version?: unknown }).version : null;
      if (typeof version === 'string') return version;
    } catch {
      // No package here, or none that can be read; the folder above may hold it.
    }
  }
  return null;
}

function isSystem(path: string): boolean {
  return systemFolders.some((folder) => path === folder || path.startsWith(`${folder}/`));
}
