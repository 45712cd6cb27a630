import type { TaskEvent } from '../../core/tasks/task-event.js';
import { taskSchema, type Task } from '../../core/tasks/task.js';
import type { Connection, Statement } from './connection.js';
import { storeFault } from './store-fault.js';
import { tidyOrNull, toTaskRow } from './task-row.js';
import { tidyText } from './tidy-text.js';

const create: Statement = {
  name: 'arbiter-create',
  text: `select outcome, found from arbiter.create_task($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
};

/**
 * Stores a new task with its first event, or answers the open one of its dedup key.
 * @throws QUEUE_FULL when `maxOpen` tasks are open
 */
export async function createTask(
  connection: Connection,
  task: Task,
  first: TaskEvent,
  maxOpen: number,
): Promise<{ readonly task: Task; readonly created: boolean }> {
  const row = toTaskRow(task);
  const { rows, retried } = await connection.run<{ outcome: string; found: string | null }>(create, [
    task.id,
    row.state,
    row.ended,
    tidyText(task.request.repository),
    row.specId,
    row.agent,
    tidyOrNull(task.request.dedup_key),
    task.request.deadline_ms,
    task.request.priority,
    row.snapshot,
    task.created_ms,
    first.type,
    first.at_ms,
    JSON.stringify(first),
    maxOpen,
  ]);
  const answer = rows[0];
  if (answer?.outcome === 'created') return { task, created: true };
  if (answer?.outcome === 'found' && answer.found !== null) {
    const found = taskSchema.parse(JSON.parse(answer.found));
    // A try whose answer was lost with the connection made it.
    return { task: found, created: retried && found.id === task.id };
  }
  throw storeFault(
    'QUEUE_FULL',
    `${maxOpen} tasks are open, and no more are taken`,
    'try again in a minute; see what is open with arbiter task list, or cancel some',
  );
}
