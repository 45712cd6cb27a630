import { Fault, type Place } from '../../core/fault.js';
import type { GitFaultCode } from '../../ports/git.js';

/** A fault of this room, typed so that no code outside the port's union can be thrown here. */
export function gitFault(
  code: GitFaultCode,
  message: string,
  options: { mend: string; place?: Place; cause?: unknown },
): Fault<GitFaultCode> {
  return new Fault(code, message, options);
}

const STDERR_LINES = 6;

/** GIT_FAILED with the first lines of what git said; `command` is git's subcommand. */
export function failedCommand(command: string, exit: string, stderr: string): Fault<GitFaultCode> {
  const said = stderr.trim().split('\n').slice(0, STDERR_LINES).join('\n').trim();
  return gitFault('GIT_FAILED', `git ${command} ${exit}${said === '' ? ' and said nothing' : `: ${said}`}`, {
    mend: mendFor(said),
  });
}

/** GIT_FAILED for two answers of git that cannot both be right. */
export function contradiction(message: string): Fault<GitFaultCode> {
  return gitFault('GIT_FAILED', message, { mend: 'run git fsck in the repository: an object may be damaged' });
}

function mendFor(stderr: string): string {
  if (/unable to read|missing blob|bad object|could not read|not a tree object/i.test(stderr)) {
    return 'objects are missing here: in a partial or shallow clone fetch them (git fetch --refetch, git fetch --unshallow), else run git fsck';
  }
  if (/permission denied/i.test(stderr)) return 'give this user the right to read it, or name it in .gitignore';
  return 'run git fsck in the repository, and try the same command by hand';
}
