import { DBOSExecutor } from '@dbos-inc/dbos-sdk/internal/dbos-executor';
import { wfQueueRunner } from '@dbos-inc/dbos-sdk/internal/wfqueue';
import type { QueueName } from '../../ports/engine.js';

/**
 * What we use of DBOS beyond its public face: a queue is looked at the moment that something is put into it, instead of
 * at the next poll. `src/adapters/dbos/dispatch.test.ts` fails when a version of DBOS no longer has these.
 */
interface Runner {
  readonly states: ReadonlyMap<string, { readonly queue: unknown }>;
  pollQueue(executor: unknown, queue: unknown): Promise<unknown>;
}

const runner = wfQueueRunner as unknown as Runner;

/** Looks at a queue now; calls that come while it is being looked at become one more look. */
export interface Dispatcher {
  wake(queue: QueueName): void;
  stop(): void;
}

/** @see docs/decisions/0009-durable-engine.md */
export function createDispatcher(): Dispatcher {
  const looking = new Set<QueueName>();
  const again = new Set<QueueName>();
  let stopped = false;
  const look = async (name: QueueName): Promise<void> => {
    looking.add(name);
    try {
      do {
        again.delete(name);
        const state = runner.states.get(name);
        if (state !== undefined) await runner.pollQueue(DBOSExecutor.globalInstance, state.queue);
      } while (again.has(name) && !stopped);
    } catch {
      // The poll that comes anyhow finds what this look missed.
    } finally {
      looking.delete(name);
    }
  };
  return {
    wake(name) {
      if (stopped) return;
      if (looking.has(name)) again.add(name);
      else void look(name);
    },
    stop() {
      stopped = true;
    },
  };
}

/** True while this version of DBOS has what `createDispatcher` asks of it. */
export function canDispatch(): boolean {
  return typeof runner.pollQueue === 'function' && runner.states instanceof Map;
}
