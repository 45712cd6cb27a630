import { createHash, type Hash } from 'node:crypto';
import type { ZodType } from 'zod';
import {
  endSchema,
  headerSchema,
  invalidBackup,
  rowSchema,
  sumSchema,
  tableSchema,
  type BackupHeader,
  type BackupRow,
  type BackupTable,
} from './backup-format.js';
import { readLines } from './read-lines.js';

/** What comes out of a backup, in the order in which it stands there. */
export type BackupPart =
  | { readonly kind: 'header'; readonly header: BackupHeader }
  | { readonly kind: 'table'; readonly table: BackupTable }
  | { readonly kind: 'row'; readonly row: BackupRow; readonly bytes: number };

interface OpenTable {
  readonly table: BackupTable;
  readonly hash: Hash;
  rows: number;
}

/**
 * Reads a backup part by part, checking the digest and the count of each table when it ends, and at the end that
 * nothing is missing: only a reading that came to its end has seen a whole backup.
 * @throws BACKUP_INVALID
 */
export async function* readBackup(file: string): AsyncGenerator<BackupPart> {
  let open: OpenTable | null = null;
  let tables = 0;
  let started = false;
  let ended = false;
  for await (const line of readLines(file)) {
    if (ended) throw invalidBackup(file, 'something follows its end');
    if (!started) {
      started = true;
      yield { kind: 'header', header: parse(file, headerSchema, line, 'header') };
    } else if (open === null) {
      const control = parseControl(file, line, tables);
      if (control === 'end') ended = true;
      else {
        tables += 1;
        open = { table: control, hash: createHash('sha256'), rows: 0 };
        yield { kind: 'table', table: control };
      }
    } else if (line[0] === 0x5b) {
      open.hash.update(line);
      open.rows += 1;
      const row = parse(file, rowSchema, line, 'row');
      if (row.length !== open.table.columns.length) throw invalidBackup(file, `a row of ${open.table.table} is odd`);
      yield { kind: 'row', row, bytes: line.length };
    } else {
      checkSum(file, open, line);
      open = null;
    }
  }
  if (!ended) throw invalidBackup(file, 'its end is missing');
}

function parseControl(file: string, line: Buffer, tables: number): BackupTable | 'end' {
  if (!line.subarray(0, 7).equals(Buffer.from('{"end":'))) return parse(file, tableSchema, line, 'table');
  const end = parse(file, endSchema, line, 'end');
  if (end.tables !== tables) throw invalidBackup(file, `it holds ${tables} tables, and should hold ${end.tables}`);
  return 'end';
}

function checkSum(file: string, open: OpenTable, line: Buffer): void {
  const sum = parse(file, sumSchema, line, 'sum');
  if (sum.rows !== open.rows || sum.sha256 !== open.hash.digest('hex')) {
    throw invalidBackup(file, `the rows of ${open.table.table} are not those that were written`);
  }
}

function parse<T>(file: string, schema: ZodType<T>, line: Buffer, what: string): T {
  try {
    return schema.parse(JSON.parse(line.toString('utf8')));
  } catch (error) {
    throw invalidBackup(file, `its ${what} cannot be read`, error);
  }
}
