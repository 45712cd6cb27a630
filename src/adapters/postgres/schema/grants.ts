import { sql, type Kysely } from 'kysely';
import { Client } from 'pg';

/** The role that Arbiter works as: neither owner nor superuser, and able to do what the tables below allow. */
export const appRole = 'arbiter_app';

const rights: Readonly<Record<string, string>> = {
  tasks: 'select, insert, update',
  task_events: 'select, insert',
  task_log: 'select, insert',
  contents: 'select, insert',
  agents: 'select, insert, update, delete',
  leases: 'select, insert, delete',
  executors: 'select, insert, update, delete',
  schedules: 'select, insert, update',
  turns: 'select, insert, update',
  migrations: 'select',
  ledger: 'select, insert',
  ledger_entries: 'select, insert',
  ledger_nodes: 'select, insert',
  waivers: 'select, insert',
  waiver_events: 'select, insert',
  waiver_uses: 'select, insert',
  erasures: 'select',
  rollouts: 'select, insert, update',
  rollout_events: 'select, insert',
  agent_versions: 'select, insert, update',
  agent_history: 'select, insert, update',
  agent_observations: 'select, insert',
  agent_health: 'select, insert, update',
  breakers: 'select, insert, update',
  data_points: 'select, insert',
  tracked: 'select, insert, update',
  late_outcomes: 'select, insert',
  point_months: 'select',
  point_sums: 'select',
  route_decisions: 'select, insert',
  route_outcomes: 'select, insert',
  route_memory: 'select, insert, update',
  retries: 'select, insert, delete',
  route_sums: 'select, insert, update',
  route_sums_afresh: 'select',
  late_learned: 'select, insert',
};

/** The one way by which the role may remove anything of the record: each asks for its entry in the ledger. */
const eraseFunctions = 'arbiter.erase_content(text, bigint), arbiter.erase_task_log(text)';
/** How months of data points, which are no record but derived from it, come and go. */
const monthFunctions = 'arbiter.ensure_points_month(text), arbiter.fold_points(text, bigint)';

/** Whether the role exists and lacks any of the grants below. */
export async function lacksGrants(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ lacks: boolean }>(
    `select bool_or(not has_table_privilege(r.oid, 'arbiter.' || t, 'select')) as lacks
      from pg_roles r, unnest($2::text[]) t where r.rolname = $1`,
    [appRole, Object.keys(rights)],
  );
  return rows[0]?.lacks === true;
}

/** Grants the role what the store needs; nothing happens where there is no such role (a database of the user's own). */
export async function grantStore(db: Kysely<unknown>): Promise<void> {
  const known = await sql<{ known: boolean }>`
    select exists (select from pg_roles where rolname = ${appRole}) as known`.execute(db);
  if (known.rows[0]?.known !== true) return;
  await sql.raw(`grant usage on schema arbiter to ${appRole}`).execute(db);
  await sql.raw(`grant usage on all sequences in schema arbiter to ${appRole}`).execute(db);
  await sql.raw(`grant execute on function ${eraseFunctions}, ${monthFunctions} to ${appRole}`).execute(db);
  for (const [table, right] of Object.entries(rights)) {
    await sql.raw(`grant ${right} on arbiter.${table} to ${appRole}`).execute(db);
  }
}

/**
 * Grants the role what the engine needs in its own schema: rows, sequences and functions, of what later migrations of
 * the engine make too. Called by the owner after the engine's migrations; nothing happens where the role is missing.
 */
export async function grantEngineSchema(ownerUrl: string, schema = 'dbos'): Promise<void> {
  const client = new Client({ connectionString: ownerUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const known = await client.query('select from pg_roles where rolname = $1', [appRole]);
    if (known.rowCount === 0) return;
    const name = client.escapeIdentifier(schema);
    await client.query(`
      grant usage on schema ${name} to ${appRole};
      grant select, insert, update, delete on all tables in schema ${name} to ${appRole};
      grant usage, select, update on all sequences in schema ${name} to ${appRole};
      grant execute on all functions in schema ${name} to ${appRole};
      alter default privileges in schema ${name} grant select, insert, update, delete on tables to ${appRole};
      alter default privileges in schema ${name} grant usage, select, update on sequences to ${appRole};
      alter default privileges in schema ${name} grant execute on functions to ${appRole};
    `);
  } finally {
    await client.end();
  }
}
