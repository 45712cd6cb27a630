import type { StoreCare, StoreStatus } from '../../../ports/task-store.js';
import { migrateSchema, readApplied } from '../schema/migrate.js';
import { backupStore } from './backup-store.js';
import { withSession } from './one-session.js';
import { restoreStore } from './restore-store.js';
import { listTables, quotedName, shortName } from './tables.js';

export interface CareOptions {
  readonly kind: StoreStatus['kind'];
  readonly ownerUrl: string;
  /** Where the database is, without a password. */
  readonly address: string;
  /** Makes the engine's tables; null where nobody knows how. */
  readonly prepareEngine: ((ownerUrl: string) => Promise<void>) | null;
}

/** Status, migration, backup and restore, by the owner of the database. */
export function createStoreCare(options: CareOptions): StoreCare {
  const { ownerUrl, prepareEngine } = options;
  return {
    status: () => readStatus(options),
    migrate: () => migrateSchema(ownerUrl),
    backup: (file) => backupStore(ownerUrl, file),
    async restore(file) {
      const prepare = prepareEngine === null ? null : () => prepareEngine(ownerUrl);
      return { rows: await restoreStore({ ownerUrl, file, prepareEngine: prepare }) };
    },
  };
}

async function readStatus(options: CareOptions): Promise<StoreStatus> {
  return withSession(options.ownerUrl, async (client) => {
    const facts = await client.query<{ version: string; durable: string; bytes: string }>(
      `select current_setting('server_version') as version, current_setting('fsync') as durable,
        pg_database_size(current_database()) as bytes`,
    );
    const rows: Record<string, number> = {};
    for (const shape of await listTables(client)) {
      const counted = await client.query<{ count: string }>(
        `select count(*) as count from ${quotedName(client, shape)}`,
      );
      rows[shortName(shape)] = Number(counted.rows[0]?.count ?? 0);
    }
    return {
      kind: options.kind,
      address: options.address,
      serverVersion: facts.rows[0]?.version ?? '',
      schemaVersion: (await readApplied(client)).at(-1) ?? '',
      durable: facts.rows[0]?.durable === 'on',
      bytes: Number(facts.rows[0]?.bytes ?? 0),
      rows,
    };
  });
}
