import { setTimeout as sleep } from 'node:timers/promises';
import { DBOS } from '@dbos-inc/dbos-sdk';
import { Client } from 'pg';
import { appRole, grantEngineSchema } from '../postgres/index.js';
import { inQuiet } from './quiet.js';

/** Migrations of DBOS 5.3.0, as its own table counts them; a test asks that the number is still right. */
const engineMigrations = 123;

/**
 * DBOS reads the heads of lanes without a lock: two looks at once, with a more urgent leg put in between, would each start
 * something in one lane. The second then fails whole, and finds the lane taken at its next look.
 */
const oneLegALane = `create unique index if not exists arbiter_one_leg_a_lane on dbos.workflow_status (queue_partition_key)
  where queue_name = 'work' and status = 'PENDING'`;

/**
 * Makes the engine's tables by the owner and grants the app's role its rows; nothing happens when they are there. Under
 * an advisory lock, so that two processes that start at once do not meet.
 */
export async function prepareEngine(ownerUrl: string): Promise<void> {
  const client = new Client({ connectionString: ownerUrl, application_name: 'arbiter' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    if ((await readVersion(client)) >= engineMigrations && (await isFinished(client))) return;
    await lockEngine(client);
    await inQuiet(() => DBOS.migrate(ownerUrl));
    await client.query(oneLegALane);
    await grantEngineSchema(ownerUrl);
  } finally {
    await client.end();
  }
}

async function readVersion(client: Client): Promise<number> {
  const known = await client.query<{ known: boolean }>(
    `select to_regclass('dbos.dbos_migrations') is not null as known`,
  );
  if (known.rows[0]?.known !== true) return 0;
  const { rows } = await client.query<{ version: string }>('select version from dbos.dbos_migrations');
  return Number(rows[0]?.version ?? 0);
}

/** A crash between making and granting leaves tables without our index, or that the app's role cannot use. */
async function isFinished(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ lacks: boolean }>(
    `select to_regclass('dbos.arbiter_one_leg_a_lane') is null or exists (
       select from pg_roles where rolname = $1 and not has_schema_privilege(oid, 'dbos', 'usage')
     ) as lacks`,
    [appRole],
  );
  return rows[0]?.lacks !== true;
}

/** Tried again and again, never waited for: a statement that waits holds a snapshot, which DBOS's own indexes wait for. */
async function lockEngine(client: Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ had: boolean }>(
      `select pg_try_advisory_lock(hashtextextended('arbiter-engine', 0)) as had`,
    );
    if (rows[0]?.had === true) return;
    await sleep(50);
  }
}
