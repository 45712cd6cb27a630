import { isFault } from '../../core/fault.js';
import { type Append, appendEvents, appendToMany } from './append-events.js';
import type { Connection } from './connection.js';
import { gather } from './gather.js';

const mostInOne = 64;

/**
 * Appends that come together are stored together; each still moves or fails by itself. Settles once it is committed.
 * @throws TASK_MOVED_ON, TASK_UNKNOWN, STORE_UNAVAILABLE, DISK_FULL, STORE_FAILED
 */
export function createAppendGroup(connection: Connection): (one: Append) => Promise<void> {
  const each = (group: readonly Append[], wasTried: boolean): Promise<readonly PromiseSettledResult<void>[]> =>
    Promise.allSettled(group.map((one) => appendEvents(connection, one, wasTried)));
  return gather({
    // Two appends of one task are two places of its story.
    fits: (taken, next) => taken.length < mostInOne && taken.every(({ taskId }) => taskId !== next.taskId),
    async perform(group) {
      if (group.length === 1) return each(group, false);
      try {
        const { unmoved, retried } = await appendToMany(connection, group);
        const why = new Map<Append, PromiseSettledResult<void>>();
        for (const [index, said] of (await each(unmoved, retried)).entries()) {
          const one = unmoved[index];
          if (one !== undefined) why.set(one, said);
        }
        return group.map((one) => why.get(one) ?? { status: 'fulfilled', value: undefined });
      } catch (error) {
        // One that the database refuses (or two groups that wait for each other's rows) must not fail the others with it.
        if (isFault(error, 'STORE_FAILED')) return each(group, false);
        throw error;
      }
    },
  });
}
