import { readPath } from './path-text.js';
import type { ByteSource } from './byte-source.js';
import { gitFault } from './git-fault.js';

/** One path whose tree entry differs, as `git diff-tree --raw` tells it, with the counts of `--numstat` where they were asked for. */
export interface RawEntry {
  readonly status: 'A' | 'M' | 'D' | 'T';
  readonly path: string;
  /** The path's bytes as a latin1 string: quicker to compare than to decode. */
  readonly rawPath: string;
  readonly oldMode: string;
  readonly newMode: string;
  readonly oldBlob: string;
  readonly newBlob: string;
  added: number;
  removed: number;
  binary: boolean;
}

/** Never -U0: with no context git trims a common tail first, and may then count lines otherwise than --numstat alone. */
export const DIFF_OPTIONS = [
  '-r',
  '-z',
  '--no-renames',
  '--no-ext-diff',
  '--no-textconv',
  '--no-color',
  '--ignore-submodules=none',
  '--raw',
  '-p',
  '-U1',
] as const;

const NUL = 0;
const PATH_CAP = 1 << 20;
const RAW = /^:(\d{6}) (\d{6}) ([0-9a-f]+) ([0-9a-f]+) ([AMDT])/;

function parseRaw(header: string, pathBytes: Buffer): RawEntry {
  const [, oldMode, newMode, oldBlob, newBlob, status] = RAW.exec(header) ?? [];
  if (oldMode === undefined || newMode === undefined || oldBlob === undefined || newBlob === undefined) {
    throw gitFault('GIT_FAILED', `git diff-tree said "${header.slice(0, 120)}", which is not understood`, {
      mend: 'report the version of git to the makers of Arbiter',
    });
  }
  const rawPath = pathBytes.toString('latin1');
  const path = readPath(pathBytes, rawPath);
  const known = { oldMode, newMode, oldBlob, newBlob, path, rawPath, added: 0, removed: 0, binary: false };
  return { ...known, status: status as RawEntry['status'] };
}

/**
 * Reads the raw and numstat part of a `DIFF_OPTIONS` stream and leaves the source at its first patch section. Entries
 * come in git's order; a change of nothing gives an empty list. @throws GIT_FAILED
 */
export async function readRawEntries(source: ByteSource): Promise<RawEntry[]> {
  const entries: RawEntry[] = [];
  let counted = 0;
  for (;;) {
    const record = source.recordAtHand(NUL) ?? (await source.record(NUL, PATH_CAP));
    // An empty record stands between the counts and the patch.
    if (record === null || record.length === 0) return entries;
    if (record.bytes[0] === 0x3a) {
      const header = record.bytes.toString('latin1');
      const path = source.recordAtHand(NUL) ?? (await source.record(NUL, PATH_CAP));
      entries.push(parseRaw(header, path?.bytes ?? Buffer.alloc(0)));
      continue;
    }
    counted = applyCounts(entries, counted, record.bytes);
  }
}

/** Git leaves out entries in which nothing is counted, never reorders them. */
function applyCounts(entries: RawEntry[], from: number, record: Buffer): number {
  const text = record.toString('latin1');
  const [counts, added = '', removed = ''] = /^(\d+|-)\t(\d+|-)\t/.exec(text) ?? [''];
  const rawPath = text.slice(counts.length);
  for (let index = from; index < entries.length; index += 1) {
    const entry = entries[index];
    if (entry?.rawPath !== rawPath) continue;
    entry.binary = added === '-';
    entry.added = entry.binary ? 0 : Number(added);
    entry.removed = entry.binary ? 0 : Number(removed);
    return index + 1;
  }
  throw gitFault('GIT_FAILED', 'git diff-tree counted lines of a path that it did not list', {
    mend: 'run git fsck in the repository: a tree may hold a name twice',
    place: { file: rawPath },
  });
}
