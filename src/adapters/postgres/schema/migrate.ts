import { Kysely, Migrator, PostgresDialect, sql, type Migration } from 'kysely';
import { Client } from 'pg';
import { createPool } from '../connection.js';
import { Fault } from '../../../core/fault.js';
import type { StoreFaultCode } from '../../../ports/task-store.js';
import { grantStore, lacksGrants } from './grants.js';
import { tasksMigration } from './m0001-tasks.js';
import { ledgerMigration } from './m0002-ledger.js';
import { waiversMigration } from './m0003-waivers.js';
import { erasureMigration } from './m0004-erasure.js';
import { rolloutsMigration } from './m0005-rollouts.js';
import { registryMigration } from './m0006-registry.js';
import { pointsMigration } from './m0007-points.js';
import { routingMigration } from './m0008-routing.js';
import { sessionsMigration } from './m0009-sessions.js';
import { retriesMigration } from './m0010-retries.js';
import { outcomesMigration } from './m0011-outcomes.js';

/** In the order in which they are applied; a name, once released, stands for the same statements forever. */
const migrations: Readonly<Record<string, Migration>> = {
  '0001-tasks': tasksMigration,
  '0002-ledger': ledgerMigration,
  '0003-waivers': waiversMigration,
  '0004-erasure': erasureMigration,
  '0005-rollouts': rolloutsMigration,
  '0006-registry': registryMigration,
  '0007-points': pointsMigration,
  '0008-routing': routingMigration,
  '0009-sessions': sessionsMigration,
  '0010-retries': retriesMigration,
  '0011-outcomes': outcomesMigration,
};

/** Names of all migrations that this version knows, in order. */
export function knownMigrations(): readonly string[] {
  return Object.keys(migrations).sort();
}

/** Names of the migrations that the database has had, in order; empty for one that had none. */
export async function readApplied(client: Client): Promise<readonly string[]> {
  // As text, which is what it is in a session of either kind.
  const made = await client.query<{ made: string }>(
    `select (to_regclass('arbiter.migrations') is not null)::text as made`,
  );
  if (made.rows[0]?.made !== 'true') return [];
  const { rows } = await client.query<{ name: string }>('select name from arbiter.migrations order by name');
  return rows.map((row) => row.name);
}

/**
 * Brings the schema to this version's, forward only, under an advisory lock, and answers the names of what was applied:
 * empty when nothing had to be.
 * @throws STORE_NEWER, before anything is written, when a newer Arbiter has migrated the database
 */
export async function migrateSchema(ownerUrl: string): Promise<readonly string[]> {
  if (!(await isBehind(ownerUrl))) return [];
  const dialect = new PostgresDialect({ pool: createPool({ connectionString: ownerUrl, max: 1 }) });
  const db = new Kysely<unknown>({ dialect });
  try {
    const migrator = new Migrator({
      db,
      provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
      migrationTableSchema: 'arbiter',
      migrationTableName: 'migrations',
      migrationLockTableName: 'migration_lock',
    });
    const { error, results = [] } = await migrator.migrateToLatest();
    if (error instanceof Error) throw error;
    if (error !== undefined) throw new Error('a migration failed', { cause: error });
    await db.transaction().execute(async (transaction) => {
      // Grants of two sessions on one table at the same moment fail.
      await sql`select pg_advisory_xact_lock(hashtextextended('arbiter.grants', 0))`.execute(transaction);
      await grantStore(transaction);
    });
    return results.filter((result) => result.status === 'Success').map((result) => result.migrationName);
  } finally {
    await db.destroy();
  }
}

/** Whether there is anything to do: migrations to apply, or grants that a killed process did not come to. */
async function isBehind(ownerUrl: string): Promise<boolean> {
  const client = new Client({ connectionString: ownerUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const applied = await readApplied(client);
    const unknown = applied.filter((name) => !(name in migrations));
    if (unknown.length > 0) throw newerFault(unknown);
    return applied.length < knownMigrations().length || (await lacksGrants(client));
  } finally {
    await client.end();
  }
}

function newerFault(unknown: readonly string[]): Fault<StoreFaultCode> {
  return new Fault('STORE_NEWER', `the database was migrated by a newer Arbiter (${unknown.join(', ')})`, {
    mend: 'use that version or a newer one; nothing was changed',
  });
}
