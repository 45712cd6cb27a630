import { explainEvent } from '../../core/tasks/explain-event.js';
import { type Task, isEnded, waitingStates } from '../../core/tasks/task.js';
import type { Clock } from '../../ports/clock.js';
import type { Progress } from '../../ports/progress.js';
import type { OpenRuntime } from '../../ports/runtime.js';

/** Where a follower has read up to. */
interface Cursor {
  seq: number;
  logId: number;
}

/**
 * Tells what happens to a task, live, until it ends, waits for a human, or the signal fires; answers where it stands
 * then. `idle` is called about once a second.
 * @throws TASK_UNKNOWN
 */
export async function followTask(
  runtime: Pick<OpenRuntime, 'tasks'>,
  taskId: string,
  { progress, signal }: { readonly progress: Progress; readonly signal: AbortSignal },
  { clock, idle }: { readonly clock: Clock; readonly idle?: () => Promise<void> },
): Promise<Task> {
  const cursor: Cursor = { seq: 0, logId: 0 };
  const bell = createBell();
  const following = clock.deadline(null, signal);
  // What watching misses is seen at the next look.
  void runtime.tasks.watch(taskId, bell.ring, following.signal).catch(() => undefined);
  // One at a time: what is raced with and loses would hold on to its timer and its listener.
  let pause: Promise<void> | null = null;
  const tick = (): Promise<void> =>
    (pause ??= clock.pause(1000, following.signal).then(() => {
      pause = null;
    }));
  try {
    for (;;) {
      const changed = bell.next();
      const task = await tellNews(runtime, taskId, cursor, progress);
      if (isEnded(task.state) || waitingStates.includes(task.state) || signal.aborted) return task;
      await Promise.race([changed, tick()]);
      if (idle !== undefined && !signal.aborted) await idle();
    }
  } finally {
    following.forget();
  }
}

/** Settles the promise that was asked for last, each time that it is rung. */
function createBell(): { ring(): void; next(): Promise<void> } {
  let wake: () => void = () => undefined;
  return {
    ring: () => wake(),
    next: () => new Promise((resolve) => (wake = resolve)),
  };
}

async function tellNews(
  { tasks }: Pick<OpenRuntime, 'tasks'>,
  taskId: string,
  cursor: Cursor,
  progress: Progress,
): Promise<Task> {
  const { task } = await tasks.read(taskId);
  for (const { seq, event } of await tasks.readEvents(taskId, cursor.seq)) {
    progress.stage(explainEvent(event));
    cursor.seq = seq;
  }
  for (const line of await tasks.readLog(taskId, cursor.logId)) {
    if (line.kind !== 'stage') progress.note(`${line.kind === 'message' ? '' : `${line.kind}: `}${line.text}`);
    cursor.logId = line.id;
  }
  return task;
}
