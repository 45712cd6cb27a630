import { isEnded, waitingStates } from '../../core/tasks/task.js';
import { isFault } from '../../core/fault.js';
import { taskStateSchema } from '../../core/tasks/task.js';
import type { OpenRuntime } from '../../ports/runtime.js';
import { legPrefix } from './lanes.js';
import { stopLegs, tellTask } from './answer-task.js';
import { enqueueLeg } from './submit-task.js';

/** A task is looked at only after nothing has happened to it for so long: a leg between two queues is not lost. */
const quietMs = 10_000;

const openStates = taskStateSchema.options.filter((state) => !isEnded(state));

/**
 * Finds what no leg will ever do: tasks whose deadline passed while they waited, and tasks that are open while no leg of
 * theirs waits or runs, because a crash came between storing the task and asking for its leg. Answers what it mended.
 */
export async function sweepTasks(
  { tasks, engine }: Pick<OpenRuntime, 'tasks' | 'engine'>,
  nowMs: number,
  signal: AbortSignal,
): Promise<{ readonly expired: number; readonly revived: number }> {
  let expired = 0;
  let revived = 0;
  for (const task of await tasks.list({ states: openStates, limit: 10_000 })) {
    if (signal.aborted) break;
    const { deadline_ms: deadline } = task.request;
    if (deadline !== null && deadline <= nowMs) {
      await tellTask({ tasks }, task.id, (now) =>
        isEnded(now.state) ? null : { type: 'deadline-passed', at_ms: nowMs },
      );
      await stopLegs({ engine }, task.id);
      expired += 1;
    } else if (!waitingStates.includes(task.state) && nowMs - task.updated_ms > quietMs) {
      revived += (await revive({ tasks, engine }, task.id, nowMs)) ? 1 : 0;
    }
  }
  return { expired, revived };
}

async function revive(
  { tasks, engine }: Pick<OpenRuntime, 'tasks' | 'engine'>,
  taskId: string,
  nowMs: number,
): Promise<boolean> {
  const legs = await engine.list({ prefix: legPrefix(taskId), states: ['enqueued', 'running'] });
  if (legs.length > 0) return false;
  const { task, seq } = await tasks.read(taskId);
  if (isEnded(task.state) || waitingStates.includes(task.state)) return false;
  try {
    await enqueueLeg({ engine }, task, seq, { queue: 'tasks' }, `-${nowMs}`);
  } catch (error) {
    // A full queue is no loss: the next sweep finds the task again.
    if (!isFault(error, 'QUEUE_FULL')) throw error;
    return false;
  }
  return true;
}
