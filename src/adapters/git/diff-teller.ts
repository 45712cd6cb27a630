import { randomUUID } from 'node:crypto';
import { contradiction, gitFault } from './git-fault.js';
import type { GitProcess } from './git-process.js';
import { startGit, type GitCommand } from './spawn-git.js';

/** Processes of one kind that wait for their next question; more than that at once are ended after their answer. */
const MOST_WAITING = 4;

/** What git tells of the difference between two trees, in pieces. */
export interface DiffAnswer {
  /** The next piece, null at the end. @throws GIT_FAILED when git ended before, GIT_TIMEOUT */
  nextChunk(): Promise<Buffer | null>;
  /** Reads what is left and drops it. @throws GIT_FAILED, GIT_TIMEOUT */
  finish(): Promise<void>;
  /** To be called at the end, and in the middle by who has enough. */
  close(): Promise<void>;
}

/**
 * Asks long-lived `git diff-tree --stdin` processes: starting one costs more than most answers. A process answers one
 * question at a time; while it does, the next question gets one of its own, so that nobody waits for a slow reader.
 */
export class DiffTeller {
  readonly #git: GitCommand;
  readonly #waiting = new Map<string, GitProcess[]>();

  constructor(git: GitCommand) {
    this.#git = git;
  }

  /** @throws GIT_FAILED when the run is aborted already */
  ask(options: readonly string[], oldTree: string, newTree: string): DiffAnswer {
    const key = options.join(' ');
    const waiting = this.#waiting.get(key) ?? [];
    this.#waiting.set(key, waiting);
    const asked = waiting.pop() ?? startGit(this.#git, ['diff-tree', '--stdin', ...options], { stdin: 'pipe' });
    const header = `${oldTree} ${newTree}\n`;
    // What is no name of an object git gives back as it is, and nothing of a repository can foresee it.
    const end = `end-${randomUUID()}\n`;
    asked.send(`${header}${end}`);
    const told = new ToldDiff(asked, Buffer.from(header), Buffer.from(end));
    return {
      nextChunk: () => told.nextChunk(),
      async finish() {
        while ((await told.nextChunk()) !== null);
      },
      async close() {
        if (told.isWhole && waiting.length < MOST_WAITING) waiting.push(asked);
        else await asked.kill();
      },
    };
  }
}

/** One answer: what stands between the question, which git repeats, and the end that was asked for. */
class ToldDiff {
  readonly #process: GitProcess;
  readonly #end: Buffer;
  /** What git has yet to repeat of the question. */
  #header: Buffer;
  /** What may be the beginning of the end. */
  #held: Buffer = Buffer.alloc(0);
  isWhole = false;

  constructor(process: GitProcess, header: Buffer, end: Buffer) {
    this.#process = process;
    this.#header = header;
    this.#end = end;
  }

  async nextChunk(): Promise<Buffer | null> {
    while (!this.isWhole) {
      const chunk = await this.#process.nextChunk();
      if (chunk === null) return this.#brokenOff();
      const told = this.#afterHeader(Buffer.concat([this.#held, chunk]));
      if (told === null) continue;
      const at = told.indexOf(this.#end);
      if (at >= 0) {
        if (at + this.#end.length !== told.length) throw contradiction('git diff-tree told more than it was asked');
        this.isWhole = true;
        return at === 0 ? null : told.subarray(0, at);
      }
      const sure = Math.max(0, told.length - this.#end.length + 1);
      this.#held = told.subarray(sure);
      if (sure > 0) return told.subarray(0, sure);
    }
    return null;
  }

  /** What comes after the question; null, and held, until all of that has come. @throws GIT_FAILED */
  #afterHeader(told: Buffer): Buffer | null {
    const { length } = this.#header;
    if (length === 0) return told;
    if (told.includes(this.#end) && !told.subarray(0, length).equals(this.#header)) throw this.#untold();
    if (told.length < length) {
      this.#held = told;
      return null;
    }
    if (!told.subarray(0, length).equals(this.#header)) throw contradiction('git diff-tree answered another question');
    this.#header = Buffer.alloc(0);
    this.#held = Buffer.alloc(0);
    return told.subarray(length);
  }

  /** Git says what it could not read, and goes on to the next question. */
  #untold(): Error {
    const said = this.#process.stderr.trim();
    return gitFault('GIT_FAILED', `git diff-tree could not compare two trees${said === '' ? '' : `: ${said}`}`, {
      mend: 'run git fsck in the repository',
    });
  }

  async #brokenOff(): Promise<never> {
    await this.#process.finish();
    throw gitFault('GIT_FAILED', 'git diff-tree ended before it had answered', {
      mend: 'run git fsck in the repository',
    });
  }
}
