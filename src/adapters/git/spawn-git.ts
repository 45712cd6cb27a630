import { spawn, type ChildProcess } from 'node:child_process';
import { gitFault } from './git-fault.js';
import { GitProcess } from './git-process.js';

/** How git is called: an absolute program, an environment built from nothing, and limits. */
export interface GitCommand {
  readonly binary: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Longest wait for the next output, or for the end, of one git process. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** Every child that lives; closing the session kills what is left. */
  readonly running: Set<ChildProcess>;
}

export interface GitCall {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** `pipe` when the caller writes to the process. */
  readonly stdin?: 'pipe' | 'ignore';
}

/** Starts git with an argument vector; no shell has a part in it. @throws GIT_FAILED when the run is aborted already */
export function startGit(git: GitCommand, args: readonly string[], call: GitCall = {}): GitProcess {
  if (git.signal?.aborted === true) {
    throw gitFault('GIT_FAILED', 'git was not started: the run was aborted', {
      mend: 'run it again',
      cause: git.signal.reason,
    });
  }
  const child = spawn(git.binary, [...args], {
    cwd: call.cwd ?? git.cwd,
    env: { ...git.env, ...call.env },
    stdio: [call.stdin ?? 'ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  git.running.add(child);
  child.once('close', () => git.running.delete(child));
  return new GitProcess(child, args.find((arg) => !arg.startsWith('-')) ?? 'git', git);
}

/** Runs git to its end and gives what it printed. @throws GIT_FAILED, GIT_TIMEOUT, GIT_MISSING */
export async function collectGit(
  git: GitCommand,
  args: readonly string[],
  call: GitCall & { input?: Uint8Array } = {},
): Promise<Buffer> {
  const started = startGit(git, args, { ...call, stdin: call.input === undefined ? 'ignore' : 'pipe' });
  const chunks: Buffer[] = [];
  if (call.input !== undefined) {
    started.send(call.input);
    started.endInput();
  }
  for (let chunk = await started.nextChunk(); chunk !== null; chunk = await started.nextChunk()) chunks.push(chunk);
  await started.finish();
  return Buffer.concat(chunks);
}
