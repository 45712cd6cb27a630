import type { Retry, RetryStore } from '../../ports/retry-store.js';
import type { TaskStore } from '../../ports/task-store.js';

/** The budget of retries in this process's memory. */
export function createMemoryRetries(tasks: Pick<TaskStore, 'list'>): RetryStore {
  const taken: Retry[] = [];
  let turn: Promise<unknown> = Promise.resolve();
  return {
    take(retry, windowMs, allows) {
      const next = turn.then(async () => {
        const sinceMs = retry.atMs - windowMs;
        const all = await tasks.list({ limit: Number.MAX_SAFE_INTEGER });
        const counted = {
          retries: taken.filter(({ atMs }) => atMs > sinceMs).length,
          tasks: all.filter(({ created_ms: at }) => at > sinceMs).length,
        };
        const had = taken.some(({ taskId, attempt, candidate }) => {
          return taskId === retry.taskId && attempt === retry.attempt && candidate === retry.candidate;
        });
        const granted = had || allows(counted);
        if (granted && !had) taken.push({ ...retry });
        return { ...counted, granted };
      });
      turn = next.catch(() => undefined);
      return next;
    },
  };
}
