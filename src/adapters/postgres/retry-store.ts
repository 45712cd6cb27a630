import type { PoolClient } from 'pg';
import type { Retry, RetryCount, RetryStore } from '../../ports/retry-store.js';
import type { Connection } from './connection.js';

const lock = `select pg_advisory_xact_lock(hashtextextended('arbiter.retries', 0))`;
const known = 'select from arbiter.retries where task_id = $1 and attempt = $2 and candidate = $3';
// What is older than any window is of no use to anybody.
const forget = 'delete from arbiter.retries where at_ms <= $1';
const count = `select (select count(*) from arbiter.retries where at_ms > $1) as retries,
  (select count(*) from arbiter.tasks where created_ms > $1) as tasks`;
const add = 'insert into arbiter.retries (task_id, attempt, candidate, at_ms) values ($1, $2, $3, $4)';

/** The budget of retries on PostgreSQL. Takers come one after the other: a count that two share would be exceeded by one. */
export function createRetryStore(connection: Connection): RetryStore {
  return {
    take: (retry, windowMs, allows) =>
      connection.transact('begin', async (client) => {
        const { taskId, attempt, candidate, atMs } = retry;
        await client.query(lock);
        const had = await client.query(known, [taskId, attempt, candidate]);
        const counted = await countSince(client, retry, windowMs);
        if (had.rows.length > 0) return { ...counted, granted: true };
        const granted = allows(counted);
        if (granted) await client.query(add, [taskId, attempt, candidate, atMs]);
        return { ...counted, granted };
      }),
  };
}

async function countSince(client: PoolClient, { atMs }: Retry, windowMs: number): Promise<RetryCount> {
  const sinceMs = atMs - windowMs;
  await client.query(forget, [sinceMs]);
  const { rows } = await client.query<{ retries: string; tasks: string }>(count, [sinceMs]);
  return { retries: Number(rows[0]?.retries ?? 0), tasks: Number(rows[0]?.tasks ?? 0) };
}
