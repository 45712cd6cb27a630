import type { Change, LineFact, ChangedFile } from '../core/caws/change.js';

export type GitFaultCode =
  | 'GIT_MISSING'
  | 'GIT_TOO_OLD'
  | 'NOT_A_REPOSITORY'
  | 'UNKNOWN_REVISION'
  | 'BASE_NOT_ANCESTOR'
  | 'PATCH_DOES_NOT_APPLY'
  | 'BRANCH_CHECKED_OUT'
  | 'REF_MOVED'
  | 'GIT_FAILED'
  | 'GIT_TIMEOUT';

export interface CommitFacts {
  readonly id: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly committedMs: number;
}

/** A commit as its own bytes say, signature included. */
export interface CommitDetail extends CommitFacts {
  readonly message: string;
  /** The armored signature of its header, null where it is unsigned. */
  readonly signature: string | null;
  /** What a signature is over: the commit without its signature header. */
  readonly signedBytes: Uint8Array;
}

/** Steps of a landing, in order; between any two of them a process may die. */
export const landingSteps = [
  'objects-written',
  'commit-written',
  'record-written',
  'refs-prepared',
  'refs-set',
] as const;
export type LandingStep = (typeof landingSteps)[number];

/** A judged change that becomes a commit, and the record of its verdict. */
export interface Landing {
  readonly base: string;
  /** A tree that was sealed in this session. */
  readonly tree: string;
  readonly message: string;
  /** When the commit was made, as it says; whole seconds are kept. */
  readonly atMs: number;
  /** An armored SSHSIG in namespace `git`; the same bytes must give the same signature. */
  readonly sign: (bytes: Uint8Array) => Promise<string>;
  /** Branch to move, null for none: from `expectedOld` (null: not there), while `protectedRef` stands at the base. */
  readonly branch: {
    readonly ref: string;
    readonly expectedOld: string | null;
    readonly protectedRef: string | null;
  } | null;
  /** Files to add to the record, by path, and `commitText` under `commits/<commit id>` when a branch is moved. */
  readonly record: {
    readonly ref: 'refs/caws/ledger';
    readonly message: string;
    readonly files: ReadonlyMap<string, Uint8Array>;
    readonly commitText: string;
  };
  /** What is told of the commit, once its id is known, when a branch is moved; left out: nothing. */
  readonly evidence?: (commit: string) => LandingEvidence;
  /** Told of each step when it is done. */
  readonly onStep?: (step: LandingStep) => Promise<void>;
}

/** Who made a commit, for other tools: files beside its record, and a note that gives way to one that is there. */
export interface LandingEvidence {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly note: { readonly ref: 'refs/notes/ai'; readonly bytes: Uint8Array };
}

/** Files to add to the record; the same shape as a landing's, without a commit of its own. */
export type RecordEntry = Pick<Landing, 'sign' | 'atMs'> & { readonly record: Omit<Landing['record'], 'commitText'> };

/** Where the record stands then; `changed` is false when all of it was there already. */
export interface Recorded {
  readonly record: string;
  readonly changed: boolean;
}

/** What a landing came to; `changed` is false when all of it was there already. */
export interface Landed {
  readonly commit: string;
  readonly record: string;
  readonly changed: boolean;
}

export interface TreeEntry {
  readonly path: string;
  readonly mode: string;
  readonly blob: string;
}

/**
 * Changed lines and content of one file, streamed in the order of `Change.files`. Bytes are null where there is no side,
 * for a submodule, and over the cap; lines of a side are missing only where more than the cap of its text has changed,
 * so never where its bytes are there. Of a rename and of a binary file there are no lines.
 */
export interface FileContent {
  readonly file: ChangedFile;
  readonly oldBytes: Uint8Array | null;
  readonly newBytes: Uint8Array | null;
  readonly addedLines: readonly LineFact[];
  readonly removedLines: readonly LineFact[];
}

/** Lines of a file, from 1, that came with one commit; `path` is the file's name there. */
export interface BlamedLines {
  readonly from: number;
  readonly to: number;
  readonly commit: string;
  readonly path: string;
}

