import type { AgentProfile } from '../core/registry/agent-profile.js';
import type { TaskEvent } from '../core/tasks/task-event.js';
import type { LogLineKind } from '../core/tasks/log-line.js';
import type { Task } from '../core/tasks/task.js';

export type StoreFaultCode =
  | 'STORE_UNAVAILABLE'
  | 'STORE_NEWER'
  | 'STORE_FAILED'
  | 'TASK_UNKNOWN'
  | 'TASK_MOVED_ON'
  | 'QUEUE_FULL'
  | 'CONTENT_MISSING'
  | 'BACKUP_INVALID'
  | 'RESTORE_NOT_EMPTY'
  | 'DISK_FULL';

/** An event with its place in the task's story: `seq` counts from 1 without gaps. */
export interface RecordedEvent {
  readonly seq: number;
  readonly atMs: number;
  /** Executor that appended it, or `client`. */
  readonly by: string;
  readonly event: TaskEvent;
}

export interface LogLine {
  /** Grows with every line of every task; where to go on reading. */
  readonly id: number;
  readonly atMs: number;
  readonly kind: LogLineKind;
  readonly text: string;
}

export interface TaskFilter {
  readonly states?: readonly Task['state'][];
  /** Tasks of this repository (its root). */
  readonly repository?: string;
  readonly limit?: number;
}

/**
 * Tasks and what became of them. The story of a task, its events, is the one truth and the one checkpoint: `append`
 * takes an event at a place once, so that of two processes that drive one task the slower is told so and stops.
 */
export interface TaskStore {
  /**
   * Stores a new task with its first event; one that is open under the same dedup key is answered instead. Refuses when
   * `maxOpen` tasks are open. @throws QUEUE_FULL
   */
  create(
    task: Task,
    first: TaskEvent,
    options: { readonly maxOpen: number },
  ): Promise<{ readonly task: Task; readonly created: boolean }>;
  /** @throws TASK_UNKNOWN */
  read(taskId: string): Promise<{ readonly task: Task; readonly seq: number }>;
  /** @throws TASK_UNKNOWN */
  readEvents(taskId: string, afterSeq?: number): Promise<readonly RecordedEvent[]>;
  /**
   * Appends events from `seq + 1` on and stores the task as it is after them, in one transaction.
   * @throws TASK_MOVED_ON when the task is no longer at `seq`, TASK_UNKNOWN
   */
  append(taskId: string, seq: number, events: readonly TaskEvent[], task: Task, by: string): Promise<void>;
  /** Newest first. */
  list(filter?: TaskFilter): Promise<readonly Task[]>;
  /** Full id of the task whose id starts (or ends) with the text. @throws TASK_UNKNOWN also when several do */
  find(text: string): Promise<string>;
  /** Buffered: batches of lines are written together; what could not be written is counted, never lost silently. */
  log(taskId: string, kind: LogLine['kind'], text: string): void;
  readLog(taskId: string, afterId?: number, limit?: number): Promise<readonly LogLine[]>;
  /** Writes what `log` has buffered. */
  flush(): Promise<void>;
  /** Calls `changed` soon after anything of the task (or of any task) has changed, until the signal fires. */
  watch(taskId: string | null, changed: () => void, signal: AbortSignal): Promise<void>;
  /** Stores bytes by their SHA-256; the same bytes are stored once. */
  putContent(bytes: Uint8Array): Promise<string>;
  /** @throws CONTENT_MISSING, CONTENT_ERASED */
  getContent(sha256: string): Promise<Uint8Array>;
  /** The salted commitments that the log names contents by, by their digests; what is not held is left out. */
  commitments(sha256s: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** Agents that were added, seen by every process that shares the store. */
export interface AgentStore {
  /** Sorted by the order in which they were added: the ladder that a task climbs. */
  list(): Promise<readonly AgentProfile[]>;
  /**
   * The agent of a name, as it is in the store right now; `agent@version`: that version, where it is in use or stands beside
   * the one in use, under this name. Null where there is none, it is retired, or it cannot be read.
   */
  find(name: string): Promise<AgentProfile | null>;
  /** Adds or replaces by name; a replaced agent keeps its place. */
  put(agent: AgentProfile): Promise<void>;
  /** False when there was none of that name. */
  remove(name: string): Promise<boolean>;
  /**
   * Takes one of the `perMinute` turns that an agent has, over all processes; 0 when it was had, else the milliseconds
   * after which there may be one. @see the generic cell rate algorithm, ITU-T I.371
   */
  takeTurn(name: string, perMinute: number): Promise<number>;
}

/** Something outside the store that a crash would leave behind: recorded before it is made, removed after it is gone. */
export interface Lease {
  readonly id: string;
  readonly kind: 'clone' | 'process' | 'socket';
  /** An absolute path, or a process number. */
  readonly what: string;
  /** `pid.startTicks` of the process that made it, and the host it runs on. */
  readonly owner: string;
  readonly host: string;
}

export interface LeaseStore {
  take(kind: Lease['kind'], what: string): Promise<string>;
  release(id: string): Promise<void>;
  /** Leases of this host. */
  list(): Promise<readonly Lease[]>;
}

export interface StoreStatus {
  readonly kind: 'embedded' | 'external';
  /** Without a password. */
  readonly address: string;
  readonly serverVersion: string;
  readonly schemaVersion: string;
  readonly durable: boolean;
  readonly bytes: number;
  readonly rows: Readonly<Record<string, number>>;
}

/** `arbiter db …` */
export interface StoreCare {
  status(): Promise<StoreStatus>;
  /** Brings the schema to this version's. Forward only, under an advisory lock. @throws STORE_NEWER */
  migrate(): Promise<readonly string[]>;
  /** Writes one file, in one step. @throws WRITE_FAILED, DISK_FULL */
  backup(file: string): Promise<{ readonly rows: Readonly<Record<string, number>>; readonly bytes: number }>;
  /** Into an empty store only. @throws BACKUP_INVALID, RESTORE_NOT_EMPTY */
  restore(file: string): Promise<{ readonly rows: Readonly<Record<string, number>> }>;
}
