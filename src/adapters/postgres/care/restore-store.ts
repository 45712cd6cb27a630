import type { Client } from 'pg';
import { isFault } from '../../../core/fault.js';
import { knownMigrations } from '../schema/migrate.js';
import { storeFault } from '../store-fault.js';
import { invalidBackup, type BackupHeader, type BackupRow, type BackupTable } from './backup-format.js';
import { inTransaction, withSession } from './one-session.js';
import { readBackup } from './read-backup.js';
import { engineSchema, fullName, listTables, quotedName, shortName, type TableShape } from './tables.js';

/** What a store may not hold when a backup comes into it. */
const mustBeEmpty = [
  'arbiter.tasks',
  'arbiter.task_events',
  'arbiter.task_log',
  'arbiter.contents',
  'arbiter.agents',
  'arbiter.ledger',
  'arbiter.ledger_entries',
  `${engineSchema}.workflow_status`,
];
const batchRows = 500;
const batchBytes = 1024 * 1024;

export interface RestoreOptions {
  readonly ownerUrl: string;
  readonly file: string;
  /** Makes the engine's tables when the backup has some and the store has none. */
  readonly prepareEngine: (() => Promise<void>) | null;
}

/**
 * Brings a backup into an empty store: first the whole file is read and checked, then everything is written in one
 * transaction.
 * @throws BACKUP_INVALID, RESTORE_NOT_EMPTY, STORE_UNAVAILABLE, DISK_FULL
 */
export async function restoreStore(options: RestoreOptions): Promise<Readonly<Record<string, number>>> {
  const header = await check(options.file);
  if (header.engine !== null) await options.prepareEngine?.();
  return withSession(options.ownerUrl, (client) =>
    inTransaction(client, 'begin', async () => {
      await client.query('lock table arbiter.tasks, arbiter.ledger, arbiter.ledger_entries in exclusive mode');
      const shapes = await listTables(client);
      await refuseFull(client, shapes);
      const rows = await writeTables(client, shapes, options.file);
      for (const shape of shapes) await moveSequences(client, shape);
      return rows;
    }),
  );
}

async function check(file: string): Promise<BackupHeader> {
  let header: BackupHeader | null = null;
  for await (const part of readBackup(file)) if (part.kind === 'header') header = part.header;
  if (header === null) throw invalidBackup(file, 'its header is missing');
  if (!knownMigrations().includes(header.schema)) {
    throw storeFault(
      'BACKUP_INVALID',
      `${file} was made by a newer Arbiter (schema ${header.schema})`,
      'restore it with that version or a newer one; nothing was restored',
    );
  }
  return header;
}

async function refuseFull(client: Client, shapes: readonly TableShape[]): Promise<void> {
  for (const shape of shapes.filter((one) => mustBeEmpty.includes(fullName(one)))) {
    const { rows } = await client.query(`select from ${quotedName(client, shape)} limit 1`);
    if (rows.length === 0) continue;
    throw storeFault(
      'RESTORE_NOT_EMPTY',
      `the store is not empty: there are rows in ${fullName(shape)}`,
      'restore into a new home (XDG_STATE_HOME) or a new database; nothing was changed',
    );
  }
}

async function writeTables(
  client: Client,
  shapes: readonly TableShape[],
  file: string,
): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  let writer: TableWriter | null = null;
  for await (const part of readBackup(file)) {
    if (part.kind === 'table') {
      await writer?.flush();
      writer = createWriter(client, part.table, shapes, file);
      counts[shortName(part.table)] = 0;
      const name = shortName(part.table);
      writer.onRow = () => {
        counts[name] = (counts[name] ?? 0) + 1;
      };
    } else if (part.kind === 'row') await writer?.add(part.row, part.bytes);
  }
  await writer?.flush();
  return counts;
}

interface TableWriter {
  onRow: () => void;
  add(row: BackupRow, bytes: number): Promise<void>;
  flush(): Promise<void>;
}

/** Writes rows in batches: many small ones at once, a large one by itself. */
function createWriter(client: Client, table: BackupTable, shapes: readonly TableShape[], file: string): TableWriter {
  const shape = shapes.find((one) => fullName(one) === fullName(table));
  const types = table.columns.map((name) => shape?.columns.find((column) => column.name === name)?.type);
  if (shape === undefined || types.includes(undefined)) {
    throw storeFault(
      'BACKUP_INVALID',
      `${file} holds ${fullName(table)} with columns that this store does not have`,
      'restore it with the Arbiter version that made it; nothing was restored',
    );
  }
  const insert = createInsert(client, shape, table.columns, types.map(String));
  let rows: BackupRow[] = [];
  let size = 0;
  const writer: TableWriter = {
    onRow: () => undefined,
    async add(row, bytes) {
      writer.onRow();
      rows.push(row);
      size += bytes;
      if (rows.length >= batchRows || size >= batchBytes) await writer.flush();
    },
    async flush() {
      const batch = rows;
      rows = [];
      size = 0;
      try {
        if (batch.length > 0) await insert(batch);
      } catch (error) {
        if (isFault(error) || !isDataError(error)) throw error;
        throw invalidBackup(file, `a row of ${fullName(table)} is refused: ${String(error)}`, error);
      }
    },
  };
  return writer;
}

function createInsert(
  client: Client,
  shape: TableShape,
  columns: readonly string[],
  types: readonly string[],
): (rows: readonly BackupRow[]) => Promise<void> {
  const names = columns.map((name) => client.escapeIdentifier(name)).join(', ');
  // The engine puts some rows of its own into its new tables.
  const twice = shape.schema === engineSchema ? ' on conflict do nothing' : '';
  const into = `insert into ${quotedName(client, shape)} (${names}) overriding system value`;
  const one = `${into} values (${types.map((type, index) => `$${index + 1}::text::${type}`).join(', ')})${twice}`;
  const arrays = types.map((_, index) => `$${index + 1}::text[]`).join(', ');
  const fields = types.map((_, index) => `c${index}`);
  const casts = types.map((type, index) => `u.c${index}::${type}`).join(', ');
  const many = `${into} select ${casts} from unnest(${arrays}) as u(${fields.join(', ')})${twice}`;
  return async (rows) => {
    const [first] = rows;
    if (rows.length === 1 && first !== undefined) await client.query(one, first);
    else
      await client.query(
        many,
        columns.map((_, index) => rows.map((row) => row[index])),
      );
  };
}

/** SQLSTATE classes 21 to 23: what the row says is at fault. */
function isDataError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^2[1-3]...$/.test(String(error.code));
}

/** Numbers that are given out go on after the restored ones. */
async function moveSequences(client: Client, shape: TableShape): Promise<void> {
  const table = quotedName(client, shape);
  for (const { name } of shape.columns) {
    const { rows } = await client.query<{ sequence: string | null }>(
      'select pg_get_serial_sequence($1, $2) as sequence',
      [table, name],
    );
    const sequence = rows[0]?.sequence ?? null;
    if (sequence === null) continue;
    const column = client.escapeIdentifier(name);
    await client.query(`select setval($1, (select coalesce(max(${column}), 0) + 1 from ${table}), false)`, [sequence]);
  }
}