/** A change to keep in the repository beyond the session: as a tree that was sealed in it, or as a patch. */
export interface KeptCandidate {
  readonly base: string;
  readonly change: { readonly tree: string } | { readonly patch: Uint8Array };
  /** Below `refs/arbiter/`. */
  readonly ref: string;
  readonly message: string;
  /** When the commit was made, as it says; milliseconds since the epoch, of which whole seconds are kept. */
  readonly atMs: number;
  /** Commit that the ref must stand at, null when it must not be there. */
  readonly expectedOld: string | null;
}

/**
 * A repository read through a private GIT_DIR: its hooks, filters, attributes, replace refs, user configuration and
 * environment have no say (constitution §3, Measuring). Objects are written into a private store of our own; `keepCandidate`
 * alone writes into the repository. @throws GitFaultCode on every failure and timeout, never an empty answer.
 */
export interface GitSession {
  /** Top of the work tree, or the bare repository itself. */
  readonly root: string;
  /** Where objects, refs and hooks are. */
  readonly commonDir: string;
  readonly bare: boolean;
  /** `git --version` of the program that measures, such as `2.39.5`. */
  readonly version: string;
  /**
   * Tip of the protected ref: where `refs/remotes/origin/HEAD` points, else `refs/heads/main`, else `refs/heads/master`;
   * in a bare repository where `HEAD` points. Null where none of them is there.
   */
  protectedTip(): Promise<{ readonly ref: string; readonly commit: string } | null>;
  /**
   * Stable over full clones: SHA-256 over the sorted root commit ids, a line each, that a commit descends from; of HEAD
   * when none is named. A judgement names its base: HEAD may stand in another history that was fetched.
   */
  repositoryId(commit?: string): Promise<string>;
  resolveCommit(revision: string): Promise<CommitFacts>;
  isAncestor(ancestor: string, descendant: string): Promise<boolean>;
  /** @throws BASE_NOT_ANCESTOR unless `head` is the base or descends from it */
  requireAncestor(base: CommitFacts, head: CommitFacts): Promise<void>;
  /**
   * Seals the work tree as it is on disk, untracked files included, ignored ones not (unless HEAD or the index has
   * them); returns the tree id, which is good as long as the session. A dirty or empty nested repository is a fault:
   * its changes could not be judged.
   */
  sealWorkTree(): Promise<string>;
  /**
   * Applies a unified diff to the base's tree and returns the tree id, which is good as long as the session.
   * @throws PATCH_DOES_NOT_APPLY with the file that git names
   */
  sealPatch(base: string, patch: Uint8Array): Promise<string>;
  /** Addresses of the authors and committers of the commits between two commit ids, sorted; none where there are none. */
  listAuthors(base: string, head: string): Promise<readonly string[]>;
  /**
   * Address that the person who works here gave git (`user.email` of the repository, else of their own configuration);
   * null where there is none. A name that somebody gives themselves, never a proof.
   */
  userAddress(): Promise<string | null>;
  /** Measures `tree` against the commit `base`. `head` is recorded only. */
  measure(base: CommitFacts, tree: string, head: string | null): Promise<Change>;
  /** Contents and changed lines of the change's files, at most `maxBytes` a blob (null beyond). Bounded memory. */
  readContents(change: Change, options: { maxBytes: number }): AsyncIterable<FileContent>;
  /** A file of a commit or tree, null when absent. @throws GIT_FAILED when it is not a regular file. */
  readFile(treeish: string, path: string): Promise<Uint8Array | null>;
  listFiles(treeish: string, prefix: string): Promise<readonly TreeEntry[]>;
  /** Writes a tree as plain files into an empty directory: no `.git`, no filters, symlinks as symlinks. */
  checkOut(treeish: string, directory: string): Promise<void>;
  /**
   * Makes a repository of its own in an empty directory: one commit without parents that holds the commit's tree, on
   * branch main; no remote, alternates, hooks or configuration of the repository. A `startPatch` against the commit is
   * uncommitted work in it. Gives the id of the tree that the files hold. @throws PATCH_DOES_NOT_APPLY, GIT_FAILED
   */
  cloneCommit(commit: string, directory: string, options?: { readonly startPatch?: Uint8Array }): Promise<string>;
  /**
   * Seals the files of a folder that others have filled, such as a clone, against a commit; returns the tree id, which
   * is good as long as the session. No `.git` in it has a say; what is ignored by its own `.gitignore` files is left
   * out unless the commit has it. @throws GIT_FAILED also for repositories in it, and for more than a change may hold
   */
  sealFolder(base: string, directory: string): Promise<string>;
  /**
   * Writes a change into the repository itself as a commit on the base, by a fixed identity, and sets the ref if it
   * stands where it is expected; gives the commit's id. Doing it again is no fault and gives the same id. Work tree,
   * index, HEAD, branches and configuration are left alone, no hook runs. @throws GIT_FAILED, PATCH_DOES_NOT_APPLY
   */
  keepCandidate(candidate: KeptCandidate): Promise<string>;
  /**
   * Makes a signed commit of a sealed tree on the base, by a fixed identity, records it, and moves the branch, the
   * record's ref and that of the note in one transaction, each from where it stands. Done again it finds its own commit and changes nothing;
   * a landing that broke off is completed. Work tree, index and HEAD are left alone, no hook runs.
   * @throws REF_MOVED when a ref stands elsewhere, BRANCH_CHECKED_OUT, GIT_FAILED
   */
  landCommit(landing: Landing): Promise<Landed>;
  /**
   * Adds files to the record in one signed commit, and moves nothing else. Done again it changes nothing.
   * @throws REF_MOVED when the record holds another file there, GIT_FAILED
   */
  extendRecord(entry: RecordEntry): Promise<Recorded>;
  /**
   * Commits that `head` has and `base` (null: nothing) does not, ancestors first, from two or three processes however
   * many there are. @throws UNKNOWN_REVISION also for a tag, GIT_FAILED for missing objects
   */
  listCommits(base: string | null, head: string): Promise<readonly CommitDetail[]>;
  /** Commits by their ids, in order. @throws GIT_FAILED when one is missing */
  readCommits(ids: readonly string[]): Promise<readonly CommitDetail[]>;
  /**
   * Which commit each line of a file of `commit` came with, in order; through renames, and through lines that a commit
   * moved from other files that it changed. `lines` null: all. @throws GIT_FAILED when file or lines are not there
   */
  blame(asked: {
    readonly commit: string;
    readonly path: string;
    readonly lines: { readonly from: number; readonly to: number } | null;
  }): Promise<readonly BlamedLines[]>;
  /** Names at the top of two commits' trees whose content differs, sorted. @throws UNKNOWN_REVISION */
  changedNames(before: string, after: string): Promise<readonly string[]>;
  /** Contents of blobs by their ids, in order. @throws GIT_FAILED when one is missing */
  readBlobs(ids: readonly string[]): Promise<readonly Uint8Array[]>;
  /** Sizes in bytes of objects by their ids, by git's own word: for estimates alone. What is missing is left out. */
  blobSizes(ids: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** The binary-safe patch of the change, as `git apply` takes it. */
  diff(change: Change): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

export interface Git {
  /**
   * The repository that holds `directory`. `timeoutMs` is the longest that one git process may stay silent while it is
   * waited for. `quarantine` is a folder of objects inside the repository's own that a push has brought and that no ref
   * names yet. @throws GIT_MISSING, GIT_TOO_OLD, NOT_A_REPOSITORY, GIT_FAILED for a quarantine elsewhere
   */
  open(
    directory: string,
    options?: { signal?: AbortSignal; timeoutMs?: number; quarantine?: string },
  ): Promise<GitSession>;
}

/** Git whose sessions are shared and kept open, for a process that opens the same repositories again and again. */
export interface PooledGit extends Git {
  /** Lets all sessions go. Safe to call twice. */
  closeAll(): Promise<void>;
}
