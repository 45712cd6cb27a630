import { pathOf } from '../../change.js';
import type { FileFacts } from '../../file-facts.js';
import { readLock } from './lock-entries.js';
import type { LockEntry, LockFacts } from './lock-facts.js';

/** Something odd in a lock file. `name` is the package, null where the file as a whole is meant. */
export interface LockChange {
  readonly name: string | null;
  readonly message: string;
  readonly severity: 'waivable' | 'advisory';
}

const registries = new Set([
  '',
  'registry.npmjs.org',
  'registry.yarnpkg.com',
  'npm.jsr.io',
  'pypi.org',
  'files.pythonhosted.org',
  'github.com',
  'index.crates.io',
]);

/** What the change of a lock file does beyond following its manifest. Same name and version must stay same bytes. */
export function compareLocks(facts: FileFacts): readonly LockChange[] {
  if (facts.newText === null) {
    return facts.file.binary
      ? [{ name: null, message: 'changes a lock file that cannot be read', severity: 'waivable' }]
      : [{ name: null, message: 'deletes a lock file, which pinned what is installed', severity: 'advisory' }];
  }
  const path = pathOf(facts.file);
  const after = readLock(path, facts.newText);
  if (after === null) return [{ name: null, message: 'leaves a lock file that cannot be read', severity: 'waivable' }];
  const before = readLock(facts.file.oldPath ?? path, facts.oldText);
  return [...changedEntries(before, after), ...unwanted(before, after)];
}

function changedEntries(before: LockFacts | null, after: LockFacts): LockChange[] {
  const old = new Map((before?.entries ?? []).map((entry) => [idOf(entry), entry]));
  const hosts = new Set((before?.entries ?? []).map((entry) => entry.host));
  const seen = new Set<string>();
  return after.entries.flatMap((entry) => {
    const id = idOf(entry);
    if (seen.has(id)) return [];
    seen.add(id);
    const message = changed(old.get(id), entry, hosts);
    return message === null ? [] : [{ name: entry.name, message, severity: 'waivable' as const }];
  });
}

function idOf(entry: LockEntry): string {
  return `${entry.name}@${entry.version}`;
}

function changed(old: LockEntry | undefined, entry: LockEntry, hosts: ReadonlySet<string>): string | null {
  if (old !== undefined) return movedHost(old, entry) ?? changedBytes(old, entry);
  const known = registries.has(entry.host) || hosts.has(entry.host);
  return known ? null : `resolves ${idOf(entry)} from ${spell(entry.host)}, a host new to this lock file`;
}

function movedHost(old: LockEntry, entry: LockEntry): string | null {
  if (old.host === entry.host || (registries.has(entry.host) && registries.has(old.host))) return null;
  return `resolves ${idOf(entry)} from ${spell(entry.host)} instead of ${spell(old.host)}`;
}

function spell(host: string): string {
  return host.slice(0, 80) || 'the registry';
}

function changedBytes(old: LockEntry, entry: LockEntry): string | null {
  if (old.integrity === entry.integrity || old.integrity === '') return null;
  if (entry.integrity === '') return `drops the integrity of ${idOf(entry)}`;
  if (kindOf(old.integrity) !== kindOf(entry.integrity)) return null;
  return `changes the integrity of ${idOf(entry)}, though the version is the same`;
}

/** `sha512` of `sha512-…`, the cache key of yarn's `10/…`: sums of different kinds cannot be compared. */
function kindOf(integrity: string): string {
  return /^([\w:]+)[-/:]/.exec(integrity)?.[1] ?? '';
}

function unwanted(before: LockFacts | null, after: LockFacts): LockChange[] {
  const { wanted } = after;
  if (wanted === null) return [];
  const known = new Set((before?.entries ?? []).map((entry) => entry.name));
  const names = new Set(
    after.entries.map((entry) => entry.name).filter((name) => !wanted.has(name) && !known.has(name)),
  );
  return [...names].toSorted().map((name) => ({
    name,
    message: `locks "${name}", which nothing in the lock file asks for`,
    severity: 'waivable' as const,
  }));
}
