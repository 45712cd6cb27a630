import { readFileSync, readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Path from the root of the repository, with `/`, → text. */
export type SourceTree = ReadonlyMap<string, string>;

export const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url));

/** What git would ignore, by name: no git is asked, so that a clone of another owner reads the same. */
const notOurs = new Set(['node_modules', 'dist', 'bin', 'coverage', '.git', '.arbiter', 'out']);

/** All files under `folder`, as text, sorted by path. `accepts` is asked for each path from the root. */
export function readTree(folder: string, accepts: (path: string) => boolean = () => true): SourceTree {
  const tree = new Map<string, string>();
  const visit = (at: string): void => {
    const entries = readdirSync(join(repositoryRoot, at), { withFileTypes: true });
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = posix.join(at, entry.name);
      if (entry.isDirectory() && !notOurs.has(entry.name)) visit(path);
      if (entry.isFile() && accepts(path)) tree.set(path, readFileSync(join(repositoryRoot, path), 'utf8'));
    }
  };
  visit(folder);
  return tree;
}

/** What ships: TypeScript under src, tests and fixtures aside. */
export function isProductSource(path: string): boolean {
  return path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.includes('/fixtures/');
}
