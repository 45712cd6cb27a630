import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
  type BigIntStats,
} from 'node:fs';
import { isFsError } from './fs-error.js';
import { gitFault } from './git-fault.js';

/** What stands at a path of the work tree. FIFOs, sockets and devices are as good as nothing: git keeps none. */
export type WorkFile =
  | { readonly kind: 'absent' }
  | { readonly kind: 'folder' }
  | { readonly kind: 'content'; readonly mode: string; readonly bytes: Buffer }
  | { readonly kind: 'big'; readonly mode: string; readonly size: number };

const ABSENT: WorkFile = { kind: 'absent' };
const BIG_BYTES = 4 << 20;
const TRIES = 3;

/** The id that git gives to a blob of these bytes. */
export function blobId(format: 'sha1' | 'sha256', bytes: Uint8Array): string {
  return createHash(format).update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

/** A fault of the file system as a fault of ours. */
export function unreadable(path: Buffer, cause: NodeJS.ErrnoException): Error {
  return gitFault('GIT_FAILED', `a file of the work tree cannot be read: ${cause.code ?? cause.message}`, {
    mend: 'give this user the right to read it, or name it in .gitignore',
    place: { file: path.toString('utf8') },
    cause,
  });
}

function unstable(path: Buffer): Error {
  return gitFault('GIT_FAILED', 'a file changed while it was read', {
    mend: 'stop what writes to the work tree, and run again',
    place: { file: path.toString('utf8') },
  });
}

/**
 * Reads what stands at a path, following no link and waiting for nobody. A regular file over 4 MiB is told by its size,
 * for `readBigFile`. @throws GIT_FAILED when it cannot be read or does not hold still
 */
export function readWorkFile(path: Buffer): WorkFile {
  try {
    const stats = lstatSync(path);
    if (stats.isDirectory()) return { kind: 'folder' };
    if (stats.isSymbolicLink()) {
      return { kind: 'content', mode: '120000', bytes: readlinkSync(path, { encoding: 'buffer' }) };
    }
    return stats.isFile() ? readRegular(path) : ABSENT;
  } catch (error) {
    if (isFsError(error, 'ENOENT', 'ENOTDIR')) return ABSENT;
    throw isFsError(error) ? unreadable(path, error) : error;
  }
}

function readRegular(path: Buffer): WorkFile {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const file = openRegular(path);
    try {
      const before = fstatSync(file, { bigint: true });
      if (!before.isFile()) return ABSENT;
      const mode = modeOf(before);
      if (before.size > BIG_BYTES) return { kind: 'big', mode, size: Number(before.size) };
      const bytes = readWhole(file, Number(before.size));
      if (bytes !== null && isSame(before, fstatSync(file, { bigint: true }))) return { kind: 'content', mode, bytes };
    } finally {
      closeSync(file);
    }
  }
  throw unstable(path);
}

/** O_NONBLOCK: a FIFO that took the file's place since we looked cannot hold us. */
function openRegular(path: Buffer): number {
  return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
}

function modeOf(stats: BigIntStats): string {
  return (stats.mode & 0o100n) === 0n ? '100644' : '100755';
}

function isSame(before: BigIntStats, after: BigIntStats): boolean {
  return before.size === after.size && before.mtimeNs === after.mtimeNs && before.ctimeNs === after.ctimeNs;
}

function readWhole(file: number, size: number): Buffer | null {
  const bytes = Buffer.allocUnsafe(size);
  for (let at = 0; at < size;) {
    const count = readSync(file, bytes, at, size - at, null);
    if (count === 0) return null;
    at += count;
  }
  return bytes;
}

/** Reads a big file once, piece by piece, and gives the id of its blob. @throws GIT_FAILED unless it holds `size` bytes and still */
export async function readBigFile(
  path: Buffer,
  size: number,
  format: 'sha1' | 'sha256',
  take: (piece: Buffer) => Promise<void>,
): Promise<string> {
  const hash = createHash(format).update(`blob ${size}\0`);
  let file: number | null = null;
  try {
    file = openRegular(path);
    const before = fstatSync(file, { bigint: true });
    for (let left = size; left > 0;) {
      const piece = Buffer.allocUnsafe(Math.min(left, 1 << 20));
      const count = readSync(file, piece, 0, piece.length, null);
      if (count === 0) throw unstable(path);
      left -= count;
      hash.update(piece.subarray(0, count));
      await take(piece.subarray(0, count));
    }
    if (Number(before.size) !== size || !isSame(before, fstatSync(file, { bigint: true }))) throw unstable(path);
    return hash.digest('hex');
  } catch (error) {
    throw isFsError(error) ? unreadable(path, error) : error;
  } finally {
    if (file !== null) closeSync(file);
  }
}
