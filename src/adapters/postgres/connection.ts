import { setTimeout as sleep } from 'node:timers/promises';
import { Pool, TypeOverrides, type PoolClient, type PoolConfig, type QueryResultRow } from 'pg';
import { copyOut } from './copy-out.js';
import type { Fault } from '../../core/fault.js';
import { isConnectionLoss, toStoreFault } from './store-fault.js';

/** A statement that the server prepares once a session. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Statements on the pool of the role that Arbiter works as. */
export interface Connection {
  readonly pool: Pool;
  /**
   * Runs a statement; a lost connection is waited for and the statement run again, so it has to bear that. `retried` says
   * whether an earlier try may have gone through unheard.
   * @throws STORE_UNAVAILABLE, DISK_FULL, STORE_FAILED
   */
  run<Row extends QueryResultRow>(
    statement: Statement,
    values: readonly unknown[],
  ): Promise<{ readonly rows: readonly Row[]; readonly retried: boolean }>;
  /**
   * Does `work` in one transaction, which `begin` starts. A lost connection is waited for and all of it done again, also
   * when the loss came with the commit and nobody knows whether it went through: the work has to find itself done.
   * @throws what `work` throws, STORE_UNAVAILABLE, DISK_FULL, STORE_FAILED
   */
  transact<Result>(begin: string, work: (client: PoolClient) => Promise<Result>): Promise<Result>;
  /**
   * What a query that changes nothing answers in the server's own form, as `copyOut` of `copy-out.ts` has it: for much
   * at once. A lost connection is waited for.
   * @throws STORE_UNAVAILABLE, STORE_FAILED
   */
  readonly copyOut: (query: string, room?: Buffer) => Promise<Buffer>;
}

const int8 = 20;
const json = 114;
const storeTypes = new TypeOverrides();
// Counts and milliseconds, which are safe integers.
storeTypes.setTypeParser(int8, Number);
// Parsed where it is used, and only there.
storeTypes.setTypeParser(json, String);

/** How a session of the store is set up, on the pool and alone. */
export function sessionConfig(url: string): PoolConfig {
  return {
    connectionString: url,
    application_name: 'arbiter',
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
    // A server that is stopped, not dead, would be waited for forever.
    query_timeout: 30_000,
    types: storeTypes,
  };
}

export interface ConnectionOptions {
  /** How long a lost database is waited for. */
  readonly patienceMs: number;
  /** What keeps the database from coming back, when that is known. */
  readonly whyLost?: () => Fault | null;
}

/** A pool whose sessions may be cut at any moment. */
export function createPool(config: PoolConfig): Pool {
  const pool = new Pool(config);
  // An idle session that is cut says so here; the next statement opens a new one.
  pool.on('error', () => undefined);
  // One that is cut at work says so by its statement, and again by an event that would end the process unheard.
  pool.on('connect', (client) => void client.on('error', () => undefined));
  return pool;
}

/** Connects to the store. */
export function createConnection(url: string, options: ConnectionOptions): Connection {
  const pool = createPool({ ...sessionConfig(url), max: 8, idleTimeoutMillis: 30_000 });
  async function patiently<Result>(attempt: (tries: number) => Promise<Result>): Promise<Result> {
    const until = Date.now() + options.patienceMs;
    for (let tries = 0; ; tries += 1) {
      try {
        return await attempt(tries);
      } catch (error) {
        if (!isConnectionLoss(error)) throw toStoreFault(error);
        const why = options.whyLost?.() ?? null;
        if (pool.ending || Date.now() > until) throw why ?? toStoreFault(error);
        await sleep(Math.min(500, 20 * 2 ** tries));
      }
    }
  }
  return {
    pool,
    run: <Row extends QueryResultRow>(statement: Statement, values: readonly unknown[]) =>
      patiently(async (tries) => {
        const { rows } = await pool.query<Row>({ ...statement, values: [...values] });
        return { rows, retried: tries > 0 };
      }),
    transact: (begin, work) => patiently(() => transactOnce(pool, begin, work)),
    copyOut: (query, room) => patiently(() => copyOnce(pool, query, room)),
  };
}

async function copyOnce(pool: Pool, query: string, room: Buffer | undefined): Promise<Buffer> {
  const client = await pool.connect();
  try {
    const bytes = await copyOut(client, query, room);
    client.release();
    return bytes;
  } catch (error) {
    // What is left of the answer may still come: nobody else is to read it.
    client.release(true);
    throw error;
  }
}

async function transactOnce<Result>(
  pool: Pool,
  begin: string,
  work: (client: PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  try {
    await client.query(begin);
    const result = await work(client);
    await client.query('commit');
    client.release();
    return result;
  } catch (error) {
    // A session that does not answer may still be at work: it is ended, and takes its transaction with it.
    const isOver = isConnectionLoss(error) || (await fails(client.query('rollback')));
    client.release(isOver);
    throw error;
  }
}

function fails(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => false,
    () => true,
  );
}
