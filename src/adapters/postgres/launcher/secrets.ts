import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { z } from 'zod';
import { codeOf, databaseFault, messageOf } from './database-fault.js';

const secretsSchema = z.strictObject({ owner: z.string().min(20), app: z.string().min(20) });
/** Passwords of the owner `postgres` and of the role that Arbiter works as. */
export type Secrets = z.infer<typeof secretsSchema>;

/** The passwords of a store; null when there are none yet. @throws DATABASE_FAILED when the file cannot be read */
export async function readSecrets(file: string): Promise<Secrets | null> {
  try {
    return secretsSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw databaseFault(
      'DATABASE_FAILED',
      `the passwords of the database in ${file} cannot be read: ${messageOf(error)}`,
      'put the file back from a copy; or move the whole store folder away and restore a backup into a new one',
      error,
    );
  }
}

/** Makes new passwords and writes them, readable by the owner alone, in one step. */
export async function makeSecrets(file: string): Promise<Secrets> {
  const secrets = { owner: randomBytes(24).toString('base64url'), app: randomBytes(24).toString('base64url') };
  const temporary = `${file}.${process.pid}.tmp`;
  await rm(temporary, { force: true });
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(JSON.stringify(secrets));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  return secrets;
}
