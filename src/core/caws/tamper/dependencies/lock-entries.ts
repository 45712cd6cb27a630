import { asObject, readJsonObject } from '../text/json-text.js';
import { readTomlEntries } from './toml-lines.js';
import { hostOf, type LockEntry, type LockFacts } from './lock-facts.js';
import { readPnpmLock, readYarnLock } from './lock-text.js';

const readers: readonly (readonly [pattern: RegExp, read: (text: string) => LockFacts | null])[] = [
  [/(^|\/)(package-lock|npm-shrinkwrap)\.json$/, readNpmLock],
  [/(^|\/)yarn\.lock$/, readYarnLock],
  [/(^|\/)pnpm-lock\.yaml$/, readPnpmLock],
  [/(^|\/)bun\.lock$/, readBunLock],
  [/(^|\/)(cargo|poetry|uv|pdm)\.lock$/i, readTomlLock],
  [/(^|\/)go\.sum$/, readGoSum],
];

/** True for a lock file, also for one whose format cannot be read here (`bun.lockb`). */
export function isLockPath(path: string): boolean {
  return (
    readers.some(([pattern]) => pattern.test(path)) ||
    /(^|\/)(bun\.lockb|pipfile\.lock|gemfile\.lock|composer\.lock)$/i.test(path)
  );
}

/** Facts of a lock file; null for null text and for a text that cannot be read. */
export function readLock(path: string, source: string | null): LockFacts | null {
  const reader = readers.find(([pattern]) => pattern.test(path));
  return reader === undefined || source === null ? null : reader[1](source);
}

const dependencyKeys = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies', 'requires'];

function namesAsked(value: Readonly<Record<string, unknown>>): readonly string[] {
  return dependencyKeys.flatMap((key) => Object.keys(asObject(value[key]) ?? {}));
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function readNpmLock(source: string): LockFacts | null {
  const lock = readJsonObject(source);
  const packages = asObject(lock?.['packages']);
  if (lock === null) return null;
  if (packages === null) return readNpmLockV1(lock);
  const entries: LockEntry[] = [];
  const roots: { directory: string; name: string }[] = [];
  const wanted = new Set<string>();
  for (const [path, raw] of Object.entries(packages)) {
    const value = asObject(raw) ?? {};
    const names = namesAsked(value);
    for (const name of names) wanted.add(name);
    const installed = path.lastIndexOf('node_modules/');
    if (installed === -1) roots.push(...names.map((name) => ({ directory: path, name })));
    else if (value['link'] !== true && value['inBundle'] !== true)
      entries.push(npmEntry(path.slice(installed + 13), value));
    else wanted.add(path.slice(installed + 13));
  }
  return { entries, roots, wanted };
}

function npmEntry(name: string, value: Readonly<Record<string, unknown>>): LockEntry {
  return {
    name,
    version: text(value['version']),
    host: hostOf(text(value['resolved'])),
    integrity: text(value['integrity']),
  };
}

function readNpmLockV1(lock: Readonly<Record<string, unknown>>): LockFacts {
  const entries: LockEntry[] = [];
  const visit = (dependencies: unknown): void => {
    for (const [name, raw] of Object.entries(asObject(dependencies) ?? {})) {
      const value = asObject(raw) ?? {};
      entries.push(npmEntry(name, value));
      visit(value['dependencies']);
    }
  };
  visit(lock['dependencies']);
  // The names at the top are flattened, so this format does not say who asked.
  return { entries, roots: [], wanted: null };
}

/** JSON with trailing commas; the packages are arrays of id, archive, description and integrity. */
function readBunLock(source: string): LockFacts | null {
  const lock = readJsonObject(source.replace(/,(\s*[}\]])/g, '$1'));
  if (lock === null) return null;
  const roots = Object.entries(asObject(lock['workspaces']) ?? {}).flatMap(([directory, value]) =>
    namesAsked(asObject(value) ?? {}).map((name) => ({ directory, name })),
  );
  const wanted = new Set(roots.map((root) => root.name));
  const entries = Object.values(asObject(lock['packages']) ?? {}).flatMap((raw) => {
    const fields = Array.isArray(raw) ? (raw as readonly unknown[]) : [];
    const id = text(fields[0]);
    for (const field of fields) for (const name of namesAsked(asObject(field) ?? {})) wanted.add(name);
    const at = id.lastIndexOf('@');
    const host = /^https?:|^git|^file/.test(id.slice(at + 1)) ? hostOf(id.slice(at + 1)) : hostOf(text(fields[1]));
    return at < 1 ? [] : [{ name: id.slice(0, at), version: id.slice(at + 1), host, integrity: text(fields.at(-1)) }];
  });
  return { entries, roots, wanted };
}

type Draft = { -readonly [Key in keyof LockEntry]: LockEntry[Key] };

const tomlFields: Readonly<Record<string, (entry: Draft, value: string, first: string) => void>> = {
  name: (entry, _value, first) => void (entry.name = first),
  version: (entry, _value, first) => void (entry.version = first),
  source: (entry, _value, first) => void (entry.host = hostOf(first)),
  checksum: (entry, _value, first) => void (entry.integrity = `sha256-${first}`),
  sdist: (entry, value) => void (entry.integrity = /hash = "([^"]*)"/.exec(value)?.[1] ?? ''),
};

function readTomlLock(source: string): LockFacts {
  const packages = new Map<string, Draft>();
  for (const { section, key, value, strings } of readTomlEntries(source)) {
    if (!/^package#\d+$/.test(section)) continue;
    const entry = packages.get(section) ?? { name: '', version: '', host: '', integrity: '' };
    packages.set(section, entry);
    tomlFields[key]?.(entry, value, strings[0] ?? '');
  }
  return { entries: [...packages.values()], roots: [], wanted: null };
}

function readGoSum(source: string): LockFacts {
  const entries = source.split('\n').flatMap((line) => {
    const [name = '', version = '', integrity = ''] = line.trim().split(/\s+/);
    return integrity === '' ? [] : [{ name, version, host: '', integrity }];
  });
  return { entries, roots: [], wanted: null };
}
