import { statSync } from 'node:fs';
import { join } from 'node:path';
import { isFault } from '../../core/fault.js';
import type { Git, GitSession, PooledGit } from '../../ports/git.js';
import { isFsError } from './fs-error.js';
import { gitFault } from './git-fault.js';
import { locateRepository, type Repository } from './locate-repository.js';
import { readSmallFile } from './read-small-file.js';

export interface PoolOptions {
  /** Openings after which a session is let go: what git keeps of a repository in memory and on disk grows with use. */
  readonly maxUses: number;
  /** A session that nobody has open is let go after so long. */
  readonly idleMs: number;
  /** Sessions of one repository at a time. When all are open they are shared. */
  readonly size: number;
}

interface Slot {
  readonly session: GitSession;
  /** What the session has copied of the repository, as it was then. */
  readonly seen: string;
  open: number;
  uses: number;
  retired: boolean;
  idle: NodeJS.Timeout | null;
}

/**
 * The same port, its sessions kept open and shared: opening costs several milliseconds and processes, and nearly every
 * opening is of the same repository. A session copies HEAD and the shallow list when it is made; one whose copy is no
 * longer true is not handed out again, so `HEAD` is as of the opening, and a holder of long standing names commits by id.
 * Branches, tags and objects are always read as they are. A session that a fault may have left in disorder is let go.
 * `signal` keeps calls from starting; what runs already is shared and goes on to its end or its time limit.
 */
export function createPooledGit(git: Git, options: PoolOptions): PooledGit {
  const pool = new SessionPool(git, options);
  return {
    async open(directory, { signal, timeoutMs } = {}) {
      const { slot, giveBack } = await pool.take(locateRepository(directory), timeoutMs);
      let closed = false;
      const close = async (): Promise<void> => {
        if (closed) return;
        closed = true;
        await giveBack();
      };
      const onFault = (error: unknown): void => {
        if (isFault(error, 'GIT_FAILED') || isFault(error, 'GIT_TIMEOUT')) slot.uses = options.maxUses;
      };
      return sharedSession(slot.session, { signal, close, onFault, isOpen: () => !closed });
    },
    closeAll: () => pool.close(),
  };
}

/** The sessions of all repositories, by repository and time limit. */
class SessionPool {
  readonly #git: Git;
  readonly #options: PoolOptions;
  readonly #slots = new Map<string, Slot[]>();
  readonly #opening = new Map<string, Promise<Slot>>();

  constructor(git: Git, options: PoolOptions) {
    this.#git = git;
    this.#options = options;
  }

