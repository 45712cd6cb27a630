import { createHash, randomBytes } from 'node:crypto';
import { commitContent, saltBytes } from '../../core/records/commitment.js';
import { Fault } from '../../core/fault.js';
import type { TaskEvent } from '../../core/tasks/task-event.js';
import { isEnded, type Task } from '../../core/tasks/task.js';
import type { LogLine, RecordedEvent, StoreFaultCode, TaskFilter, TaskStore } from '../../ports/task-store.js';

interface Kept {
  task: Task;
  readonly events: RecordedEvent[];
}

/** Tasks in this process's memory, by the same rules as on PostgreSQL: for tests of what uses a store. */
export function createMemoryTasks(): TaskStore {
  const kept = new Map<string, Kept>();
  const lines: (LogLine & { readonly taskId: string })[] = [];
  const contents = new Map<string, Uint8Array>();
  // Nothing is erased here, so that one salt does.
  const salt = randomBytes(saltBytes);
  const watchers = new Set<{ readonly taskId: string | null; readonly changed: () => void }>();

  const get = (taskId: string): Kept => kept.get(taskId) ?? refuse('TASK_UNKNOWN', `there is no task ${taskId}`);
  const tell = (taskId: string): void => {
    for (const watcher of watchers) if (watcher.taskId === null || watcher.taskId === taskId) watcher.changed();
  };
  return {
    async create(task, first, { maxOpen }) {
      const found = findSame(
        [...kept.values()].map((one) => one.task),
        task,
      );
      if (found !== undefined) return { task: copy(found), created: false };
      const open = [...kept.values()].filter((one) => !isEnded(one.task.state)).length;
      if (open >= maxOpen) refuse('QUEUE_FULL', `${maxOpen} tasks are open, and no more are taken`);
      kept.set(task.id, { task: copy(task), events: record(0, [first], 'client') });
      tell(task.id);
      return { task, created: true };
    },
    async read(taskId) {
      const { task, events } = get(taskId);
      return { task: copy(task), seq: events.length };
    },
    async readEvents(taskId, afterSeq = 0) {
      return copy(get(taskId).events.slice(afterSeq));
    },
    async append(taskId, seq, events, task, by) {
      const one = get(taskId);
      const at = one.events.length;
      if (at !== seq) refuse('TASK_MOVED_ON', `task ${taskId} is no longer at ${seq} but at ${at}`);
      one.events.push(...record(seq, events, by));
      one.task = copy(task);
      tell(taskId);
    },
    async list(filter = {}) {
      const tasks = [...kept.values()].map((one) => one.task).filter((task) => matches(task, filter));
      return copy(tasks.sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, filter.limit ?? 1000));
    },
    async find(text) {
      const wanted = text.trim().toUpperCase();
      if (kept.has(wanted)) return wanted;
      const ids = [...kept.keys()].filter((id) => wanted !== '' && (id.startsWith(wanted) || id.endsWith(wanted)));
      return ids.length === 1 && ids[0] !== undefined ? ids[0] : refuse('TASK_UNKNOWN', `no one task is ${text}`);
    },
    log(taskId, kind, text) {
      lines.push({ id: lines.length + 1, taskId, atMs: Date.now(), kind, text });
      tell(taskId);
    },
    async readLog(taskId, afterId = 0, limit = 1000) {
      const found = lines.filter((line) => line.taskId === taskId && line.id > afterId).slice(0, limit);
      return found.map(({ id, atMs, kind, text }) => ({ id, atMs, kind, text }));
    },
    flush: () => Promise.resolve(),
    async watch(taskId, changed, signal) {
      if (signal.aborted) return;
      const watcher = { taskId, changed };
      watchers.add(watcher);
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      watchers.delete(watcher);
    },
    async putContent(bytes) {
      const digest = createHash('sha256').update(bytes).digest('hex');
      contents.set(digest, Uint8Array.from(bytes));
      return digest;
    },
    async commitments(sha256s) {
      const held = sha256s.flatMap((sha256): [string, string][] => {
        const bytes = contents.get(sha256);
        return bytes === undefined ? [] : [[sha256, commitContent(salt, bytes)]];
      });
      return new Map(held);
    },
    async getContent(sha256) {
      const bytes = contents.get(sha256) ?? refuse('CONTENT_MISSING', `the store holds nothing under ${sha256}`);
      return Uint8Array.from(bytes);
    },
  };
}

function findSame(tasks: readonly Task[], task: Task): Task | undefined {
  const key = task.request.dedup_key;
  return tasks.find(
    (one) => one.id === task.id || (key !== null && one.request.dedup_key === key && !isEnded(one.state)),
  );
}

function matches(task: Task, filter: TaskFilter): boolean {
  if (filter.repository !== undefined && task.request.repository !== filter.repository) return false;
  return filter.states === undefined || filter.states.includes(task.state);
}

function record(seq: number, events: readonly TaskEvent[], by: string): RecordedEvent[] {
  return events.map((event, index) => ({ seq: seq + index + 1, atMs: event.at_ms, by, event: copy(event) }));
}

/** As if it had gone through a database: nobody shares what is kept. */
function copy<T>(value: T): T {
  return structuredClone(value);
}

function refuse(code: StoreFaultCode, message: string): never {
  throw new Fault<StoreFaultCode>(code, message, { mend: 'ask for something else' });
}
