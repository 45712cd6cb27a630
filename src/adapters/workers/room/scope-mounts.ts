import { refusePath } from '../../../core/caws/lexical-path.js';
import type { Standing } from '../../../core/caws/scope.js';
import { placeOfEntry } from '../../../core/caws/scope-pattern.js';

/**
 * A scope as mounts, by paths relative to the clone ('' is its top). All else of the clone is read-only.
 *
 * What mounts cannot say is left to `Room.refuses` and to the examination: names that do not exist yet in a folder that
 * is writable (a new protected file; a glob of names, such as `src/*.ts`, makes all of `src` writable for new files), and
 * a scope that would need more than `mostMounts` mounts, of which the first go to protected and excluded paths.
 */
export interface ScopeMounts {
  /** Folders that do not exist yet and that the scope allows to fill; to be made. */
  readonly folders: readonly string[];
  readonly writable: readonly string[];
  /** Paths inside writable ones. Every folder between is in `writable`: a mount cannot be moved away or replaced. */
  readonly readOnly: readonly string[];
}

const mostMounts = 240;
/** A name that no pattern can mean: what may be said of it may be said of any new file. */
const anyName = 'arbiter-any-name';

interface Root {
  readonly path: string;
  /** How far new files are allowed in it: all of them, some by a glob, or the one that was named. */
  readonly kind: 'whole' | 'glob' | 'thin' | 'file';
}

/** Works a scope out for the files there are. `entries` are `scope.in` and `scope.support`; symlinks are no `files`. */
export function planScopeMounts(
  entries: readonly string[],
  standingOf: (path: string) => Standing,
  tree: { readonly files: readonly string[]; readonly symlinks: readonly string[] },
): ScopeMounts {
  const files = new Set(tree.files);
  const folders = foldersOf([...tree.files, ...tree.symlinks]);
  const links = new Set(tree.symlinks);
  const found = entries.flatMap((entry) => rootOf(entry, { files, folders, links }) ?? []);
  const roots = found.filter(({ path, kind }) => kind !== 'file' || isAllowed(standingOf(path)));
  const holds = (root: Root): boolean => root.kind !== 'file';
  const outermost = roots.filter(
    (root) => !roots.some((other) => holds(other) && other.path !== root.path && isBelow(root.path, other.path)),
  );
  const writable = new Set(outermost.map(({ path }) => path));
  const shut = new ReadOnlyPaths(standingOf, roots, { files: tree.files, folders });
  for (const root of outermost) if (holds(root)) shut.visit(root.path);
  const readOnly: string[] = [];
  for (const path of shut.gravestFirst()) {
    const between = parentsBetween(path, outermost);
    if (writable.size + readOnly.length + between.length >= mostMounts) break;
    for (const folder of between) writable.add(folder);
    readOnly.push(path);
  }
  return {
    folders: roots.filter((root) => holds(root) && !folders.has(root.path)).map(({ path }) => path),
    writable: [...writable].sort(),
    readOnly: readOnly.sort(),
  };
}

function isAllowed(standing: Standing): boolean {
  return standing === 'in' || standing === 'support' || standing === 'non-governed';
}

function isBelow(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}

function foldersOf(paths: readonly string[]): Set<string> {
  const folders = new Set(['']);
  for (const path of paths) {
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) folders.add(path.slice(0, at));
  }
  return folders;
}

interface Known {
  readonly files: ReadonlySet<string>;
  readonly folders: ReadonlySet<string>;
  readonly links: ReadonlySet<string>;
}

/** Where an entry allows writing; null when it means no place that could be mounted. */
function rootOf(entry: string, known: Known): Root | null {
  const exact = entry.replace(/^(\.\/)+/, '').replace(/\/+$/, '');
  const { path, isGlob } = placeOfEntry(entry);
  if (known.files.has(exact)) return { path: exact, kind: 'file' };
  if (known.folders.has(exact)) return { path: exact, kind: 'whole' };
  if (path === '') return { path, kind: isGlob ? 'glob' : 'whole' };
  if (refusePath(path) !== null) return null;
  const root: Root = isGlob
    ? { path, kind: 'glob' }
    : entry.endsWith('/')
      ? { path, kind: 'whole' }
      : { path: path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '', kind: 'thin' };
  // A file or a link in the place of a folder: nothing can be made below it, and a link is followed by nobody.
  const above = [...foldersOf([`${root.path}/x`])];
  return above.some((folder) => known.files.has(folder) || known.links.has(folder)) ? null : root;
}

/** Folders that lie between a path and the writable root around it, the root left out. */
function parentsBetween(path: string, roots: readonly Root[]): string[] {
  const around = roots.find((root) => root.kind !== 'file' && isBelow(path, root.path));
  return [...foldersOf([path])].filter(
    (folder) => around !== undefined && folder !== around.path && isBelow(folder, around.path),
  );
}

/** Finds what must be read-only inside writable folders: whole folders where nothing may be written, else single files. */
class ReadOnlyPaths {
  readonly #standingOf: (path: string) => Standing;
  readonly #roots: readonly Root[];
  readonly #children = new Map<string, { files: string[]; folders: string[] }>();
  readonly #found: string[] = [];

  constructor(
    standingOf: (path: string) => Standing,
    roots: readonly Root[],
    tree: { readonly files: readonly string[]; readonly folders: ReadonlySet<string> },
  ) {
    this.#standingOf = standingOf;
    this.#roots = roots;
    for (const folder of tree.folders) this.#childrenOf(folder);
    for (const path of tree.files) this.#childrenOf(parentOf(path)).files.push(path);
    for (const folder of tree.folders) if (folder !== '') this.#childrenOf(parentOf(folder)).folders.push(folder);
  }

  visit(folder: string): void {
    const { files, folders } = this.#childrenOf(folder);
    for (const file of files) if (!isAllowed(this.#standingOf(file))) this.#found.push(file);
    for (const below of folders) {
      if (this.#isShut(below)) this.#found.push(below);
      else this.visit(below);
    }
  }

  /** Protected and excluded paths first: were there too many, the rest would be left out. */
  gravestFirst(): readonly string[] {
    const isGrave = (path: string): boolean =>
      [path, `${path}/${anyName}`].some((one) => ['protected', 'out'].includes(this.#standingOf(one)));
    const grave = new Set(this.#found.filter(isGrave));
    return [...grave, ...this.#found.filter((path) => !grave.has(path))];
  }

  #childrenOf(folder: string): { files: string[]; folders: string[] } {
    const known = this.#children.get(folder) ?? { files: [], folders: [] };
    this.#children.set(folder, known);
    return known;
  }

  /** True when neither what is in the folder nor what could come into it may be written. */
  #isShut(folder: string): boolean {
    const standing = this.#standingOf(`${folder}/${anyName}`);
    if (isAllowed(standing) || this.#roots.some((root) => isBelow(root.path, folder))) return false;
    const byGlob = this.#roots.some((root) => root.kind === 'glob' && isBelow(folder, root.path));
    if (standing === 'violation' && byGlob) return false;
    const { files, folders } = this.#childrenOf(folder);
    return files.every((file) => !isAllowed(this.#standingOf(file))) && folders.every((below) => this.#isShut(below));
  }
}

function parentOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}
