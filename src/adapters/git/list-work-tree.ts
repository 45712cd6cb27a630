import { constants } from 'node:fs';
import { open, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isFsError } from './fs-error.js';
import { failedCommand, gitFault } from './git-fault.js';
import { nulRecords } from './list-files.js';
import { repositoryAt, type Repository } from './locate-repository.js';
import type { PrivateIndex } from './private-index.js';
import { collectGit, startGit, type GitCommand } from './spawn-git.js';

/** A path of the head's tree as git has it, keyed by the path's bytes as a latin1 string. */
export interface TrackedEntry {
  readonly mode: string;
  readonly id: string;
}

const SLASH = 0x2f;

/**
 * Every path that the work tree may hold, with its entry in the head's tree, null when it has none: paths of the head,
 * paths of the repository's index (a file added by force though ignored; nothing else of the index is believed, so that
 * assume-unchanged, skip-worktree, conflicts and locks hide nothing) and files that are neither there nor ignored.
 * Ignored means by the `.gitignore` files of the work tree alone. @throws GIT_FAILED also when a folder is unreadable
 */
export async function listWorkTree(
  git: GitCommand,
  repository: Repository,
  headTree: string | null,
  index: PrivateIndex,
): Promise<Map<string, TrackedEntry | null>> {
  const [head, staged, others] = await Promise.all([
    listHead(git, headTree),
    listIndex(git, repository, index),
    listOthers(git, repository, index),
  ]);
  const paths = new Map<string, TrackedEntry | null>(head);
  for (const record of [...nulRecords(staged), ...nulRecords(others)]) {
    // A nested repository is listed with a slash at its end.
    const isNested = record[record.length - 1] === SLASH;
    const path = record.toString('latin1', 0, isNested ? record.length - 1 : record.length);
    if (isNested) requireRepository(repository, record.subarray(0, -1));
    if (!paths.has(path)) paths.set(path, null);
  }
  return paths;
}

/** Git looks into no folder that it takes for a repository: one that is none would hide whatever lies in it. */
function requireRepository({ root }: Repository, path: Buffer): void {
  const folder = join(root, path.toString('utf8'));
  if (repositoryAt(folder) !== null) return;
  throw gitFault('GIT_FAILED', 'git takes a folder for a nested repository, and it is none that can be read', {
    mend: 'remove the .git in it, or name the folder in .gitignore',
    place: { file: folder },
  });
}

async function listHead(git: GitCommand, headTree: string | null): Promise<Array<[string, TrackedEntry]>> {
  if (headTree === null) return [];
  const listed = await collectGit(git, ['ls-tree', '-r', '-z', '--full-tree', headTree]);
  return Array.from(nulRecords(listed), (record) => {
    const text = record.toString('latin1');
    const tab = text.indexOf('\t');
    const [mode = '', , id = ''] = text.slice(0, tab).split(' ');
    return [text.slice(tab + 1), { mode, id }];
  });
}

/** Waits for nobody: a FIFO in the place of the index is no index. */
async function copyRegular(from: string, to: string): Promise<void> {
  const file = await open(from, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if ((await file.stat()).isFile()) return await writeFile(to, file.createReadStream({ autoClose: false }));
    throw gitFault('GIT_FAILED', 'the index is no regular file', {
      mend: 'repair the repository: remove it, then git reset',
      place: { file: from },
    });
  } finally {
    await file.close();
  }
}

/** Works on a copy: reading a split index would touch the repository's shared part. */
async function listIndex(git: GitCommand, { gitDir }: Repository, index: PrivateIndex): Promise<Buffer> {
  const copy = `${index.env.GIT_INDEX_FILE}-theirs`;
  try {
    await copyRegular(join(gitDir, 'index'), copy);
    for (const name of await readdir(gitDir)) {
      if (name.startsWith('sharedindex.')) await copyRegular(join(gitDir, name), join(git.cwd, name));
    }
  } catch (error) {
    if (isFsError(error, 'ENOENT')) return Buffer.alloc(0);
    if (!isFsError(error)) throw error;
    throw gitFault('GIT_FAILED', `the index cannot be copied: ${error.message}`, {
      mend: 'give this user the right to read the repository, and make room in the temporary directory',
      place: { file: join(gitDir, 'index') },
      cause: error,
    });
  }
  return collectGit(git, ['ls-files', '-z', '--cached'], { env: { GIT_INDEX_FILE: copy } });
}

/** A .gitignore that is a symlink is passed over, by git and so by us: following it could lead anywhere. */
const HARMLESS = /^warning: unable to access '.*': Too many levels of symbolic links$/;

async function listOthers(git: GitCommand, { root }: Repository, index: PrivateIndex): Promise<Buffer> {
  const env = { ...index.env, GIT_WORK_TREE: root };
  const listing = startGit(git, ['ls-files', '-z', '--others', '--exclude-standard'], { cwd: root, env });
  const chunks: Buffer[] = [];
  for (let chunk = await listing.nextChunk(); chunk !== null; chunk = await listing.nextChunk()) chunks.push(chunk);
  await listing.finish();
  // Git only warns of a folder or an ignore file that it cannot read, and lists the rest: a part is not the whole.
  const warnings = listing.stderr.split('\n').filter((line) => line !== '' && !HARMLESS.test(line));
  if (warnings.length > 0) throw failedCommand('ls-files', 'could not list the work tree', warnings.join('\n'));
  return Buffer.concat(chunks);
}
