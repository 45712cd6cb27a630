import { z } from 'zod';
import type { Operation } from '../operation.js';
import { useRuntime } from '../tasks/use-runtime.js';

const nothing = z.strictObject({});
const rows = z.record(z.string(), z.number().int().nonnegative());

const statusSchema = z
  .strictObject({
    kind: z.enum(['embedded', 'external']),
    address: z.string(),
    serverVersion: z.string(),
    schemaVersion: z.string(),
    durable: z.boolean(),
    bytes: z.number().int().nonnegative(),
    rows,
  })
  .meta({ id: 'StoreStatus' });

export type ShownStore = z.infer<typeof statusSchema>;

export const dbStatus: Operation<z.infer<typeof nothing>, ShownStore> = {
  name: 'db status',
  summary: 'say where the store is, its versions and what it holds',
  role: 'anyone',
  input: nothing,
  output: statusSchema,
  run: (ports, _input, { signal }) =>
    useRuntime(ports, signal, async ({ care }) => {
      const status = await care.status();
      return { ...status, rows: { ...status.rows } };
    }),
};

const migrateSchema = z.strictObject({ applied: z.array(z.string()) }).meta({ id: 'StoreMigration' });

export const dbMigrate: Operation<z.infer<typeof nothing>, z.infer<typeof migrateSchema>> = {
  name: 'db migrate',
  summary: 'bring the store to this version',
  role: 'human',
  input: nothing,
  output: migrateSchema,
  run: (ports, _input, { signal }) =>
    useRuntime(ports, signal, async ({ care }) => ({ applied: [...(await care.migrate())] })),
};

const fileSchema = z.strictObject({ file: z.string().min(1) });
const backupSchema = z.strictObject({ file: z.string(), bytes: z.number().int(), rows }).meta({ id: 'StoreBackup' });

export const dbBackup: Operation<z.infer<typeof fileSchema>, z.infer<typeof backupSchema>> = {
  name: 'db backup',
  summary: 'write the whole store into one file',
  role: 'anyone',
  input: fileSchema,
  output: backupSchema,
  run: (ports, { file }, { signal, progress }) =>
    useRuntime(ports, signal, async ({ care }) => {
      progress.stage('backup', file);
      const made = await care.backup(file);
      return { file, bytes: made.bytes, rows: { ...made.rows } };
    }),
};

const restoreSchema = z.strictObject({ file: z.string(), rows }).meta({ id: 'StoreRestore' });

export const dbRestore: Operation<z.infer<typeof fileSchema>, z.infer<typeof restoreSchema>> = {
  name: 'db restore',
  summary: 'fill an empty store from a backup',
  role: 'human',
  input: fileSchema,
  output: restoreSchema,
  run: (ports, { file }, { signal, progress }) =>
    useRuntime(ports, signal, async ({ care }) => {
      progress.stage('restore', file);
      return { file, rows: { ...(await care.restore(file)).rows } };
    }),
};
