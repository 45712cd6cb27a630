import { z } from 'zod';
import { storeFault } from '../store-fault.js';

/**
 * A backup is gzip over lines. The first is the header. Each table has a line that names it and its columns, one line a
 * row (an array of the columns' texts, or null), and a line with the count and the SHA-256 over the row lines. The last
 * line says that nothing is missing.
 */
export const backupFormat = 1;

export const headerSchema = z.strictObject({
  arbiter_backup: z.literal(backupFormat),
  made_ms: z.number().int(),
  schema: z.string(),
  /** Version of the engine's own tables; null when they are not there. */
  engine: z.string().nullable(),
});
export type BackupHeader = z.infer<typeof headerSchema>;

export const tableSchema = z.strictObject({
  schema: z.string().regex(/^[a-z_][a-z0-9_]*$/),
  table: z.string().regex(/^[a-z_][a-z0-9_]*$/),
  columns: z.array(z.string().min(1)).min(1),
});
export type BackupTable = z.infer<typeof tableSchema>;

export const sumSchema = z.strictObject({ rows: z.number().int().nonnegative(), sha256: z.string() });
export const endSchema = z.strictObject({ end: z.literal(true), tables: z.number().int() });
export const rowSchema = z.array(z.string().nullable());
export type BackupRow = z.infer<typeof rowSchema>;

/** The fault of a file that is no whole backup. */
export function invalidBackup(file: string, what: string, cause?: unknown): Error {
  return storeFault(
    'BACKUP_INVALID',
    `${file} is no whole backup: ${what}`,
    'use another copy of it; nothing was restored',
    cause,
  );
}
