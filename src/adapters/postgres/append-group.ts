import { setImmediate as endOfTurn } from 'node:timers/promises';
import { isFault } from '../../core/fault.js';
import { type Append, appendEvents, appendToMany } from './append-events.js';
import type { Connection } from './connection.js';

/** Appends on their way into the store: those that come while others are being written go together. */
export interface AppendGroup {
  /** Settles once it is committed. @throws TASK_MOVED_ON, TASK_UNKNOWN, STORE_UNAVAILABLE, DISK_FULL, STORE_FAILED */
  append(one: Append): Promise<void>;
}

interface Waiting {
  readonly one: Append;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

const mostInOne = 64;

/**
 * Group commit: an append that finds the way free goes at once, so that an idle store is as quick as ever;
 * under load many tasks share a round trip, a transaction and a flush to disk. Each still moves or fails by itself.
 */
export function createAppendGroup(connection: Connection): AppendGroup {
  let waiting: Waiting[] = [];
  let isBusy = false;
  const writeAll = async (): Promise<void> => {
    isBusy = true;
    while (waiting.length > 0) {
      // What one answer of the database sets going comes in one turn of the loop: it goes on together.
      await endOfTurn();
      const { taken, left } = takeGroup(waiting);
      waiting = left;
      await writeGroup(connection, taken);
    }
    isBusy = false;
  };
  return {
    append(one) {
      return new Promise((done, failed) => {
        waiting.push({ one, done, failed });
        if (!isBusy) void writeAll();
      });
    },
  };
}

/** The first that wait, of each task one: two appends of one task are two places of its story. */
function takeGroup(waiting: readonly Waiting[]): { taken: readonly Waiting[]; left: Waiting[] } {
  const taken = new Map<string, Waiting>();
  const left: Waiting[] = [];
  for (const entry of waiting) {
    if (taken.size < mostInOne && !taken.has(entry.one.taskId)) taken.set(entry.one.taskId, entry);
    else left.push(entry);
  }
  return { taken: [...taken.values()], left };
}

async function writeGroup(connection: Connection, group: readonly Waiting[]): Promise<void> {
  if (group.length === 1) return writeEach(connection, group, false);
  try {
    const { unmoved, retried } = await appendToMany(
      connection,
      group.map(({ one }) => one),
    );
    const stuck = new Set(unmoved.map(({ taskId }) => taskId));
    for (const { one, done } of group) if (!stuck.has(one.taskId)) done();
    await writeEach(
      connection,
      group.filter(({ one }) => stuck.has(one.taskId)),
      retried,
    );
  } catch (error) {
    // One that the database refuses (or two groups that wait for each other's rows) must not fail the others with it.
    if (isFault(error, 'STORE_FAILED')) return writeEach(connection, group, false);
    for (const { failed } of group) failed(error);
  }
}

async function writeEach(connection: Connection, group: readonly Waiting[], wasTried: boolean): Promise<void> {
  const tryOne = async ({ one, done, failed }: Waiting): Promise<void> => {
    try {
      await appendEvents(connection, one, wasTried);
      done();
    } catch (error) {
      failed(error);
    }
  };
  await Promise.all(group.map(tryOne));
}
