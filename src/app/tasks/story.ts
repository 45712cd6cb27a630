import { applyEvent } from '../../core/tasks/apply-event.js';
import type { Task } from '../../core/tasks/task.js';
import type { TaskEvent } from '../../core/tasks/task-event.js';
import type { TaskStore } from '../../ports/task-store.js';

/**
 * A task in the hands of one process: what happens is applied at once and stored when `commit` is called, or together
 * with the next that is. Of two processes that drive one task the second to commit gets TASK_MOVED_ON.
 */
export interface Story {
  readonly task: Task;
  /** Place of the last stored event. */
  readonly seq: number;
  happen(event: TaskEvent): Task;
  /** Callers may come at once: what they brought is stored in order. @throws TASK_MOVED_ON */
  commit(): Promise<void>;
}

/** Opens a task where it stands. @throws TASK_UNKNOWN */
export async function openStory(store: TaskStore, taskId: string, by: string): Promise<Story> {
  const read = await store.read(taskId);
  let { task, seq } = read;
  let waiting: TaskEvent[] = [];
  let writing: Promise<void> = Promise.resolve();
  const write = async (): Promise<void> => {
    if (waiting.length === 0) return;
    const events = waiting;
    waiting = [];
    await store.append(taskId, seq, events, task, by);
    seq += events.length;
  };
  return {
    get task() {
      return task;
    },
    get seq() {
      return seq;
    },
    happen(event) {
      const next = applyEvent(task, event);
      // An event that changes nothing is not part of the story, but for one that is told for its own sake.
      if (next !== task || event.type === 'task-taken-over') waiting.push(event);
      task = next;
      return task;
    },
    commit() {
      // One failed write ends the story: whoever writes after it is told the same.
      writing = writing.then(write);
      return writing;
    },
  };
}
