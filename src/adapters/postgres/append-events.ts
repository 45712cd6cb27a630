import type { TaskEvent } from '../../core/tasks/task-event.js';
import type { Task } from '../../core/tasks/task.js';
import type { Connection, Statement } from './connection.js';
import { storeFault } from './store-fault.js';
import { toEventColumns, toTaskRow } from './task-row.js';

/**
 * One round trip, one statement: of two that append at the same place, the second waits for the first's row, finds it
 * moved on, and writes nothing.
 */
const append: Statement = {
  name: 'arbiter-append',
  text: `with moved as (
    update arbiter.tasks
      set seq = seq + coalesce(cardinality($9::text[]), 0), state = $3, ended = $4, spec_id = $5, agent = $6,
        snapshot = $7, updated_ms = $10
      where id = $1 and seq = $2::integer
      returning id
  ), written as (
    insert into arbiter.task_events (task_id, seq, at_ms, by, type, event)
      select moved.id, $2::integer + e.place, e.at_ms, $11, e.type, e.event::json
      from moved, unnest($8::bigint[], $12::text[], $9::text[]) with ordinality as e(at_ms, type, event, place)
  )
  select exists (select from moved) as moved, (select seq from arbiter.tasks where id = $1) as at`,
};

const readBack: Statement = {
  name: 'arbiter-read-back',
  text: `select event::text as event, by from arbiter.task_events
    where task_id = $1 and seq > $2 and seq <= $3 order by seq`,
};

/** Appends events after `seq` and stores the task as it is after them. @throws TASK_MOVED_ON, TASK_UNKNOWN */
export async function appendEvents(
  connection: Connection,
  place: { readonly taskId: string; readonly seq: number; readonly by: string },
  events: readonly TaskEvent[],
  task: Task,
): Promise<void> {
  const row = toTaskRow(task);
  const { atMs, types, texts } = toEventColumns(events);
  const { rows, retried } = await connection.run<{ moved: boolean; at: number | null }>(append, [
    place.taskId,
    place.seq,
    row.state,
    row.ended,
    row.specId,
    row.agent,
    row.snapshot,
    atMs,
    texts,
    task.updated_ms,
    place.by,
    types,
  ]);
  const answer = rows[0];
  if (answer?.moved === true) return;
  if (answer === undefined || answer.at === null) throw unknownTask(place.taskId);
  // A try whose answer was lost with the connection may have been taken: then what stands there is ours.
  if (retried && (await stands(connection, place, texts))) return;
  throw storeFault(
    'TASK_MOVED_ON',
    `task ${place.taskId} is no longer at ${place.seq} but at ${answer.at}: another process drives it`,
    'leave it to that process; read the task again before going on',
  );
}

async function stands(
  connection: Connection,
  place: { readonly taskId: string; readonly seq: number; readonly by: string },
  texts: readonly string[],
): Promise<boolean> {
  const last = place.seq + texts.length;
  const { rows } = await connection.run<{ event: string; by: string }>(readBack, [place.taskId, place.seq, last]);
  return (
    texts.length > 0 &&
    rows.length === texts.length &&
    rows.every((found, index) => found.by === place.by && found.event === texts[index])
  );
}

/** The fault of an id that no task has. */
export function unknownTask(taskId: string): Error {
  return storeFault('TASK_UNKNOWN', `there is no task ${taskId}`, 'see arbiter task list');
}
