import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { isFsError } from './fs-error.js';
import { gitFault } from './git-fault.js';
import { readSmallFile } from './read-small-file.js';

/** Where a repository keeps its parts; read by looking at files, so that none of its configuration is obeyed. */
export interface Repository {
  /** Top of the work tree; of a bare repository, its git directory. */
  readonly root: string;
  /** HEAD and the index: of a linked worktree, its own folder. */
  readonly gitDir: string;
  /** Objects and refs. */
  readonly commonDir: string;
  readonly bare: boolean;
  readonly objectFormat: 'sha1' | 'sha256';
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    if (isFsError(error)) return false;
    throw error;
  }
}

function commonDirOf(gitDir: string): string {
  const pointer = readSmallFile(join(gitDir, 'commondir'));
  return pointer === null ? gitDir : resolve(gitDir, Buffer.from(pointer, 'latin1').toString('utf8').trim());
}

function isGitDir(path: string): boolean {
  if (!isFolder(path) || readSmallFile(join(path, 'HEAD')) === null) return false;
  const commonDir = commonDirOf(path);
  return isFolder(join(commonDir, 'objects')) && isFolder(join(commonDir, 'refs'));
}

/** The git directory that `.git` in a folder is or points at, null when there is none. */
function gitDirAt(folder: string): string | null {
  const dotGit = join(folder, '.git');
  if (isFolder(dotGit)) return isGitDir(dotGit) ? dotGit : null;
  const pointer = readSmallFile(dotGit);
  const [, target] = /^gitdir: (.+?)\s*$/s.exec(pointer ?? '') ?? [];
  if (target === undefined) return null;
  const gitDir = resolve(folder, Buffer.from(target, 'latin1').toString('utf8'));
  return isGitDir(gitDir) ? gitDir : null;
}

/** The repository whose top is exactly `folder` (absolute, real), null when it is none. @throws GIT_FAILED */
export function repositoryAt(folder: string): Repository | null {
  const gitDir = gitDirAt(folder);
  if (gitDir !== null) return describe(folder, gitDir, false);
  if (basename(folder) !== '.git' && isGitDir(folder)) return describe(folder, folder, true);
  return null;
}

function describe(root: string, gitDir: string, bare: boolean): Repository {
  const commonDir = commonDirOf(gitDir);
  const config = readSmallFile(join(commonDir, 'config')) ?? '';
  const value = (key: string): string =>
    new RegExp(`^\\s*${key}\\s*=\\s*"?(\\w+)`, 'im').exec(config)?.[1]?.toLowerCase() ?? '';
  if (!['', 'files'].includes(value('refstorage'))) {
    throw gitFault('GIT_FAILED', `the repository keeps its refs as "${value('refstorage')}", which is not read`, {
      mend: 'run git refs migrate --ref-format=files in it',
      place: { file: join(commonDir, 'config') },
    });
  }
  return { root, gitDir, commonDir, bare, objectFormat: value('objectformat') === 'sha256' ? 'sha256' : 'sha1' };
}

/** The repository that holds `directory`, the nearest one upwards. @throws NOT_A_REPOSITORY, GIT_FAILED */
export function locateRepository(directory: string): Repository {
  const start = realFolder(directory);
  for (let folder = start; ; folder = dirname(folder)) {
    const repository = repositoryAt(folder);
    if (repository !== null) return repository;
    if (dirname(folder) === folder) throw notARepository(directory);
  }
}

function realFolder(directory: string): string {
  try {
    return realpathSync(directory);
  } catch (error) {
    throw notARepository(directory, error);
  }
}

function notARepository(directory: string, cause?: unknown): Error {
  return gitFault('NOT_A_REPOSITORY', 'no git repository here or above', {
    mend: 'go to a git repository, or make one with git init',
    place: { file: directory },
    cause,
  });
}
