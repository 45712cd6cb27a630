import type { StoreFolders } from './store-folders.js';

/** Small and quiet: a laptop's database with a few dozen sessions. Given on the command line, so that they follow ours. */
const settings: Readonly<Record<string, string>> = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  // A worker has up to twenty sessions, and one that was killed keeps its own for a moment.
  max_connections: '400',
  shared_buffers: '48MB',
  max_wal_size: '256MB',
  jit: 'off',
  // No process that only waits: no reading ahead by workers, no replication, no parallel plans.
  io_method: 'sync',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_logical_replication_workers: '0',
  max_parallel_workers_per_gather: '0',
  autovacuum_max_workers: '2',
  // Legs come and go by thousands a minute: looks at a queue would walk over what is left of them.
  autovacuum_naptime: '5s',
  log_min_messages: 'warning',
  log_min_error_statement: 'panic',
  log_timezone: 'UTC',
  timezone: 'UTC',
};

/** What was committed still outlives the server's own death, and only that. */
const notDurable: Readonly<Record<string, string>> = { fsync: 'off', full_page_writes: 'off' };

/** The arguments of the server of these folders. `durable: false` may lose everything at a power cut: for tests alone. */
export function serverArguments(folders: StoreFolders, durable: boolean): readonly string[] {
  // A list of folders by its grammar: quoted, so that a comma or a blank in a home's path stays part of it.
  const sockets = `"${folders.socket.replaceAll('"', '""')}"`;
  const all = { ...settings, ...(durable ? {} : notDurable), unix_socket_directories: sockets };
  return ['-D', folders.data, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}
