import { createHash } from 'node:crypto';
import type { Client } from 'pg';
import { readApplied } from '../schema/migrate.js';
import { backupFormat, type BackupHeader } from './backup-format.js';
import { inTransaction, withSession } from './one-session.js';
import { engineSchema, listTables, quotedName, shortName, type TableShape } from './tables.js';
import { writeLines } from './write-lines.js';

const rowsAtOnce = 200;

/**
 * Writes everything that the store and the engine hold, as of one instant, into one file. Memory is bounded by the
 * largest rows, 200 at a time and one where there are bytes.
 * @throws WRITE_FAILED, DISK_FULL, STORE_UNAVAILABLE
 */
export async function backupStore(
  ownerUrl: string,
  file: string,
): Promise<{ readonly rows: Readonly<Record<string, number>>; readonly bytes: number }> {
  return withSession(ownerUrl, (client) =>
    inTransaction(client, 'begin isolation level repeatable read read only', async () => {
      await client.query(`set local datestyle = 'ISO'; set local timezone = 'UTC'; set local bytea_output = 'hex'`);
      const rows: Record<string, number> = {};
      const bytes = await writeLines(file, dump(client, rows));
      return { rows, bytes };
    }),
  );
}

async function* dump(client: Client, counts: Record<string, number>): AsyncGenerator<string> {
  const header: BackupHeader = {
    arbiter_backup: backupFormat,
    made_ms: Date.now(),
    schema: (await readApplied(client)).at(-1) ?? '',
    engine: await readEngineVersion(client),
  };
  yield `${JSON.stringify(header)}\n`;
  const tables = await listTables(client);
  for (const shape of tables) yield* dumpTable(client, shape, counts);
  yield `${JSON.stringify({ end: true, tables: tables.length })}\n`;
}

async function* dumpTable(client: Client, shape: TableShape, counts: Record<string, number>): AsyncGenerator<string> {
  const columns = shape.columns.map(({ name }) => name);
  yield `${JSON.stringify({ schema: shape.schema, table: shape.table, columns })}\n`;
  const hash = createHash('sha256');
  let rows = 0;
  for await (const row of readTable(client, shape)) {
    const line = `${JSON.stringify(row)}\n`;
    hash.update(line);
    rows += 1;
    yield line;
  }
  counts[shortName(shape)] = rows;
  yield `${JSON.stringify({ rows, sha256: hash.digest('hex') })}\n`;
}

async function* readTable(client: Client, shape: TableShape): AsyncGenerator<(string | null)[]> {
  const quote = (name: string): string => client.escapeIdentifier(name);
  const columns = shape.columns.map(({ name }) => quote(name)).join(', ');
  const order = shape.key.length === 0 ? '' : ` order by ${shape.key.map(quote).join(', ')}`;
  await client.query(`declare rows no scroll cursor for select ${columns} from ${quotedName(client, shape)}${order}`);
  const atOnce = shape.columns.some(({ type }) => type === 'bytea') ? 1 : rowsAtOnce;
  for (;;) {
    const query = { text: `fetch ${atOnce} from rows`, rowMode: 'array' as const };
    const { rows } = await client.query<(string | null)[]>(query);
    yield* rows;
    if (rows.length < atOnce) break;
  }
  await client.query('close rows');
}

/** Version of the engine's tables as its own migrations count them; null when they are not there. */
async function readEngineVersion(client: Client): Promise<string | null> {
  const made = await client.query<{ made: string }>(
    `select (to_regclass('${engineSchema}.dbos_migrations') is not null)::text as made`,
  );
  if (made.rows[0]?.made !== 'true') return null;
  const { rows } = await client.query<{ version: string | null }>(
    `select max(version) as version from ${engineSchema}.dbos_migrations`,
  );
  return rows[0]?.version ?? null;
}
