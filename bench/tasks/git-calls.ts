import type { GitSession, PooledGit } from '../../src/ports/git.js';

/** A call of a session's method, as one loop made it. */
interface RecordedCall {
  readonly method: string;
  readonly args: readonly unknown[];
  /** It failed, and the loop went on: asked for a ref that nobody has made yet, say. */
  refused: boolean;
}

/** What one opening of a repository was used for, call after call. */
export interface RecordedSession {
  readonly directory: string;
  readonly calls: RecordedCall[];
}

const streams: ReadonlySet<string> = new Set(['readContents', 'diff']);
const facts: ReadonlySet<string> = new Set(['root', 'version', 'close']);

/** The same git, writing down what it is asked. */
export function recordGit(git: PooledGit, sessions: RecordedSession[]): PooledGit {
  return {
    ...git,
    async open(directory, options) {
      const session = await git.open(directory, options);
      const recorded: RecordedSession = { directory, calls: [] };
      sessions.push(recorded);
      return new Proxy(session, {
        get(target, key: string) {
          const member: unknown = target[key as keyof GitSession];
          if (facts.has(key) || typeof member !== 'function') return member;
          return (...args: readonly unknown[]): unknown => {
            const call: RecordedCall = { method: key, args, refused: false };
            recorded.calls.push(call);
            const answer = (member as (...all: readonly unknown[]) => unknown)(...args);
            if (answer instanceof Promise) answer.catch(() => void (call.refused = true));
            return answer;
          };
        },
      });
    },
  };
}

/** Does the calls of a session again; a candidate is kept under a ref of that name. */
export async function replaySession(
  git: PooledGit,
  { directory, calls }: RecordedSession,
  name: string,
): Promise<void> {
  const session = await git.open(directory);
  try {
    for (const { method, args, refused } of calls) {
      const call = session[method as keyof GitSession] as (...all: readonly unknown[]) => unknown;
      const given = method === 'keepCandidate' ? [{ ...(args[0] as object), ref: `refs/arbiter/tasks/${name}` }] : args;
      if (streams.has(method)) {
        for await (const piece of call(...given) as AsyncIterable<unknown>) void piece;
      } else if (refused) await Promise.resolve(call(...given)).catch(() => undefined);
      else await call(...given);
    }
  } finally {
    await session.close();
  }
}
