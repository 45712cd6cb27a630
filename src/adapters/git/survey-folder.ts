import { readdirSync, type Dirent } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isFsError } from './fs-error.js';
import { gitFault } from './git-fault.js';

const FOLDERS_A_TURN = 64;
const SLASH = Buffer.from('/');

/**
 * Looks a folder through that others have filled, before git does: git would wait for ever for a FIFO where it expects
 * one of its own files, and walk on as long as there is something to walk.
 * @throws GIT_FAILED for such a file, for more than `maxEntries` entries, and for paths that are too long
 */
export async function surveyFolder(root: string, maxEntries: number): Promise<void> {
  const folders = [Buffer.from(root)];
  let entries = 0;
  for (let at = 0; at < folders.length; at += 1) {
    const folder = folders[at] ?? Buffer.alloc(0);
    const found = namesIn(folder);
    entries += found.length;
    if (entries > maxEntries) throw odd(`there are more than ${maxEntries} files`, root);
    for (const entry of found) {
      const path = Buffer.concat([folder, SLASH, entry.name]);
      requireReadable(entry, path, at === 0);
      if (entry.isDirectory() && !isNamed(entry, '.git')) folders.push(path);
    }
    if (at % FOLDERS_A_TURN === 0) await nextTurn();
  }
}

/** Git opens ignore files, and what is in the `.git` of a folder below the top, without a look at what they are. */
function requireReadable(entry: Dirent<Buffer>, path: Buffer, isTop: boolean): void {
  if (isNamed(entry, '.gitignore') && isSpecial(entry)) throw odd('a .gitignore is no regular file', path.toString());
  if (isTop || !isNamed(entry, '.git') || !entry.isDirectory()) return;
  if (namesIn(path).some(isSpecial)) throw odd('a .git holds no regular files', path.toString());
}

function isNamed(entry: Dirent<Buffer>, name: string): boolean {
  return entry.name.toString('latin1') === name;
}

function isSpecial(entry: Dirent<Buffer> | Dirent): boolean {
  return !entry.isFile() && !entry.isDirectory() && !entry.isSymbolicLink();
}

function namesIn(folder: Buffer): Dirent<Buffer>[] {
  try {
    return readdirSync(folder, { withFileTypes: true, encoding: 'buffer' });
  } catch (error) {
    // Gone meanwhile, or closed to us: if it matters, git says so.
    if (isFsError(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return [];
    if (!isFsError(error)) throw error;
    throw odd(`a folder cannot be read: ${error.message}`, folder.toString());
  }
}

function odd(message: string, file: string): Error {
  return gitFault('GIT_FAILED', `the folder cannot be measured: ${message}`, {
    mend: 'work in a fresh clone, with files and folders that git can keep',
    place: { file },
  });
}
