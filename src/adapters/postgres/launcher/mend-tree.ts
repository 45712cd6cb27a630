import { constants } from 'node:fs';
import { access, chmod, cp, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { codeOf, databaseFault, messageOf } from './database-fault.js';

const linksSchema = z.array(z.object({ source: z.string(), target: z.string() }));
const programs = ['initdb', 'postgres'];

/**
 * Makes the library links that `npm ci --ignore-scripts` leaves out, and answers the tree to run: the given one, or a
 * copy in `shelf` when its folder cannot be written.
 * @throws DATABASE_MISSING when the tree is not whole, DATABASE_FAILED when no copy can be made either
 */
export async function mendTree(tree: string, shelf: string): Promise<string> {
  if (await isWhole(tree)) return tree;
  try {
    await complete(tree);
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes(codeOf(error) ?? '')) throw error;
    return copyTree(tree, shelf);
  }
  return tree;
}

/** A copy of the tree in `shelf` that every identity which reaches the shelf can run; made once. @throws DATABASE_FAILED */
export async function copyTree(tree: string, shelf: string): Promise<string> {
  // The package's folder name holds no version; the size and time of the server program stand for it.
  const facts = await stat(join(tree, 'bin', 'postgres'));
  const copy = join(shelf, `tree-${facts.size}-${Math.trunc(facts.mtimeMs)}`);
  if (await isWhole(copy)) return copy;
  const making = `${copy}.${process.pid}.making`;
  try {
    await mkdir(making, { mode: 0o755, recursive: true });
    const wanted = (path: string): boolean => !path.endsWith('.a') && basename(path) !== 'pkgconfig';
    await cp(tree, making, { recursive: true, verbatimSymlinks: true, filter: wanted });
    await chmod(making, 0o755);
    await complete(making);
    await rm(copy, { recursive: true, force: true });
    await rename(making, copy);
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    throw databaseFault(
      'DATABASE_FAILED',
      `the PostgreSQL package lacks its library links, and could not be copied to ${copy}: ${messageOf(error)}`,
      'run npm ci without --ignore-scripts, or make node_modules or the state folder writable',
      error,
    );
  }
  return copy;
}

async function complete(tree: string): Promise<void> {
  for (const { source, target } of await readLinks(tree)) {
    if (await exists(join(tree, target))) continue;
    const link = join(tree, target);
    try {
      await symlink(relative(dirname(link), join(tree, source)), link);
    } catch (error) {
      // Another process makes the same links.
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
  for (const name of programs) if (!(await isExecutable(join(tree, 'bin', name)))) await makeExecutable(tree, name);
  if (!(await isWhole(tree))) {
    throw databaseFault(
      'DATABASE_MISSING',
      `the PostgreSQL package in ${tree} is not whole`,
      'install it anew: remove node_modules and run npm ci',
    );
  }
}

async function makeExecutable(tree: string, name: string): Promise<void> {
  try {
    await chmod(join(tree, 'bin', name), 0o755);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

async function isWhole(tree: string): Promise<boolean> {
  for (const name of programs) if (!(await isExecutable(join(tree, 'bin', name)))) return false;
  for (const { target } of await readLinks(tree)) if (!(await exists(join(tree, target)))) return false;
  return true;
}

async function readLinks(tree: string): Promise<readonly { source: string; target: string }[]> {
  const text = await readFile(join(tree, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const inside = (path: string): string => path.replace(/^native\//, '');
  return linksSchema
    .parse(JSON.parse(text))
    .map(({ source, target }) => ({ source: inside(source), target: inside(target) }))
    .filter(({ source, target }) => ![...source.split('/'), ...target.split('/')].includes('..'));
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
