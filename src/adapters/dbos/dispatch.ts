import { DBOSExecutor } from '@dbos-inc/dbos-sdk/internal/dbos-executor';
import { wfQueueRunner } from '@dbos-inc/dbos-sdk/internal/wfqueue';
import type { Pool } from 'pg';
import type { QueueName } from '../../ports/engine.js';
import { queueNames } from './queues.js';

/**
 * What we use of DBOS beyond its public face: a queue is looked at the moment that something is put into it, instead of
 * at the next poll. `src/adapters/dbos/dispatch.test.ts` fails when a version of DBOS no longer has these.
 */
interface Runner {
  readonly states: ReadonlyMap<string, { readonly queue: unknown }>;
  pollQueue(executor: unknown, queue: unknown): Promise<unknown>;
}

const runner = wfQueueRunner as unknown as Runner;

/** Looks at a queue now and every so often; calls that come while it is being looked at become one more look. */
export interface Dispatcher {
  wake(queue: QueueName): void;
  stop(): void;
}

/**
 * The looks of one process are one after the other, or two of them would both count the same free places. Looks at `work`
 * are one after the other over all processes: DBOS reads the heads of lanes without a lock, so that two looks at once
 * could each start something in one lane.
 * @see docs/decisions/0009-durable-engine.md
 */
export function createDispatcher(pool: Pool, pollMs: number): Dispatcher {
  const looking = new Set<QueueName>();
  const again = new Set<QueueName>();
  let stopped = false;
  const look = async (name: QueueName): Promise<void> => {
    looking.add(name);
    try {
      do {
        again.delete(name);
        const state = runner.states.get(name);
        const poll = async (): Promise<unknown> =>
          state === undefined ? null : runner.pollQueue(DBOSExecutor.globalInstance, state.queue);
        await (name === 'work' ? inLaneLock(pool, poll) : poll());
      } while (again.has(name) && !stopped);
    } catch {
      // The next look finds what this one missed.
    } finally {
      looking.delete(name);
    }
  };
  const wake = (name: QueueName): void => {
    if (stopped) return;
    if (looking.has(name)) again.add(name);
    else void look(name);
  };
  const polling = setInterval(() => queueNames.forEach(wake), pollMs);
  return {
    wake,
    stop() {
      stopped = true;
      clearInterval(polling);
    },
  };
}

/** A process that is stopped while it holds the lock loses it after five seconds, with its transaction. */
async function inLaneLock(pool: Pool, look: () => Promise<unknown>): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query(
      `begin; set local idle_in_transaction_session_timeout = 5000;
       select pg_advisory_xact_lock(hashtextextended('arbiter-lanes', 0))`,
    );
    await look();
    await client.query('commit');
    client.release();
  } catch (error) {
    client.release(true);
    throw error;
  }
}

/** True while this version of DBOS has what `createDispatcher` asks of it. */
export function canDispatch(): boolean {
  return typeof runner.pollQueue === 'function' && runner.states instanceof Map;
}
