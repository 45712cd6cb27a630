import type { TreeEntry } from '../../ports/git.js';
import { gitFault } from './git-fault.js';
import { checkRevision } from './resolve-commit.js';
import { collectGit, type GitCommand } from './spawn-git.js';
import { readPath, writePath } from './path-text.js';

/** Splits NUL-ended records; none gives an empty list. */
export function* nulRecords(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(0, at);
    yield bytes.subarray(at, end < 0 ? undefined : end);
    at = end < 0 ? bytes.length : end + 1;
  }
}

const TAB = 0x09;

function parseEntry(record: Buffer): TreeEntry {
  const tab = record.indexOf(TAB);
  const [mode = '', , blob = ''] = record.toString('latin1', 0, tab).split(' ');
  return { mode, blob, path: readPath(record.subarray(tab + 1)) };
}

/**
 * Files of a commit or tree in byte order, submodules included. `prefix` is a folder or a file, '' for all; a prefix
 * that is absent gives an empty list. @throws UNKNOWN_REVISION, GIT_FAILED
 */
export async function listFiles(git: GitCommand, treeish: string, prefix: string): Promise<readonly TreeEntry[]> {
  const folder = prefix.replace(/\/+$/, '');
  const isPlain = !/[\udc80-\udcff]/.test(folder.replace(/[\ud800-\udbff][\udc00-\udfff]/g, ''));
  if (!isPlain || folder.includes('\0')) {
    throw gitFault('GIT_FAILED', 'a folder whose name is not UTF-8 cannot be listed by itself', {
      mend: 'list its parent folder',
      place: { file: prefix },
    });
  }
  const where = folder === '' ? [] : [writePath(folder).toString('utf8')];
  const listed = await collectGit(git, ['ls-tree', '-r', '-z', '--full-tree', checkRevision(treeish), '--', ...where]);
  return Array.from(nulRecords(listed), parseEntry);
}
