import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { isFsError } from './fs-error.js';
import { gitFault } from './git-fault.js';

/**
 * A small file of a git directory as text (a handful of them is read at every opening, without a turn of the loop each), null when there is none. Opened without waiting, so that a FIFO in its place
 * cannot hold us. @throws GIT_FAILED when it is no regular file, cannot be read, or is over `capBytes`
 */
export function readSmallFile(path: string, capBytes = 1 << 20): string | null {
  let file: number | null = null;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(file);
    if (!stats.isFile() || stats.size > capBytes) {
      throw gitFault('GIT_FAILED', 'not a regular file of sensible size', {
        mend: 'repair the repository',
        place: { file: path },
      });
    }
    return readFileSync(file, 'latin1');
  } catch (error) {
    if (isFsError(error, 'ENOENT', 'ENOTDIR')) return null;
    if (!isFsError(error)) throw error;
    throw gitFault('GIT_FAILED', `cannot be read: ${error.message}`, {
      mend: 'give this user the right to read the repository',
      place: { file: path },
      cause: error,
    });
  } finally {
    if (file !== null) closeSync(file);
  }
}
