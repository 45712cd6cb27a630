import { Client } from 'pg';
import { codeOf } from './database-fault.js';
import type { Secrets } from './secrets.js';
import type { StoreFolders } from './store-folders.js';

/** `busy`: it is starting, recovering or shutting down. `stranger`: somebody answers who does not know our password. */
export type ServerState = 'up' | 'busy' | 'down' | 'stranger';

/** Asks the server at the socket of these folders whether it serves. */
export async function probeServer(folders: StoreFolders, secrets: Secrets): Promise<ServerState> {
  const client = new Client({
    connectionString: ownerUrl(folders, secrets, 'postgres'),
    connectionTimeoutMillis: 5000,
  });
  // A connection that is cut while it is being made says so twice: by the promise, and by an event.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return 'up';
  } catch (error) {
    return stateOf(codeOf(error));
  } finally {
    await client.end().catch(() => undefined);
  }
}

function stateOf(code: string | null): ServerState {
  if (['ENOENT', 'ECONNREFUSED', 'ENOTDIR', 'ENOTSOCK'].includes(code ?? '')) return 'down';
  return code === '28P01' || code === '28000' ? 'stranger' : 'busy';
}

/** The owner's connection URL. */
export function ownerUrl(folders: StoreFolders, secrets: Secrets, database: string): string {
  return socketUrl(folders.socket, 'postgres', secrets.owner, database);
}

/** The connection URL of the role that Arbiter works as. */
export function appUrl(folders: StoreFolders, secrets: Secrets, database: string): string {
  return socketUrl(folders.socket, 'arbiter_app', secrets.app, database);
}

function socketUrl(folder: string, user: string, password: string, database: string): string {
  return `postgresql://${user}:${encodeURIComponent(password)}@localhost/${database}?host=${encodeURIComponent(folder)}`;
}
