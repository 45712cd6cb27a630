import type { GitSession } from '../../ports/git.js';

/** What of a tree decides which packages are installed: path → bytes, sorted by path. */
export interface Manifests {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly lock: 'npm' | 'pnpm' | 'yarn' | null;
  /** True when any manifest names a package. */
  readonly hasDependencies: boolean;
}

const locks = [
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
] as const;
const besides = ['.npmrc', 'pnpm-workspace.yaml', '.yarnrc', '.yarnrc.yml'];
const dependencyKeys = ['dependencies', 'devDependencies', 'optionalDependencies', 'workspaces'];

/** Reads manifests, lock file and package manager settings of a commit or tree; all from the same one. */
export async function readManifests(git: GitSession, treeish: string): Promise<Manifests> {
  const files = new Map<string, Uint8Array>();
  const paths = (await git.listFiles(treeish, '')).map((entry) => entry.path);
  const lockPaths = locks.map(([path]) => path).filter((path) => paths.includes(path));
  const wanted = paths.filter((path) => /(^|\/)package\.json$/.test(path) && !/(^|\/)node_modules\//.test(path));
  const tarballs = paths.filter((path) => path.endsWith('.tgz'));
  for (const path of [...lockPaths, ...besides.filter((name) => paths.includes(name)), ...wanted, ...tarballs].sort()) {
    const bytes = await git.readFile(treeish, path);
    if (bytes !== null) files.set(path, bytes);
  }
  const lock = locks.find(([path]) => files.has(path))?.[1] ?? null;
  return { files, lock, hasDependencies: [...files].some(([path, bytes]) => namesPackages(path, bytes)) };
}

function namesPackages(path: string, bytes: Uint8Array): boolean {
  if (!path.endsWith('package.json')) return false;
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    if (typeof value !== 'object' || value === null) return false;
    return dependencyKeys.some((key) => {
      const names: unknown = Reflect.get(value, key);
      return typeof names === 'object' && names !== null && Object.keys(names).length > 0;
    });
  } catch {
    // Fixtures may hold broken manifests; npm would not read those either.
    return false;
  }
}

/** Scripts of the manifest at the top, empty when there is none. */
export function scriptsOf(manifest: Uint8Array | null): Readonly<Record<string, string>> {
  if (manifest === null) return {};
  try {
    const value: unknown = JSON.parse(Buffer.from(manifest).toString('utf8'));
    const scripts: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'scripts') : undefined;
    const entries = typeof scripts === 'object' && scripts !== null ? Object.entries(scripts) : [];
    return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    return {};
  }
}
