import { isFault } from '../../core/fault.js';
import { gitFault } from './git-fault.js';
import type { GitProcess } from './git-process.js';
import { startGit, type GitCommand } from './spawn-git.js';

/** Refs of ours alone. Parts begin with a letter or digit, so that no part can be `..`, hidden, or an option. */
const OWN_REF = /^refs\/arbiter(?:\/[A-Za-z0-9][\w-]*(?:\.[\w-]+)*)+$/;

/** @throws GIT_FAILED unless it is a ref below `refs/arbiter/` that git would take, too */
export function checkOwnRef(ref: string): string {
  if (OWN_REF.test(ref) && !ref.split('/').some((part) => part.endsWith('.lock'))) return ref;
  throw gitFault('GIT_FAILED', `"${ref}" is not a ref that Arbiter writes`, { mend: 'name a ref below refs/arbiter/' });
}

const BRANCH_REF = /^refs\/heads(?:\/[A-Za-z0-9][\w-]*(?:\.[\w-]+)*)+$/;

/** @throws GIT_FAILED unless it is a branch by a plain name */
export function checkBranchRef(ref: string): string {
  if (BRANCH_REF.test(ref) && !ref.split('/').some((part) => part.endsWith('.lock'))) return ref;
  throw gitFault('GIT_FAILED', `"${ref}" is not a branch that Arbiter moves`, {
    mend: 'name a branch of letters, digits, dots, dashes and slashes',
  });
}

/** One line of a transaction: set a ref that stands at `expected` (null: is not there), or only hold it to that. */
export interface RefChange {
  readonly ref: string;
  readonly to: string | null;
  readonly expected: string | null;
}

/** Sets refs through one long-lived `git update-ref`, each in a transaction of its own: git locks, compares and swaps. */
export class RefUpdater {
  readonly #git: GitCommand;
  #process: GitProcess | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(git: GitCommand) {
    this.#git = git;
  }

  /** @throws GIT_FAILED when the ref does not stand at `expected` (null: is not there) any more, is locked or cannot be written */
  set(ref: string, commit: string, expected: string | null): Promise<void> {
    return this.setAll([{ ref, to: commit, expected }]);
  }

  /** All of it or nothing; `prepared` is awaited when every ref is locked and stands as expected. @throws GIT_FAILED as `set` */
  setAll(changes: readonly RefChange[], prepared?: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(() => this.#setAll(changes, prepared));
    // The next in turn must run whether this one failed or not.
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async close(): Promise<void> {
    await this.#process?.kill();
    this.#process = null;
  }

  async #setAll(changes: readonly RefChange[], prepared: (() => Promise<void>) | undefined): Promise<void> {
    this.#process ??= startGit(this.#git, ['update-ref', '--stdin'], { stdin: 'pipe' });
    const running = this.#process;
    try {
      running.send(`start\n${changes.map(writeChange).join('')}prepare\n`);
      await untilSaid(running, 'prepare: ok\n');
      await prepared?.();
      running.send('commit\n');
      await untilSaid(running, 'commit: ok\n');
    } catch (error) {
      await this.close();
      throw isFault(error, 'GIT_FAILED') ? notSet(changes.map(({ ref }) => ref).join(' and '), error) : error;
    }
  }
}

function writeChange({ ref, to, expected }: RefChange): string {
  if (to === null) return `verify ${ref} ${expected ?? ''}\n`;
  return `update ${ref} ${to} ${expected ?? '0'.repeat(to.length)}\n`;
}

/** Reads answers until one is there. @throws GIT_FAILED when git ends before */
async function untilSaid(running: GitProcess, answer: string): Promise<void> {
  let said = '';
  while (!said.includes(answer)) {
    const chunk = await running.nextChunk();
    if (chunk === null) {
      await running.finish();
      throw gitFault('GIT_FAILED', 'git update-ref ended before it had answered', { mend: 'try again' });
    }
    said += chunk.toString('latin1');
  }
}

function notSet(ref: string, cause: Error): Error {
  const said = cause.message.replace(/^git update-ref ended with status \d+: /, '');
  const mend = /is at .* but expected|reference already exists/.test(said)
    ? 'somebody else set it meanwhile: look at it with git show'
    : /File exists/.test(said)
      ? 'another git process holds it; if none runs, remove the .lock file that git names'
      : 'check the space and the rights in the repository';
  return gitFault('GIT_FAILED', `${ref} could not be set: ${said}`, { mend, cause });
}
