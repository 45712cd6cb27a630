import { z } from 'zod';
import { explainEvent } from '../../core/tasks/explain-event.js';
import { taskEventSchema } from '../../core/tasks/task-event.js';
import { taskSchema } from '../../core/tasks/task.js';
import type { TaskStore } from '../../ports/task-store.js';

/** A task with its whole story. */
export const taskReportSchema = z
  .strictObject({
    task: taskSchema,
    events: z.array(
      z.strictObject({
        seq: z.number().int().positive(),
        at_ms: z.number().int().nonnegative(),
        by: z.string(),
        text: z.string().describe('What happened, in one line.'),
        event: taskEventSchema,
      }),
    ),
  })
  .meta({ id: 'TaskReport' });
export type TaskReport = z.infer<typeof taskReportSchema>;

/** Reads a task and its story. @throws TASK_UNKNOWN */
export async function reportTask(tasks: TaskStore, taskId: string): Promise<TaskReport> {
  await tasks.flush();
  const { task } = await tasks.read(taskId);
  const events = await tasks.readEvents(taskId);
  return {
    task,
    events: events.map(({ seq, atMs, by, event }) => ({ seq, at_ms: atMs, by, text: explainEvent(event), event })),
  };
}
