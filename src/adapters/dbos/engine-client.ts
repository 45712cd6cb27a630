import { setTimeout as sleep } from 'node:timers/promises';
import { DBOSClient } from '@dbos-inc/dbos-sdk';
import type { Pool } from 'pg';
import { Fault, isFault } from '../../core/fault.js';
import type { Engine, EngineFaultCode, Json, QueueName, StartOptions } from '../../ports/engine.js';
import { countBacklog, listWorkflows, stateOf } from './legs-table.js';
import { applicationName, applicationVersion, cancelChannel, queueNames, wakeChannel } from './queues.js';
import { silentLogger } from './quiet.js';

const countEveryMs = 500;
const wakeGatherMs = 3;
const pollMs = 25;

export interface EngineClientOptions {
  readonly appUrl: string;
  readonly pool: Pool;
  readonly maxBacklog: number;
  /** Told at once in this process; others hear of it by the database. */
  readonly woken: (queue: QueueName) => void;
}

/** The half of the engine that every process has: asking for workflows, looking at them, ending them. */
export type EngineClient = Omit<Engine, 'register' | 'schedule' | 'start' | 'stop'> & { close(): Promise<void> };

/** Nothing is connected before the first call. */
export function createEngineClient(options: EngineClientOptions): EngineClient {
  const { pool } = options;
  let opened: Promise<DBOSClient> | null = null;
  const client = (): Promise<DBOSClient> =>
    (opened ??= DBOSClient.create({
      systemDatabaseUrl: options.appUrl,
      systemDatabasePool: pool,
      applicationName,
      logger: silentLogger,
    }));
  const wake = createWaker(options);
  const room = createRoom(options);
  return {
    async enqueue(name, input, start) {
      await room.take();
      const dbos = await client();
      await dbos.enqueue(enqueueOptions(name, start), input).catch(refuseUnlessThere);
      if (start.delayMs === undefined) wake.tell(start.queue);
    },
    async send(workflowId, topic, value, key) {
      await requireWorkflow(pool, workflowId);
      // DBOS takes undefined for nothing, and null for a value.
      await (await client()).send(workflowId, value, topic, `${workflowId}/${key}`);
    },
    async state(workflowId, key) {
      return (await (await client()).getEvent<Json>(workflowId, key, { timeoutSeconds: 0 })) ?? null;
    },
    async result(workflowId, timeoutMs) {
      const until = Date.now() + timeoutMs;
      for (;;) {
        const state = await requireWorkflow(pool, workflowId);
        if (state === 'cancelled') throw endedFault('WORKFLOW_CANCELLED', workflowId, 'was cancelled');
        if (state === 'succeeded' || state === 'failed') return answerOf(await client(), workflowId);
        if (Date.now() >= until) return null;
        await sleep(pollMs);
      }
    },
    async cancel(workflowId) {
      const state = await requireWorkflow(pool, workflowId);
      if (state !== 'enqueued' && state !== 'running') return;
      await (await client()).cancelWorkflow(workflowId);
      await pool.query('select pg_notify($1, $2)', [cancelChannel, workflowId]);
    },
    async resume(workflowId) {
      await requireWorkflow(pool, workflowId);
      // DBOS resumes nothing that failed, and forgets the queue of what was cancelled; its lane says which one it was.
      await pool.query(
        `update dbos.workflow_status set status = 'ENQUEUED', started_at_epoch_ms = null, completed_at = null, error = null,
           owner_xid = null, recovery_attempts = 0, updated_at = (extract(epoch from now()) * 1000)::bigint,
           queue_name = coalesce(queue_name, case when queue_partition_key is null then 'tasks' else 'work' end)
         where workflow_uuid = $1 and status in ('CANCELLED', 'ERROR', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED')`,
        [workflowId],
      );
      for (const queue of queueNames) wake.tell(queue);
    },
    async fork(workflowId, fromStep, newId) {
      await requireWorkflow(pool, workflowId);
      const queue = { queueName: 'tasks', applicationVersion };
      await (await client()).forkWorkflow(workflowId, fromStep, { newWorkflowID: newId, ...queue });
      wake.tell('tasks');
    },
    list: (filter = {}) => listWorkflows(pool, filter),
    backlog: () => countBacklog(pool),
    async close() {
      await wake.flush();
      // The pool is the store's, and stays.
    },
  };
}

