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
    const turn = this.#turn.then(() => this.#set(ref, commit, expected));
    // The next in turn must run whether this one failed or not.
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async close(): Promise<void> {
    await this.#process?.kill();
    this.#process = null;
  }

  async #set(ref: string, commit: string, expected: string | null): Promise<void> {
    this.#process ??= startGit(this.#git, ['update-ref', '--stdin'], { stdin: 'pipe' });
    const running = this.#process;
    running.send(`start\nupdate ${ref} ${commit} ${expected ?? '0'.repeat(commit.length)}\nprepare\ncommit\n`);
    let said = '';
    try {
      while (!said.includes('commit: ok\n')) {
        const chunk = await running.nextChunk();
        if (chunk === null) break;
        said += chunk.toString('latin1');
      }
      if (said.includes('commit: ok\n')) return;
      await running.finish();
      throw gitFault('GIT_FAILED', 'git update-ref ended before it had answered', { mend: 'try again' });
    } catch (error) {
      await this.close();
      throw isFault(error, 'GIT_FAILED') ? notSet(ref, error) : error;
    }
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
