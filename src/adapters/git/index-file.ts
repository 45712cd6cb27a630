import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { contradiction } from './git-fault.js';

/** A file as an index holds it; `path` is its bytes as a latin1 string. */
export interface IndexEntry {
  readonly path: string;
  readonly mode: string;
  readonly id: string;
}

/** Sizes of the parts of an entry that come before and after its object id. */
const statBytes = 40;
const flagBytes = 2;
const headerBytes = 12;
const longestName = 0xfff;

/**
 * An index file of version 2 with these entries, in git's order. `statsOf` gives what git compares to know a file
 * unchanged; without it git reads the file when it wants to know.
 * @see https://git-scm.com/docs/index-format
 */
export function buildIndex(
  format: 'sha1' | 'sha256',
  entries: readonly IndexEntry[],
  statsOf: (entry: IndexEntry) => Stats | null = () => null,
): Buffer {
  const header = Buffer.from('DIRC\0\0\0\x02\0\0\0\0', 'latin1');
  header.writeUInt32BE(entries.length, 8);
  const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
  const body = Buffer.concat([header, ...sorted.map((entry) => entryBytes(entry, statsOf(entry)))]);
  return Buffer.concat([body, createHash(format).update(body).digest()]);
}

function entryBytes({ path, mode, id }: IndexEntry, stats: Stats | null): Buffer {
  const name = Buffer.from(path, 'latin1');
  const fixed = statBytes + id.length / 2 + flagBytes;
  // One to eight NULs: the entry ends on a multiple of eight.
  const bytes = Buffer.alloc(Math.floor((fixed + name.length) / 8) * 8 + 8);
  if (stats !== null) writeStats(bytes, stats);
  bytes.writeUInt32BE(Number.parseInt(mode, 8), 24);
  bytes.write(id, statBytes, 'hex');
  bytes.writeUInt16BE(Math.min(name.length, longestName), fixed - flagBytes);
  name.copy(bytes, fixed);
  return bytes;
}

function writeStats(bytes: Buffer, stats: Stats): void {
  const put = (at: number, value: number): void => void bytes.writeUInt32BE(Math.floor(value) % 2 ** 32, at);
  const nanoseconds = (ms: number): number => Math.round((ms % 1000) * 1e6);
  put(0, stats.ctimeMs / 1000);
  put(4, nanoseconds(stats.ctimeMs));
  put(8, stats.mtimeMs / 1000);
  put(12, nanoseconds(stats.mtimeMs));
  put(16, stats.dev);
  put(20, stats.ino);
  put(28, stats.uid);
  put(32, stats.gid);
  put(36, stats.size);
}

/** Entries of an index file of version 2 that git has written. @throws GIT_FAILED for any other */
export function readIndex(bytes: Buffer, idBytes: number): IndexEntry[] {
  const isIndex = bytes.length >= headerBytes && bytes.toString('latin1', 0, 4) === 'DIRC';
  if (!isIndex || bytes.readUInt32BE(4) !== 2) throw contradiction('git wrote an index that is not of version 2');
  const entries: IndexEntry[] = [];
  const fixed = statBytes + idBytes + flagBytes;
  let at = headerBytes;
  for (let left = bytes.readUInt32BE(8); left > 0; left -= 1) {
    const end = bytes.indexOf(0, at + fixed);
    if (end < 0) throw contradiction('git wrote an index that breaks off');
    entries.push({
      path: bytes.toString('latin1', at + fixed, end),
      mode: bytes.readUInt32BE(at + 24).toString(8),
      id: bytes.toString('hex', at + statBytes, at + statBytes + idBytes),
    });
    at += Math.floor((end - at) / 8) * 8 + 8;
  }
  return entries;
}
