import { DBOSExecutor } from '@dbos-inc/dbos-sdk/internal/dbos-executor';
import { wfQueueRunner } from '@dbos-inc/dbos-sdk/internal/wfqueue';
import type { QueueName } from '../../ports/engine.js';
import { isQueueName, queueNames } from './queues.js';

/**
 * What we use of DBOS beyond its public face: a queue is looked at the moment that something is put into it or a leg of it
 * has ended, instead of at the next poll. `src/adapters/dbos/dispatch.test.ts` and the engine's contract fail when a
 * version of DBOS no longer has these.
 */
interface Runner {
  readonly states: ReadonlyMap<string, { readonly queue: unknown }>;
  pollQueue(executor: unknown, queue: unknown): Promise<unknown>;
}

/** A workflow that this process runs; the promise settles once its end is stored. */
interface RunningEntry {
  readonly promise: Promise<unknown>;
  readonly queueName?: string;
}

const runner = wfQueueRunner as unknown as Runner;

/** Looks at a queue now and every so often; calls that come while it is being looked at become one more look. */
export interface Dispatcher {
  wake(queue: QueueName): void;
  /** A workflow of this process is about to end: once its end is stored, its lane and its place are free. */
  ends(workflowId: string): void;
  /** True from its claim's answer until its end is stored, as far as DBOS knows. */
  isRunning(workflowId: string): boolean;
  stop(): void;
}

/**
 * The looks of one process are one after the other, or two of them would both count the same free places; those of
 * several processes may meet (see prepare-engine.ts). @see docs/decisions/0009-durable-engine.md
 */
export function createDispatcher(pollMs: number): Dispatcher {
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
    ends(workflowId) {
      for (const { promise, queueName } of runningEntries(workflowId)) {
        // The promise is DBOS's own watch over the end: it never fails.
        if (isQueueName(queueName)) void promise.then(() => wake(queueName));
      }
    },
    isRunning: (workflowId) => runningEntries(workflowId).length > 0,
    stop() {
      stopped = true;
      clearInterval(polling);
    },
  };
}

function runningEntries(workflowId: string): readonly RunningEntry[] {
  const database = DBOSExecutor.globalInstance?.systemDatabase as unknown as
    | { readonly runningWorkflowMap: ReadonlyMap<string, readonly RunningEntry[]> }
    | undefined;
  return database?.runningWorkflowMap.get(workflowId) ?? [];
}

/** True while this version of DBOS has what `createDispatcher` asks of it. */
export function canDispatch(): boolean {
  return typeof runner.pollQueue === 'function' && runner.states instanceof Map;
}
