import type { PoolClient } from 'pg';
import { type Breaker, breakerSchema, closedBreaker } from '../../../core/registry/breaker.js';
import { type Health, healthSchema } from '../../../core/registry/health.js';
import { readRow } from '../../../core/registry/registry-rows.js';
import type { Change } from '../../../ports/registry-store.js';

/** Changes how an agent stands, in the transaction of the client. One that was never heard of starts from silence. */
export async function changeHealth(client: PoolClient, agent: string, change: Change<Health>): Promise<Health> {
  await client.query(
    `insert into arbiter.agent_health (agent, heard_ms, probation) values ($1, 0, 0) on conflict do nothing`,
    [agent],
  );
  const { rows } = await client.query<{ heard_ms: number; probation: number }>(
    'select heard_ms, probation from arbiter.agent_health where agent = $1 for update',
    [agent],
  );
  const read = healthSchema.safeParse(rows[0]);
  const after = change(read.success ? read.data : { heard_ms: 0, probation: 0 });
  await client.query('update arbiter.agent_health set heard_ms = $2, probation = $3 where agent = $1', [
    agent,
    after.heard_ms,
    after.probation,
  ]);
  return after;
}

/** Changes a breaker, in the transaction of the client. One that cannot be read counts as closed. */
export async function changeBreaker(client: PoolClient, key: string, change: Change<Breaker>): Promise<Breaker> {
  await client.query('insert into arbiter.breakers (key, state) values ($1, $2) on conflict do nothing', [
    key,
    JSON.stringify(closedBreaker),
  ]);
  const { rows } = await client.query<{ state: string }>(
    'select state::text as state from arbiter.breakers where key = $1 for update',
    [key],
  );
  const read = readRow(rows[0]?.state ?? '', breakerSchema);
  const after = change('value' in read ? read.value : closedBreaker);
  await client.query('update arbiter.breakers set state = $2 where key = $1', [key, JSON.stringify(after)]);
  return after;
}
