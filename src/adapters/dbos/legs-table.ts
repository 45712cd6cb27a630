import { DBOS } from '@dbos-inc/dbos-sdk';
import type { Pool } from 'pg';
import type { QueueName, WorkflowState, WorkflowStatus } from '../../ports/engine.js';
import { isQueueName } from './queues.js';

const states: Readonly<Record<WorkflowState, readonly string[]>> = {
  enqueued: ['ENQUEUED', 'DELAYED'],
  running: ['PENDING'],
  succeeded: ['SUCCESS'],
  failed: ['ERROR', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED'],
  cancelled: ['CANCELLED'],
};

interface Row {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly executor: string | null;
  readonly queue: string | null;
  readonly lane: string | null;
  readonly created: string;
}

/** The state that DBOS's word stands for. */
export function stateOf(status: string): WorkflowState {
  const found = Object.entries(states).find(([, words]) => words.includes(status));
  return (found?.[0] ?? 'failed') as WorkflowState;
}

/** Workflows by state and by the beginning of their id, oldest first. */
export async function listWorkflows(
  pool: Pool,
  filter: { readonly states?: readonly WorkflowState[]; readonly prefix?: string },
): Promise<readonly WorkflowStatus[]> {
  const words = (filter.states ?? []).flatMap((state) => states[state]);
  const { rows } = await pool.query<Row>(
    `select workflow_uuid as id, name, status, executor_id as executor, queue_name as queue, queue_partition_key as lane,
       created_at as created from dbos.workflow_status
     where ($1::text[] = '{}' or status = any($1)) and starts_with(workflow_uuid, $2) order by created_at`,
    [words, filter.prefix ?? ''],
  );
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    state: stateOf(row.status),
    executor: row.executor?.split('#')[0] ?? null,
    queue: isQueueName(row.queue) ? row.queue : null,
    lane: row.lane,
    createdMs: Number(row.created),
  }));
}

/** Workflows that wait in each queue. */
export async function countBacklog(pool: Pool): Promise<Record<QueueName, number>> {
  const { rows } = await pool.query<{ queue: string; waiting: string }>(
    `select queue_name as queue, count(*) as waiting from dbos.workflow_status
     where status in ('ENQUEUED', 'DELAYED') and queue_name in ('tasks', 'work') group by 1`,
  );
  const count = (name: string): number => Number(rows.find((row) => row.queue === name)?.waiting ?? 0);
  return { tasks: count('tasks'), work: count('work') };
}

/** Removes workflows that ended long ago, with all that DBOS keeps of them: what they did is in the tasks' own story. */
export async function forgetEnded(pool: Pool, olderThanMs: number): Promise<void> {
  const { rows } = await pool.query<{ id: string }>(
    `select workflow_uuid as id from dbos.workflow_status
     where completed_at is not null and completed_at < (extract(epoch from now()) * 1000)::bigint - $1
       and status in ('SUCCESS', 'ERROR', 'CANCELLED') limit 5000`,
    [olderThanMs],
  );
  if (rows.length > 0) await DBOS.deleteWorkflows(rows.map(({ id }) => id));
}
