import type { ChangedFile } from '../../core/caws/change.js';
import { comparePaths } from '../../core/caws/path-bytes.js';
import type { RawEntry } from './raw-diff.js';

const isRegular = (mode: string): boolean => mode.startsWith('100');

/** Entries of one status, by blob, each list in the order of the paths. */
function byBlob(entries: readonly RawEntry[], status: 'A' | 'D'): Map<string, RawEntry[]> {
  const groups = new Map<string, RawEntry[]>();
  for (const entry of entries) {
    const isDeleted = status === 'D';
    if (entry.status !== status || !isRegular(isDeleted ? entry.oldMode : entry.newMode)) continue;
    const blob = isDeleted ? entry.oldBlob : entry.newBlob;
    const group = groups.get(blob);
    if (group === undefined) groups.set(blob, [entry]);
    else group.push(entry);
  }
  return groups;
}

/** For each added entry that is a renamed deleted one, the deleted one. Both lists are paired off in path order. */
function pairRenames(entries: readonly RawEntry[]): Map<RawEntry, RawEntry> {
  const sorted = entries.toSorted((a, b) => comparePaths(a.path, b.path));
  const added = byBlob(sorted, 'A');
  const pairs = new Map<RawEntry, RawEntry>();
  for (const [blob, deleted] of byBlob(sorted, 'D')) {
    for (const [index, target] of (added.get(blob) ?? []).entries()) {
      const source = deleted[index];
      if (source !== undefined) pairs.set(target, source);
    }
  }
  return pairs;
}

type Mode = ChangedFile['oldMode'];

const modeOf = (mode: string): Mode => (mode === '000000' ? null : (mode as Mode));

function plainFile(entry: RawEntry, longLineSurplus: number): ChangedFile {
  const { status, path, oldBlob, newBlob, added, removed, binary } = entry;
  const isAdded = status === 'A';
  const isDeleted = status === 'D';
  return {
    status,
    oldPath: isAdded ? null : path,
    newPath: isDeleted ? null : path,
    added,
    removed,
    binary,
    oldMode: modeOf(entry.oldMode),
    newMode: modeOf(entry.newMode),
    oldBlob: isAdded ? null : oldBlob,
    newBlob: isDeleted ? null : newBlob,
    longLineSurplus,
  };
}

function renamedFile(source: RawEntry, target: RawEntry): ChangedFile {
  return {
    ...plainFile(target, 0),
    status: 'R',
    oldPath: source.path,
    added: 0,
    oldMode: modeOf(source.oldMode),
    oldBlob: source.oldBlob,
  };
}

/**
 * Entries as changed files, sorted by their path. A deleted and an added regular file with the same blob become one `R`
 * with no lines; of several copies of one deleted file one pairs, the others count in full (constitution §3).
 */
export function toChangedFiles(entries: readonly RawEntry[], surplusOf: (entry: RawEntry) => number): ChangedFile[] {
  const pairs = pairRenames(entries);
  const sources = new Set(pairs.values());
  const files: ChangedFile[] = [];
  for (const entry of entries) {
    if (sources.has(entry)) continue;
    const source = pairs.get(entry);
    files.push(source === undefined ? plainFile(entry, surplusOf(entry)) : renamedFile(source, entry));
  }
  return files.sort((a, b) => comparePaths(a.newPath ?? a.oldPath ?? '', b.newPath ?? b.oldPath ?? ''));
}
