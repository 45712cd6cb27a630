import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { isFsError } from './fs-error.js';
import { gitFault } from './git-fault.js';

/**
 * A small file of a git directory as text, null when there is none. Opened without waiting, so that a FIFO in its place
 * cannot hold us. @throws GIT_FAILED when it is no regular file, cannot be read, or is over `capBytes`
 */
export async function readSmallFile(path: string, capBytes = 1 << 20): Promise<string | null> {
  let handle;
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await handle.stat();
    if (!stats.isFile() || stats.size > capBytes) {
      throw gitFault('GIT_FAILED', 'not a regular file of sensible size', {
        mend: 'repair the repository',
        place: { file: path },
      });
    }
    return await handle.readFile('latin1');
  } catch (error) {
    if (isFsError(error, 'ENOENT', 'ENOTDIR')) return null;
    if (!isFsError(error)) throw error;
    throw gitFault('GIT_FAILED', `cannot be read: ${error.message}`, {
      mend: 'give this user the right to read the repository',
      place: { file: path },
      cause: error,
    });
  } finally {
    await handle?.close();
  }
}
