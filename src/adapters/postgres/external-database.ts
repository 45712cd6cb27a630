import { Client } from 'pg';
import { databaseFault, messageOf } from './launcher/database-fault.js';

const oldestVersion = 150_000;

/** Where a database is, without user and password: for messages. */
export function addressOf(url: string): string {
  const parsed = parseUrl(url);
  const socket = parsed.searchParams.get('host');
  const where = socket ?? (parsed.hostname === '' ? 'localhost' : parsed.hostname);
  return `${where}:${parsed.port === '' ? '5432' : parsed.port}${parsed.pathname === '' ? '/' : parsed.pathname}`;
}

/**
 * Sees that the database of `DATABASE_URL` answers and is new enough.
 * @throws DATABASE_FAILED naming the place, never the password
 */
export async function checkExternal(url: string): Promise<void> {
  const address = addressOf(url);
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ number: string; version: string }>(
      `select current_setting('server_version_num') as number, current_setting('server_version') as version`,
    );
    const found = rows[0];
    if (Number(found?.number ?? 0) < oldestVersion) throw tooOld(address, found?.version ?? 'unknown');
  } catch (error) {
    if (error instanceof Error && error.name === 'Fault') throw error;
    throw databaseFault(
      'DATABASE_FAILED',
      `the database at ${address} cannot be used: ${messageOf(error)}`,
      'see that it runs and that DATABASE_URL names its host, port, user, password and database; or unset DATABASE_URL ' +
        'to use the embedded one',
      error,
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}

function tooOld(address: string, version: string): Error {
  return databaseFault(
    'DATABASE_FAILED',
    `the database at ${address} is PostgreSQL ${version}, and 15 or newer is needed`,
    'use a newer server, or unset DATABASE_URL to use the embedded one',
  );
}

function parseUrl(url: string): URL {
  try {
    const parsed = new URL(url);
    if (['postgres:', 'postgresql:'].includes(parsed.protocol)) return parsed;
  } catch {
    // Told below; the error itself holds the whole text, the password too.
  }
  throw databaseFault(
    'DATABASE_FAILED',
    'DATABASE_URL is no URL of a PostgreSQL database',
    'write it as postgresql://user:password@host:5432/database',
  );
}
