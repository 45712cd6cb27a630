import { Fault, isFault } from '../../core/fault.js';
import { type Task, isEnded, waitingStates } from '../../core/tasks/task.js';
import type { TaskEvent } from '../../core/tasks/task-event.js';
import type { OpenRuntime } from '../../ports/runtime.js';
import { legPrefix } from './lanes.js';
import { openStory } from './story.js';
import { enqueueLeg } from './submit-task.js';

export type TaskFaultCode = 'TASK_ENDED' | 'TASK_NOT_WAITING';

/**
 * Ends a task: its story first, so that nothing more is done for it, then whatever works on it right now. An ended task
 * stays as it is. @throws TASK_UNKNOWN
 */
export async function cancelTask(
  { tasks, engine }: Pick<OpenRuntime, 'tasks' | 'engine'>,
  taskId: string,
  by: string,
  nowMs: number,
): Promise<Task> {
  const task = await tellTask({ tasks }, taskId, (now) =>
    isEnded(now.state) ? null : { type: 'task-cancelled', at_ms: nowMs, by },
  );
  await stopLegs({ engine }, taskId);
  return task;
}

/** Cancels every leg of a task that waits or runs. */
export async function stopLegs({ engine }: Pick<OpenRuntime, 'engine'>, taskId: string): Promise<void> {
  const legs = await engine.list({ prefix: legPrefix(taskId), states: ['enqueued', 'running'] });
  for (const leg of legs) await engine.cancel(leg.id);
}

/**
 * Wakes a task that waits for a human, on the base that holds the answer: a signed waiver, an amended spec.
 * @throws TASK_UNKNOWN, TASK_NOT_WAITING
 */
export async function answerTask(
  { tasks, engine }: Pick<OpenRuntime, 'tasks' | 'engine'>,
  taskId: string,
  answer: { readonly base: string; readonly by: string; readonly nowMs: number },
): Promise<Task> {
  const task = await tellTask({ tasks }, taskId, (now) => {
    if (!waitingStates.includes(now.state)) throw refuse(now);
    return { type: 'human-answered', at_ms: answer.nowMs, base: answer.base, by: answer.by };
  });
  const { seq } = await tasks.read(taskId);
  await enqueueLeg({ engine }, task, seq, { queue: 'tasks' });
  return task;
}

/** Adds an event from outside to a story that others may be writing on: read again and tried again until it is in. */
export async function tellTask(
  { tasks }: Pick<OpenRuntime, 'tasks'>,
  taskId: string,
  eventOf: (task: Task) => TaskEvent | null,
): Promise<Task> {
  for (;;) {
    const story = await openStory(tasks, taskId, 'client');
    const event = eventOf(story.task);
    if (event === null) return story.task;
    story.happen(event);
    try {
      await story.commit();
      return story.task;
    } catch (error) {
      if (!isFault(error, 'TASK_MOVED_ON')) throw error;
    }
  }
}

function refuse(task: Task): Fault<TaskFaultCode> {
  if (isEnded(task.state)) {
    return new Fault('TASK_ENDED', `task ${task.id} has ended: ${task.state}`, {
      mend: 'ask for a new task with arbiter run',
    });
  }
  return new Fault('TASK_NOT_WAITING', `task ${task.id} does not wait for a human: it is ${task.state}`, {
    mend: 'arbiter task watch shows how it goes on',
  });
}
