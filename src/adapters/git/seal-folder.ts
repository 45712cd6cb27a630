import { readdirSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommitFacts } from '../../ports/git.js';
import { editTree } from './edit-tree.js';
import { isFsError } from './fs-error.js';
import { failedCommand, gitFault } from './git-fault.js';
import { listEntries, nulRecords } from './list-files.js';
import type { TrackedEntry } from './list-work-tree.js';
import { writeLooseObject } from './loose-objects.js';
import type { ObjectReader } from './object-reader.js';
import { Sealing } from './sealing.js';
import { startGit, type GitCommand } from './spawn-git.js';
import { surveyFolder } from './survey-folder.js';

const SUBMODULE = '160000';
const SLASH = 0x2f;

/** What a change may come to at most: entries looked at, bytes of one file, bytes of all new contents. */
const LIMITS = { entries: 300_000, fileBytes: 100 << 20, newBytes: 256 << 20, listingBytes: 64 << 20 } as const;
/** Git has nothing to wait for in a folder of files. */
const LISTING_TIMEOUT_MS = 30_000;

/**
 * Writes a folder that others have filled as a tree: the base's files as they are now, and files that are neither the
 * base's nor ignored by the folder's own `.gitignore` files. A `.git` in it has no say: not its index, excludes, filters
 * or hooks. FIFOs, sockets and devices are as good as nothing, symlinks are taken as they are and never followed.
 * @throws GIT_FAILED, GIT_TIMEOUT: for a nested repository, a submodule that was written into, unreadable or unstable
 * files, and more than a change may hold
 */
export async function sealFolder(
  git: GitCommand,
  objects: ObjectReader,
  at: { readonly base: CommitFacts; readonly directory: string; readonly objectFormat: 'sha1' | 'sha256' },
): Promise<string> {
  const root = await realFolder(at.directory);
  await surveyFolder(root, LIMITS.entries);
  const [tracked, others] = await Promise.all([listEntries(objects, at.base.tree), listOthers(git, root)]);
  const paths = new Map<string, TrackedEntry | null>(tracked);
  for (const path of others) if (!paths.has(path)) paths.set(path, null);
  const { objectFormat } = at;
  const sealing = new Sealing(git, {
    root,
    objectFormat,
    folderEntry: async (path, entry) => submoduleEntry(path, entry),
    limits: LIMITS,
  });
  try {
    const edits = await sealing.seal(paths);
    const store = join(git.cwd, 'objects');
    return await editTree(objects, at.base.tree, edits, {
      format: objectFormat,
      keep: (object) => writeLooseObject(store, object),
    });
  } finally {
    await sealing.close();
  }
}

async function realFolder(directory: string): Promise<string> {
  try {
    return await realpath(directory);
  } catch (error) {
    if (!isFsError(error)) throw error;
    throw gitFault('GIT_FAILED', `the folder to measure is not there: ${error.message}`, {
      mend: 'name a folder',
      place: { file: directory },
      cause: error,
    });
  }
}

/** An empty folder stands for the submodule's commit; anything in it would be lost. */
function submoduleEntry(path: Buffer, tracked: TrackedEntry | null): TrackedEntry | null {
  if (tracked?.mode !== SUBMODULE) return null;
  if (readdirSync(path).length === 0) return tracked;
  throw gitFault('GIT_FAILED', 'files were written into a submodule, whose changes cannot be judged here', {
    mend: 'change a submodule in its own repository',
    place: { file: path.toString('utf8') },
  });
}

/** Paths of all files that are not ignored, the base's among them, as latin1 strings. */
async function listOthers(git: GitCommand, root: string): Promise<string[]> {
  const env = { GIT_WORK_TREE: root, GIT_INDEX_FILE: join(git.cwd, 'index-that-is-not-there') };
  const timeoutMs = Math.min(git.timeoutMs, LISTING_TIMEOUT_MS);
  const listing = startGit({ ...git, timeoutMs }, ['ls-files', '-z', '--others', '--exclude-standard'], {
    cwd: root,
    env,
  });
  const chunks: Buffer[] = [];
  let bytes = 0;
  for (let chunk = await listing.nextChunk(); chunk !== null; chunk = await listing.nextChunk()) {
    bytes += chunk.length;
    if (bytes > LIMITS.listingBytes) {
      await listing.kill();
      throw gitFault('GIT_FAILED', 'the folder holds more names than can be measured', { mend: 'leave fewer files' });
    }
    chunks.push(chunk);
  }
  await listing.finish();
  requireQuiet(listing.stderr);
  return Array.from(nulRecords(Buffer.concat(chunks)), pathOf);
}

/** A .gitignore that is a symlink is passed over, by git and so by us. */
const HARMLESS = /^warning: unable to access '.*': Too many levels of symbolic links$/;

/** Git only warns of what it cannot read, and lists the rest: a part is not the whole. */
function requireQuiet(stderr: string): void {
  const warnings = stderr.split('\n').filter((line) => line !== '' && !HARMLESS.test(line));
  if (warnings.length > 0) throw failedCommand('ls-files', 'could not list the folder', warnings.join('\n'));
}

function pathOf(record: Buffer): string {
  if (record[record.length - 1] !== SLASH) return record.toString('latin1');
  throw gitFault('GIT_FAILED', 'there is a repository inside of the folder, whose files cannot be judged here', {
    mend: 'leave no .git in folders below the top',
    place: { file: record.toString('utf8') },
  });
}
