import { isFault } from '../../core/fault.js';
import type { GitSession } from '../../ports/git.js';
import type { Ports } from '../../ports/ports.js';
import type { OpenRuntime } from '../../ports/runtime.js';
import type { StoredWaiver } from '../../ports/waiver-store.js';
import { answerTask } from '../tasks/answer-task.js';

/**
 * Wakes every task that waits for a waiver and may lean on this one: its own task, else all of its spec in this
 * repository. Each goes on with the base that it has. Answers the ids of those that were woken; one that somebody else
 * woke or ended in between is none.
 */
export async function resumeTasks(
  ports: Pick<Ports, 'clock'>,
  git: Pick<GitSession, 'root'>,
  runtime: Pick<OpenRuntime, 'tasks' | 'engine'>,
  { id, specId, taskId, root }: StoredWaiver,
): Promise<string[]> {
  const roots = new Set([git.root, root]);
  const waiting = (await runtime.tasks.list({ states: ['awaiting-waiver'], limit: 10_000 })).filter((task) =>
    taskId === null ? task.spec_id === specId && roots.has(task.request.repository) : task.id === taskId,
  );
  const woken: string[] = [];
  for (const task of waiting) {
    try {
      await answerTask(runtime, task.id, {
        base: task.base ?? 'HEAD',
        by: `arbiter waiver approve ${id}`,
        nowMs: ports.clock.nowMs(),
      });
      woken.push(task.id);
    } catch (error) {
      if (!isFault(error, 'TASK_NOT_WAITING') && !isFault(error, 'TASK_ENDED')) throw error;
    }
  }
  return woken;
}
