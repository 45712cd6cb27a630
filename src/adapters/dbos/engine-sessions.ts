import { Pool } from 'pg';

/** Sessions of DBOS. A session that is cut while a statement runs says so twice, and DBOS hears it once. */
export function openSessions(appUrl: string): Pool {
  const pool = new Pool({ connectionString: withIdleLimit(appUrl), application_name: 'arbiter-engine', max: 10 });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => void client.on('error', () => undefined));
  return pool;
}

/** A process that is stopped in the middle of a transaction would hold its rows for as long as it is stopped. */
export function withIdleLimit(url: string): string {
  const setting = encodeURIComponent('-c idle_in_transaction_session_timeout=5000');
  return `${url}${url.includes('?') ? '&' : '?'}options=${setting}`;
}
