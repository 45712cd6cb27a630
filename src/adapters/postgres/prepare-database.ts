import { Client } from 'pg';
import { codeOf } from './launcher/database-fault.js';
import { ownerUrl } from './launcher/probe-server.js';
import type { RunningServer } from './launcher/ensure-server.js';
import { appRole } from './schema/grants.js';
import { migrateSchema } from './schema/migrate.js';

/** Name of the database in the embedded server. */
export const databaseName = 'arbiter';

/** Makes the database and the role of the embedded server when they are missing, and brings the schema up to date. */
export async function prepareDatabase({ folders, secrets }: RunningServer): Promise<void> {
  const url = ownerUrl(folders, secrets, databaseName);
  try {
    await migrateSchema(url);
  } catch (error) {
    if (codeOf(error) !== '3D000') throw error;
    await withOwner(ownerUrl(folders, secrets, 'postgres'), (client) => createDatabase(client, secrets.app));
    await migrateSchema(url);
  }
}

/** The database, and the role that Arbiter works as: it may log in there and nowhere else, and owns nothing. */
async function createDatabase(client: Client, password: string): Promise<void> {
  const found = await client.query('select from pg_roles where rolname = $1', [appRole]);
  const verb = found.rowCount === 0 ? 'create' : 'alter';
  await client.query(
    `${verb} role ${appRole} login nosuperuser nocreatedb nocreaterole password ${client.escapeLiteral(password)}`,
  );
  await client.query('revoke connect, temporary on database postgres from public');
  await client.query('revoke connect, temporary on database template1 from public');
  await client.query(`create database ${databaseName}`);
}

async function withOwner(url: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