function enqueueOptions(name: string, start: StartOptions): Parameters<DBOSClient['enqueue']>[0] {
  return {
    workflowName: name,
    queueName: start.queue,
    workflowID: start.id,
    appVersion: applicationVersion,
    ...(start.lane === undefined ? {} : { queuePartitionKey: start.lane }),
    ...(start.priority === undefined ? {} : { priority: start.priority }),
    ...(start.delayMs === undefined ? {} : { delaySeconds: start.delayMs / 1000 }),
  };
}

/** Asking for the same id again is asking once. */
function refuseUnlessThere(error: unknown): void {
  if (error instanceof Error && error.name === 'DBOSConflictingWorkflowError') return;
  throw error;
}

async function requireWorkflow(pool: Pool, id: string): Promise<ReturnType<typeof stateOf>> {
  const { rows } = await pool.query<{ status: string }>(
    'select status from dbos.workflow_status where workflow_uuid = $1',
    [id],
  );
  const [row] = rows;
  if (row !== undefined) return stateOf(row.status);
  throw endedFault('UNKNOWN_WORKFLOW', id, 'is not there');
}

async function answerOf(client: DBOSClient, id: string): Promise<Json> {
  try {
    return (await client.retrieveWorkflow<Json>(id).getResult()) ?? null;
  } catch (error) {
    if (isFault(error)) throw error;
    const said = error instanceof Error ? error.message : String(error);
    throw endedFault('WORKFLOW_FAILED', id, `failed: ${said}`, error);
  }
}

function endedFault(code: EngineFaultCode, id: string, what: string, cause?: unknown): Fault<EngineFaultCode> {
  return new Fault(code, `the workflow ${id} ${what}`, { mend: 'arbiter task list shows what there is', cause });
}

/** Words to sleeping workers, gathered: a thousand at once are one. */
function createWaker({ pool, woken }: EngineClientOptions): { tell(queue: QueueName): void; flush(): Promise<void> } {
  const unsaid = new Set<QueueName>();
  let gathering: Promise<void> | null = null;
  const say = async (): Promise<void> => {
    await sleep(wakeGatherMs);
    gathering = null;
    const queues = [...unsaid];
    unsaid.clear();
    // Who does not hear it finds the work at the next poll.
    await pool.query('select pg_notify($1, q) from unnest($2::text[]) q', [wakeChannel, queues]).catch(() => undefined);
  };
  return {
    tell(queue) {
      woken(queue);
      unsaid.add(queue);
      gathering ??= say();
    },
    flush: () => gathering ?? Promise.resolve(),
  };
}

/** Refuses when too much waits. Counted now and then, and by what this process adds in between. */
function createRoom({ pool, maxBacklog }: EngineClientOptions): { take(): Promise<void> } {
  let countedMs = -Infinity;
  let waiting = 0;
  let counting: Promise<void> | null = null;
  const count = async (): Promise<void> => {
    const backlog = await countBacklog(pool);
    waiting = backlog.tasks + backlog.work;
    countedMs = performance.now();
    counting = null;
  };
  return {
    async take() {
      if (performance.now() - countedMs > countEveryMs) {
        counting ??= count().finally(() => (counting = null));
        await counting;
      }
      if (waiting >= maxBacklog) {
        throw new Fault<EngineFaultCode>('QUEUE_FULL', `${waiting} legs of tasks wait already`, {
          mend: 'try again in 30 seconds, or start more workers: arbiter up --workers N',
        });
      }
      waiting += 1;
    },
  };
}