  /** The session that the fewest have open, or a new one while there is room and all are open. */
  async take(
    repository: Repository,
    timeoutMs: number | undefined,
  ): Promise<{ readonly slot: Slot; readonly giveBack: () => Promise<void> }> {
    const key = `${repository.root}\0${repository.gitDir}\0${timeoutMs ?? ''}`;
    const seen = copiedParts(repository);
    const known = this.#slots.get(key) ?? [];
    const isUsable = (slot: Slot): boolean => slot.seen === seen && slot.uses < this.#options.maxUses;
    const usable = known.filter(isUsable);
    const best = usable.toSorted((a, b) => a.open - b.open)[0];
    // Chosen and taken in one turn: who comes next sees it taken.
    const isFree = best !== undefined && (best.open === 0 || usable.length >= this.#options.size);
    if (isFree) occupy(best);
    for (const stale of known.filter((slot) => !isUsable(slot) && slot !== best)) await this.#letGo(key, stale);
    const slot = isFree ? best : await this.#opened(key, repository, seen, timeoutMs);
    if (!isFree) occupy(slot);
    return { slot, giveBack: () => this.#giveBack(key, slot) };
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#opening.values());
    const all = [...this.#slots].flatMap(([key, list]) => list.map((slot) => ({ key, slot })));
    await Promise.all(
      all.map(async ({ key, slot }) => {
        slot.open = 0;
        await this.#letGo(key, slot);
      }),
    );
  }

  /** A new session; those who ask while it is being opened share it. */
  async #opened(key: string, repository: Repository, seen: string, timeoutMs: number | undefined): Promise<Slot> {
    const making = this.#opening.get(key) ?? this.#make(key, repository, seen, timeoutMs);
    this.#opening.set(key, making);
    try {
      return await making;
    } finally {
      this.#opening.delete(key);
    }
  }

  async #make(key: string, repository: Repository, seen: string, timeoutMs: number | undefined): Promise<Slot> {
    const session = await this.#git.open(repository.root, timeoutMs === undefined ? {} : { timeoutMs });
    const slot: Slot = { session, seen, open: 0, uses: 0, retired: false, idle: null };
    this.#slots.set(key, [...(this.#slots.get(key) ?? []), slot]);
    return slot;
  }

  async #giveBack(key: string, slot: Slot): Promise<void> {
    slot.open = Math.max(0, slot.open - 1);
    if (slot.open > 0) return;
    if (slot.retired) return slot.session.close();
    if (slot.uses >= this.#options.maxUses) return this.#letGo(key, slot);
    slot.idle = setTimeout(() => void this.#letGo(key, slot).catch(() => undefined), this.#options.idleMs);
    slot.idle.unref();
  }

  /** Is handed out no more; closed now, or by the last who has it open. */
  async #letGo(key: string, slot: Slot): Promise<void> {
    slot.retired = true;
    if (slot.idle !== null) clearTimeout(slot.idle);
    const left = (this.#slots.get(key) ?? []).filter((other) => other !== slot);
    if (left.length === 0) this.#slots.delete(key);
    else this.#slots.set(key, left);
    if (slot.open === 0) await slot.session.close();
  }
}

function occupy(slot: Slot): void {
  if (slot.idle !== null) clearTimeout(slot.idle);
  slot.idle = null;
  slot.open += 1;
  slot.uses += 1;
}

interface Sharing {
  readonly signal: AbortSignal | undefined;
  readonly close: () => Promise<void>;
  readonly onFault: (error: unknown) => void;
  readonly isOpen: () => boolean;
}

/** The session as one of its holders sees it. */
function sharedSession(session: GitSession, sharing: Sharing): GitSession {
  const check = (): void => {
    if (sharing.isOpen() && sharing.signal?.aborted !== true) return;
    const why = sharing.isOpen() ? 'the run was aborted' : 'the session was closed';
    throw gitFault('GIT_FAILED', `git was not asked: ${why}`, { mend: 'run it again', cause: sharing.signal?.reason });
  };
  const one =
    <Args extends readonly unknown[], T>(call: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      check();
      try {
        return await call(...args);
      } catch (error) {
        sharing.onFault(error);
        throw error;
      }
    };
  const many = <Args extends readonly unknown[], T>(call: (...args: Args) => AsyncIterable<T>) =>
    async function* (...args: Args): AsyncGenerator<T> {
      check();
      try {
        for await (const item of call(...args)) yield item;
      } catch (error) {
        sharing.onFault(error);
        throw error;
      }
    };
  return {
    root: session.root,
    commonDir: session.commonDir,
    bare: session.bare,
    version: session.version,
    protectedTip: one(session.protectedTip),
    repositoryId: one(session.repositoryId),
    resolveCommit: one(session.resolveCommit),
    isAncestor: one(session.isAncestor),
    requireAncestor: one(session.requireAncestor),
    sealWorkTree: one(session.sealWorkTree),
    sealPatch: one(session.sealPatch),
    listAuthors: one(session.listAuthors),
    userAddress: one(session.userAddress),
    measure: one(session.measure),
    readContents: many(session.readContents),
    readFile: one(session.readFile),
    listFiles: one(session.listFiles),
    checkOut: one(session.checkOut),
    cloneCommit: one(session.cloneCommit),
    sealFolder: one(session.sealFolder),
    keepCandidate: one(session.keepCandidate),
    landCommit: one(session.landCommit),
    extendRecord: one(session.extendRecord),
    listCommits: one(session.listCommits),
    readCommits: one(session.readCommits),
    blame: one(session.blame),
    changedNames: one(session.changedNames),
    readBlobs: one(session.readBlobs),
    blobSizes: one(session.blobSizes),
    diff: many(session.diff),
    close: sharing.close,
  };
}

/** HEAD as it is, and by what the shallow list and the git directory are known to be the same. */
function copiedParts({ gitDir, commonDir, objectFormat }: Repository): string {
  const head = readSmallFile(join(gitDir, 'HEAD')) ?? '';
  return [objectFormat, head, statSync(commonDir).ino, stampOf(join(commonDir, 'shallow'))].join('\0');
}

function stampOf(path: string): string {
  try {
    const { ino, mtimeMs, size } = statSync(path);
    return `${ino} ${mtimeMs} ${size}`;
  } catch (error) {
    if (isFsError(error)) return '';
    throw error;
  }
}
