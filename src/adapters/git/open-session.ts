import type { ChildProcess } from 'node:child_process';
import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { isFault } from '../../core/fault.js';
import type { CommitFacts, GitSession } from '../../ports/git.js';
import { isAncestor } from './ancestry.js';
import { blame } from './blame.js';
import { blobSizes } from './blob-sizes.js';
import { checkOut } from './check-out.js';
import { cloneCommit } from './clone-commit.js';
import { DiffTeller } from './diff-teller.js';
import { readFileOf } from './find-entry.js';
import { isFsError } from './fs-error.js';
import { extendRecord } from './extend-record.js';
import { gitFault } from './git-fault.js';
import { identifyRepository } from './identify-repository.js';
import { keepCandidate } from './keep-candidate.js';
import { landCommit } from './land-commit.js';
import { listAuthors } from './list-authors.js';
import { changedNames, listCommits, readBlobs, readCommits } from './list-commits.js';
import { listFiles } from './list-files.js';
import type { Repository } from './locate-repository.js';
import { measureChange } from './measure-change.js';
import { ObjectReader } from './object-reader.js';
import { privateEnvironment, writePrivateGitDir } from './private-git-dir.js';
import { readContents } from './read-contents.js';
import { Remembered, isObjectId } from './remember.js';
import { resolveCommit } from './resolve-commit.js';
import { sealFolder } from './seal-folder.js';
import { PatchSealer } from './seal-patch.js';
import { sealWorkTree } from './seal-work-tree.js';
import { collectGit, type GitCommand } from './spawn-git.js';
import { streamDiff } from './stream-diff.js';
import { readUserAddress } from './user-address.js';
import { tipReader } from './tip-mark.js';
import { makeTemporaryFolder, removeTemporaryFolder } from './temporary-folder.js';
import { RefUpdater } from './update-ref.js';

export interface SessionOptions {
  readonly binary: string;
  readonly temporaryDirectory: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** Objects of a push that is not taken yet. */
  readonly quarantine?: string | undefined;
}

/** A session whose git has not yet said its version. */
export type OpenedSession = Omit<GitSession, 'version'>;

/** Opens a located repository by a private GIT_DIR, which `close` removes. @throws GIT_FAILED */
export function openSession(repository: Repository, options: SessionOptions): OpenedSession {
  let folder: string | null = null;
  try {
    folder = makeTemporaryFolder(options.temporaryDirectory, repository.root);
    writePrivateGitDir(folder, repository, options.quarantine);
    return sessionIn(folder, repository, options);
  } catch (error) {
    if (folder !== null) removeTemporaryFolder(folder);
    if (!isFsError(error)) throw error;
    throw gitFault('GIT_FAILED', `a private git directory cannot be made: ${error.message}`, {
      mend: 'check the space and the rights in the temporary directory (TMPDIR)',
      place: { file: options.temporaryDirectory },
      cause: error,
    });
  }
}

