import type { LogLine } from '../../ports/task-store.js';

/** A line on its way into the store. */
export interface PendingLine {
  readonly taskId: string;
  readonly atMs: number;
  readonly kind: LogLine['kind'];
  readonly text: string;
}

/** Lines that wait to be written together. */
export interface LogBuffer {
  /** Never waits: when the buffer is full the oldest passing line makes room, and is counted. */
  add(line: PendingLine): void;
  /** Writes everything that waits, one batch after the other. What cannot be written stays. @throws what `write` throws */
  flush(): Promise<void>;
}

export interface LogBufferOptions {
  /** Stores a batch, in its order. */
  readonly write: (lines: readonly PendingLine[]) => Promise<void>;
  /** Whether a later try may succeed; a batch that never will is dropped and counted. */
  readonly isPassing: (error: unknown) => boolean;
  /** False once the store is closed: what is said afterwards is never written. */
  readonly isOpen?: () => boolean;
  readonly maxLines?: number;
  readonly everyMs?: number;
}

const batchLines = 1000;
/** What is watched while it passes and matters little afterwards; stages, refusals and notes are kept before these. */
const passing = new Set<LogLine['kind']>(['message', 'tool', 'spend', 'file']);

/** A bounded buffer that is written every 100 ms while it holds anything. */
export function createLogBuffer(options: LogBufferOptions): LogBuffer {
  const maxLines = options.maxLines ?? 10_000;
  let lines: PendingLine[] = [];
  /** Lines that were not kept, by task. */
  const dropped = new Map<string, number>();
  let timer: NodeJS.Timeout | null = null;
  let flushing: Promise<void> | null = null;

  const drop = (line: PendingLine): void => {
    dropped.set(line.taskId, (dropped.get(line.taskId) ?? 0) + 1);
  };
  const makeRoom = (): void => {
    // A tenth at a time: looking for passing lines one by one would cost a walk for every line.
    let excess = Math.ceil(maxLines / 10);
    const kept: PendingLine[] = [];
    for (const line of lines) {
      if (excess > 0 && passing.has(line.kind)) {
        drop(line);
        excess -= 1;
      } else kept.push(line);
    }
    for (const line of kept.splice(0, Math.max(0, kept.length - maxLines + 1))) drop(line);
    lines = kept;
  };
  const noteDropped = (): void => {
    for (const [taskId, count] of dropped) {
      const text = `${count} lines are not kept: they came faster than the store took them`;
      lines.push({ taskId, atMs: Date.now(), kind: 'note', text });
    }
    dropped.clear();
  };
  const writeBatch = async (): Promise<void> => {
    const batch = lines.splice(0, batchLines);
    try {
      await options.write(batch);
    } catch (error) {
      if (options.isPassing(error)) lines.unshift(...batch);
      else for (const line of batch) drop(line);
      throw error;
    }
  };
  const writeAll = async (): Promise<void> => {
    if (dropped.size > 0) noteDropped();
    while (lines.length > 0) await writeBatch();
  };
  const flush = (): Promise<void> => {
    flushing ??= writeAll().finally(() => {
      flushing = null;
      arm();
    });
    return flushing;
  };
  const arm = (): void => {
    // Trying for ever would keep a process that has ended its work from ending itself.
    if (options.isOpen?.() === false) return;
    if (timer !== null || (lines.length === 0 && dropped.size === 0)) return;
    timer = setTimeout(() => {
      timer = null;
      // The lines are still here, or counted: the next round tries again.
      flush().catch(() => undefined);
    }, options.everyMs ?? 100);
  };
  return {
    add(line) {
      if (lines.length >= maxLines) makeRoom();
      lines.push(line);
      arm();
    },
    async flush() {
      // One that is under way may have begun before the last line came.
      if (flushing !== null) await flushing.catch(() => undefined);
      await flush();
    },
  };
}
