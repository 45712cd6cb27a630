import type { TaskEvent } from '../../core/tasks/task-event.js';
import type { Task } from '../../core/tasks/task.js';
import type { Connection, Statement } from './connection.js';
import { storeFault } from './store-fault.js';
import { type TaskRow, toEventColumns, toTaskRow } from './task-row.js';

/** Events that are to stand after `seq`, and the task as it is after them. */
export interface Append {
  readonly taskId: string;
  readonly seq: number;
  readonly by: string;
  readonly events: readonly TaskEvent[];
  readonly task: Task;
}

/** What a statement has said of one append. */
interface Answer {
  readonly moved: boolean;
  /** Where the task stands; null where there is none. */
  readonly at: number | null;
}

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

/** The same for many tasks at once, each of which moves or does not by itself. */
const appendMany: Statement = {
  name: 'arbiter-append-many',
  text: `with asked as (
    select * from unnest($1::text[], $2::integer[], $3::integer[], $4::text[], $5::boolean[], $6::text[], $7::text[],
        $8::text[], $9::bigint[])
      as a(id, seq, added, state, ended, spec_id, agent, snapshot, updated_ms)
  ), moved as (
    update arbiter.tasks t
      set seq = t.seq + a.added, state = a.state, ended = a.ended, spec_id = a.spec_id, agent = a.agent,
        snapshot = a.snapshot::json, updated_ms = a.updated_ms
      from asked a where t.id = a.id and t.seq = a.seq
      returning t.id
  ), written as (
    insert into arbiter.task_events (task_id, seq, at_ms, by, type, event)
      select e.id, e.seq, e.at_ms, e.by, e.type, e.event::json
      from unnest($10::text[], $11::integer[], $12::bigint[], $13::text[], $14::text[], $15::text[])
        as e(id, seq, at_ms, by, type, event)
      where e.id in (select id from moved)
  )
  select id from moved`,
};

const readBack: Statement = {
  name: 'arbiter-read-back',
  text: `select event::text as event, by from arbiter.task_events
    where task_id = $1 and seq > $2 and seq <= $3 order by seq`,
};

/** Appends events after `seq` and stores the task as it is after them. @throws TASK_MOVED_ON, TASK_UNKNOWN */
export async function appendEvents(connection: Connection, one: Append, wasTried = false): Promise<void> {
  const row = toTaskRow(one.task);
  const { atMs, types, texts } = toEventColumns(one.events);
  const { rows, retried } = await connection.run<{ moved: boolean; at: number | null }>(append, [
    one.taskId,
    one.seq,
    row.state,
    row.ended,
    row.specId,
    row.agent,
    row.snapshot,
    atMs,
    texts,
    one.task.updated_ms,
    one.by,
    types,
  ]);
  const answer: Answer = rows[0] ?? { moved: false, at: null };
  if (answer.moved) return;
  if (answer.at === null) throw unknownTask(one.taskId);
  // A try whose answer was lost with the connection may have been taken: then what stands there is ours.
  if ((retried || wasTried) && (await stands(connection, one, texts))) return;
  throw storeFault(
    'TASK_MOVED_ON',
    `task ${one.taskId} is no longer at ${one.seq} but at ${answer.at}: another process drives it`,
    'leave it to that process; read the task again before going on',
  );
}

/**
 * Appends to many tasks, each of them once in the list, in one transaction. Answers those that did not move, which
 * `appendEvents` then says why of, and whether an earlier try may have gone through unheard.
 */
export async function appendToMany(
  connection: Connection,
  many: readonly Append[],
): Promise<{ readonly unmoved: readonly Append[]; readonly retried: boolean }> {
  const tasks = many.map((one): TaskRow => toTaskRow(one.task));
  const events = many.flatMap((one) =>
    one.events.map((event, index) => ({ id: one.taskId, seq: one.seq + index + 1, by: one.by, event })),
  );
  const { atMs, types, texts } = toEventColumns(events.map(({ event }) => event));
  const { rows, retried } = await connection.run<{ id: string }>(appendMany, [
    many.map((one) => one.taskId),
    many.map((one) => one.seq),
    many.map((one) => one.events.length),
    tasks.map((row) => row.state),
    tasks.map((row) => row.ended),
    tasks.map((row) => row.specId),
    tasks.map((row) => row.agent),
    tasks.map((row) => row.snapshot),
    many.map((one) => one.task.updated_ms),
    events.map(({ id }) => id),
    events.map(({ seq }) => seq),
    atMs,
    events.map(({ by }) => by),
    types,
    texts,
  ]);
  const moved = new Set(rows.map(({ id }) => id));
  return { unmoved: many.filter(({ taskId }) => !moved.has(taskId)), retried };
}

async function stands(connection: Connection, { taskId, seq, by }: Append, texts: readonly string[]): Promise<boolean> {
  const last = seq + texts.length;
  const { rows } = await connection.run<{ event: string; by: string }>(readBack, [taskId, seq, last]);
  return (
    texts.length > 0 &&
    rows.length === texts.length &&
    rows.every((found, index) => found.by === by && found.event === texts[index])
  );
}

/** The fault of an id that no task has. */
export function unknownTask(taskId: string): Error {
  return storeFault('TASK_UNKNOWN', `there is no task ${taskId}`, 'see arbiter task list');
}