function sessionIn(folder: string, repository: Repository, options: SessionOptions): OpenedSession {
  const { binary, timeoutMs, signal } = options;
  const running = new Set<ChildProcess>();
  // One listener a process: node takes more than ten for a leak, and says so to whoever runs the command.
  if (signal !== undefined) setMaxListeners(0, signal);
  const git: GitCommand = { binary, cwd: folder, env: privateEnvironment(folder), timeoutMs, signal, running };
  const objects = new ObjectReader(git);
  const { objectFormat } = repository;
  const patches = new PatchSealer(git, objects, objectFormat);
  const refs = new RefUpdater(git);
  const diffs = new DiffTeller(git);
  const sealNested = (nested: Repository): Promise<string> => sealNestedAt(nested, options);
  const roots = new Remembered<string>(64);
  const descents = new Remembered<boolean>(64);
  return {
    root: repository.root,
    commonDir: repository.commonDir,
    bare: repository.bare,
    protectedTip: tipReader(git, objects, repository),
    // Commits never change what they descend from, and the shallow list is the session's own copy.
    repositoryId: (commit = 'HEAD') =>
      roots.of(isObjectId(commit) ? commit : null, () => identifyRepository(git, commit)),
    resolveCommit: (revision) => resolveCommit(objects, revision),
    isAncestor(ancestor, descendant) {
      const key = isObjectId(ancestor) && isObjectId(descendant) ? `${ancestor} ${descendant}` : null;
      return descents.of(key, () => isAncestor(git, objects, ancestor, descendant));
    },
    requireAncestor: (base, head) => requireAncestor(git, objects, base, head),
    async sealWorkTree() {
      return sealWorkTree(git, { repository, headTree: await headTree(git, objects), sealNested });
    },
    listAuthors: (base, head) => listAuthors(git, base, head),
    userAddress: () => readUserAddress(git, repository.root),
    sealPatch: async (base, patch) => patches.seal(await resolveCommit(objects, base), patch),
    measure: (base, tree, head) => measureChange(diffs, objects, { base, tree, head }),
    readContents: (change, limits) => readContents({ git, objects, diffs }, change, limits),
    readFile: (treeish, path) => readFileOf(objects, treeish, path),
    listFiles: (treeish, prefix) => listFiles(objects, treeish, prefix),
    checkOut: (treeish, directory) => checkOut(git, objects, treeish, directory),
    diff: (change) => streamDiff(diffs, change),
    async cloneCommit(id, directory, { startPatch } = {}) {
      const commit = await resolveCommit(objects, id);
      const workTree = startPatch === undefined ? commit.tree : await patches.seal(commit, startPatch);
      await cloneCommit(git, objects, { commit, directory, workTree, objectFormat });
      return workTree;
    },
    sealFolder: async (base, directory) =>
      sealFolder(git, objects, { base: await resolveCommit(objects, base), directory, objectFormat }),
    async keepCandidate(candidate) {
      const base = await resolveCommit(objects, candidate.base);
      const { change } = candidate;
      const tree = 'tree' in change ? change.tree : await patches.seal(base, change.patch);
      const store = join(repository.commonDir, 'objects');
      return keepCandidate({ objects, refs, store, objectFormat }, base, tree, candidate);
    },
    async landCommit(landing) {
      const base = await resolveCommit(objects, landing.base);
      const store = join(repository.commonDir, 'objects');
      const reaches = (above: string, below: string): Promise<boolean> => isAncestor(git, objects, above, below);
      return landCommit({ objects, refs, store, objectFormat, isAncestor: reaches }, repository, base, landing);
    },
    extendRecord: (entry) => {
      const store = join(repository.commonDir, 'objects');
      return extendRecord({ objects, refs, store, objectFormat }, entry);
    },
    listCommits: (base, head) => listCommits(git, objects, base, head),
    readCommits: (ids) => readCommits(objects, ids),
    blame: (asked) => blame(git, asked),
    changedNames: (before, after) => changedNames(objects, before, after),
    readBlobs: (ids) => readBlobs(objects, ids),
    blobSizes: (ids) => blobSizes(git, ids),
    async close() {
      await refs.close();
      await objects.close();
      await Promise.all(Array.from(running, kill));
      removeTemporaryFolder(folder);
    },
  };
}

function kill(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('close', () => resolve());
    child.kill('SIGKILL');
    child.stdout?.destroy();
    child.stderr?.destroy();
  });
}

async function requireAncestor(
  git: GitCommand,
  objects: ObjectReader,
  base: CommitFacts,
  head: CommitFacts,
): Promise<void> {
  if (await isAncestor(git, objects, base.id, head.id)) return;
  throw gitFault('BASE_NOT_ANCESTOR', `the base ${base.id} is not an ancestor of ${head.id}`, {
    mend: 'rebase the change on the base, or name as base what it grew from (git merge-base); in a shallow clone git fetch --unshallow first',
  });
}

/** The tree of HEAD, null when HEAD names a branch that has no commit yet. @throws GIT_FAILED when HEAD is broken */
async function headTree(git: GitCommand, objects: ObjectReader): Promise<string | null> {
  if ((await objects.read('HEAD')) !== null) return (await resolveCommit(objects, 'HEAD')).tree;
  // Ends with a fault unless HEAD is a symbolic ref; a branch that is there but names nothing is damage, not a beginning.
  const branch = (await collectGit(git, ['symbolic-ref', 'HEAD'])).toString('utf8').trim();
  const found = (await collectGit(git, ['for-each-ref', '--format=%(refname)', branch])).toString('utf8').trim();
  if (found === '') return null;
  throw gitFault('GIT_FAILED', `the branch ${branch} names a commit that is missing`, {
    mend: 'run git fsck in the repository',
  });
}

async function sealNestedAt(nested: Repository, options: SessionOptions): Promise<string> {
  const session = openSession(nested, options);
  try {
    const head = await nestedHead(session);
    if ((await session.sealWorkTree()) === head.tree) return head.id;
    throw gitFault('GIT_FAILED', 'a submodule or nested repository holds changes that its commit does not', {
      mend: 'commit or discard them inside of it, or name it in .gitignore',
      place: { file: nested.root },
    });
  } finally {
    await session.close();
  }
}

async function nestedHead(session: OpenedSession): Promise<CommitFacts> {
  try {
    return await session.resolveCommit('HEAD');
  } catch (error) {
    if (!isFault(error, 'UNKNOWN_REVISION')) throw error;
    throw gitFault('GIT_FAILED', 'a submodule or nested repository has no commit that could stand for it', {
      mend: 'commit inside of it, or name it in .gitignore',
      place: { file: session.root },
      cause: error,
    });
  }
}
