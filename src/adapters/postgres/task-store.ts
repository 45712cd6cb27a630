import { taskEventSchema } from '../../core/tasks/task-event.js';
import { taskSchema } from '../../core/tasks/task.js';
import type { LogLine, RecordedEvent, TaskStore } from '../../ports/task-store.js';
import { unknownTask } from './append-events.js';
import { createAppendGroup } from './append-group.js';
import type { Connection, Statement } from './connection.js';
import { type FreshContents, createContentGroup, getContent, readCommitments } from './contents.js';
import { createTask } from './create-task.js';
import { findTask, listTasks } from './find-task.js';
import { createLogBuffer, type PendingLine } from './log-buffer.js';
import type { Notices } from './notices.js';
import { cutText } from './tidy-text.js';
import { isFault } from '../../core/fault.js';

const maxLineCharacters = 16_000;
const defaultLogLimit = 1000;

const read: Statement = { name: 'arbiter-read', text: 'select snapshot, seq from arbiter.tasks where id = $1' };
const readEvents: Statement = {
  name: 'arbiter-read-events',
  text: `select e.seq, e.at_ms, e.by, e.event from arbiter.tasks t
    left join arbiter.task_events e on e.task_id = t.id and e.seq > $2 where t.id = $1 order by e.seq`,
};
const writeLog: Statement = {
  name: 'arbiter-write-log',
  text: 'select arbiter.write_log($1::text[], $2::bigint[], $3::text[], $4::text[])',
};
const readLog: Statement = {
  name: 'arbiter-read-log',
  text: `select id, at_ms, kind, text from arbiter.task_log where task_id = $1 and id > $2 order by id limit $3`,
};

/** Tasks on PostgreSQL, shared by all processes that open the same database. */
export function createTaskStore(connection: Connection, notices: Notices, fresh: FreshContents): TaskStore {
  const lines = createLogBuffer({
    write: (batch) => writeLines(connection, notices, batch),
    isPassing: (error) => isFault(error, 'STORE_UNAVAILABLE') || isFault(error, 'DISK_FULL'),
    isOpen: () => !connection.pool.ending,
  });
  const append = createAppendGroup(connection);
  const put = createContentGroup(connection);
  return {
    async create(task, first, options) {
      const answer = await createTask(connection, task, first, options.maxOpen);
      if (answer.created) notices.publish(task.id);
      return answer;
    },
    async read(taskId) {
      const { rows } = await connection.run<{ snapshot: string; seq: number }>(read, [taskId]);
      const row = rows[0];
      if (row === undefined) throw unknownTask(taskId);
      return { task: taskSchema.parse(JSON.parse(row.snapshot)), seq: row.seq };
    },
    readEvents: (taskId, afterSeq) => readStory(connection, taskId, afterSeq ?? 0),
    async append(taskId, seq, events, task, by) {
      await append({ taskId, seq, by, events, task });
      notices.publish(taskId);
    },
    list: (filter) => listTasks(connection, filter ?? {}),
    find: (text) => findTask(connection, text),
    log(taskId, kind, text) {
      lines.add({ taskId, atMs: Date.now(), kind, text: cutText(text, maxLineCharacters) });
    },
    async readLog(taskId, afterId, limit) {
      const { rows } = await connection.run<{ id: number; at_ms: number; kind: LogLine['kind']; text: string }>(
        readLog,
        [taskId, afterId ?? 0, limit ?? defaultLogLimit],
      );
      return rows.map((row) => ({ id: row.id, atMs: row.at_ms, kind: row.kind, text: row.text }));
    },
    flush: () => lines.flush(),
    watch: (taskId, changed, signal) => notices.watch(taskId, changed, signal),
    async putContent(bytes) {
      const sha256 = await put(bytes);
      fresh.keep(sha256, bytes);
      return sha256;
    },
    commitments: (sha256s) => readCommitments(connection, sha256s),
    async getContent(sha256) {
      const known = fresh.find(sha256);
      if (known !== null) return known;
      const bytes = await getContent(connection, sha256);
      fresh.keep(sha256, bytes);
      return bytes;
    },
  };
}

async function writeLines(connection: Connection, notices: Notices, batch: readonly PendingLine[]): Promise<void> {
  await connection.run(writeLog, [
    batch.map((line) => line.taskId),
    batch.map((line) => line.atMs),
    batch.map((line) => line.kind),
    batch.map((line) => line.text),
  ]);
  for (const taskId of new Set(batch.map((line) => line.taskId))) notices.publish(taskId);
}

interface EventRow {
  /** Null with all others where the task is there and has no such events. */
  readonly seq: number | null;
  readonly at_ms: number;
  readonly by: string;
  readonly event: string;
}

async function readStory(connection: Connection, taskId: string, afterSeq: number): Promise<readonly RecordedEvent[]> {
  const { rows } = await connection.run<EventRow>(readEvents, [taskId, afterSeq]);
  if (rows.length === 0) throw unknownTask(taskId);
  return rows.flatMap(({ seq, at_ms, by, event }) =>
    seq === null ? [] : [{ seq, atMs: at_ms, by, event: taskEventSchema.parse(JSON.parse(event)) }],
  );
}
