import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type Pool } from 'pg';
import { Fault } from '../../core/fault.js';
import type { EngineFaultCode } from '../../ports/engine.js';
import type { Executor } from '../../ports/runtime.js';

const slots = 64;
/** The sweep asks on this session once a second: one that is silent for so long is a worker that hangs. */
const hangsMs = 10_000;
/** So long the executors of a restarted server have to come back before each other's work is taken over. */
const returnsMs = 2000;
const keyOf = "hashtextextended('arbiter-executor:' || $1, 0)";
/** The same key as `pg_locks` shows it, in two halves. */
const keyInLocks = '((l.classid::bigint << 32) | l.objid::bigint)';

/** A place among the live executors of a store, held by a session's advisory lock: who dies lets go of it. */
export interface ExecutorSlot {
  /** As it is shown; the next worker in this place has it, too. */
  readonly id: string;
  /** As the engine's rows name it. INVARIANT: no other process ever has it, so that what it runs is nobody else's by name. */
  readonly incarnation: string;
  /** The session that holds the locks; what must not be done without them is asked on it. */
  query(text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  /** False while the session is away, and for a moment after: the others come back in that moment as well. */
  isSteady(): boolean;
  release(): Promise<void>;
}

export interface SlotOptions {
  readonly url: string;
  readonly host: string;
  readonly version: string;
  /** Words of other processes, heard on this session. */
  readonly channels: readonly string[];
  readonly heard: (channel: string, payload: string) => void;
}

/**
 * Takes the lowest free slot of this host. A session that is cut (the server was restarted) is replaced and its locks
 * taken anew, however long the database is away. A worker that hangs is cut off by the server, so that others can take
 * its work over; when it wakes it goes on, in another slot if its own is taken by then.
 * @throws EXECUTOR_TAKEN when every slot is held, ENGINE_UNAVAILABLE
 */
export async function takeSlot(options: SlotOptions): Promise<ExecutorSlot> {
  let session = await connect(options);
  let id = await lockFree(session.client, options);
  const incarnation = `${id}#${randomBytes(5).toString('hex')}`;
  await tryLock(session.client, incarnation);
  await register(session.client, id, options);
  let released = false;
  let steadyFromMs = 0;
  const gaveUp = (): boolean => released;
  // A session does one thing at a time, and several parts of the engine ask on this one.
  let turn: Promise<unknown> = Promise.resolve();
  const keep = async (): Promise<void> => {
    while (!released) {
      await session.lost;
      steadyFromMs = Infinity;
      const again = await lockAgain({ id, incarnation }, options, gaveUp);
      if (again === null) return;
      ({ session, id } = again);
      steadyFromMs = performance.now() + returnsMs;
    }
    // Released while it came back.
    await session.client.end().catch(() => undefined);
  };
  void keep();
  return {
    get id() {
      return id;
    },
    incarnation,
    isSteady: () => performance.now() >= steadyFromMs,
    query(text, values = []) {
      const asked = turn.then(
        async () => (await session.client.query<Record<string, unknown>>(text, [...values])).rows,
      );
      turn = asked.catch(() => undefined);
      return asked;
    },
    async release() {
      released = true;
      await session.client.query('delete from arbiter.executors where id = $1', [id]).catch(() => undefined);
      await session.client.end().catch(() => undefined);
    },
  };
}

/** Executors whose lock is held right now. */
export async function listExecutors(pool: Pool): Promise<readonly Executor[]> {
  const { rows } = await pool.query<{ id: string; pid: number; host: string; version: string; started_ms: string }>(
    `select e.* from arbiter.executors e where exists (
       select from pg_locks l where l.locktype = 'advisory' and l.granted and l.objsubid = 1
       and l.database = (select oid from pg_database where datname = current_database())
       and ${keyInLocks} = hashtextextended('arbiter-executor:' || e.id, 0)) order by e.id`,
  );
  return rows.map(({ id, pid, host, version, started_ms }) => ({
    id,
    pid,
    host,
    version,
    startedMs: Number(started_ms),
  }));
}

/**
 * Gives the running workflows of executors that hold no lock any more back to their queues; answers how many. The lock
 * of the dead one is held meanwhile, so that it does not come back in the middle.
 */
export async function takeOverDead(slot: ExecutorSlot, version: string): Promise<number> {
  const dead = await slot.query(
    `select distinct executor_id as id from dbos.workflow_status
     where status = 'PENDING' and executor_id <> $1 and executor_id <> '' and application_version = $2`,
    [slot.incarnation, version],
  );
  let taken = 0;
  for (const { id } of dead) {
    const [lock] = await slot.query(`select pg_try_advisory_lock(${keyOf}) as had`, [id]);
    if (lock?.['had'] !== true) continue;
    try {
      taken += await giveBack(slot, id, version);
    } finally {
      await slot.query(`select pg_advisory_unlock(${keyOf})`, [id]);
    }
  }
  return taken;
}

/** What an executor had running goes back to its queue, to be run again from what is recorded. */
export async function giveBack(slot: ExecutorSlot, executor: unknown, version: string): Promise<number> {
  const rows = await slot.query(
    `update dbos.workflow_status set status = 'ENQUEUED', started_at_epoch_ms = null, owner_xid = null,
       updated_at = (extract(epoch from now()) * 1000)::bigint
     where status = 'PENDING' and executor_id = $1 and application_version = $2 and queue_name is not null
     returning workflow_uuid`,
    [executor, version],
  );
  return rows.length;
}

/**
 * Gives back what this executor has claimed and does not run: the claim was committed, and its answer was lost with the
 * session. Only what two looks find so: between a claim and its beginning lie a few milliseconds.
 */
export function createForgottenLook(
  slot: ExecutorSlot,
  version: string,
  isRunning: (workflowId: string) => boolean,
): () => Promise<number> {
  let suspects: ReadonlySet<string> = new Set();
  return async () => {
    const claimed = await slot.query(
      `select workflow_uuid as id from dbos.workflow_status
       where status = 'PENDING' and executor_id = $1 and application_version = $2 and queue_name is not null`,
      [slot.incarnation, version],
    );
    const idle = claimed.map(({ id }) => String(id)).filter((id) => !isRunning(id));
    const forgotten = idle.filter((id) => suspects.has(id));
    suspects = new Set(idle);
    if (forgotten.length === 0) return 0;
    const rows = await slot.query(
      `update dbos.workflow_status set status = 'ENQUEUED', started_at_epoch_ms = null, owner_xid = null,
         updated_at = (extract(epoch from now()) * 1000)::bigint
       where status = 'PENDING' and executor_id = $1 and workflow_uuid = any($2) returning workflow_uuid`,
      [slot.incarnation, forgotten],
    );
    return rows.length;
  };
}

interface Session {
  readonly client: Client;
  /** Watched from the beginning: a session may end before anybody waits for it. */
  readonly lost: Promise<void>;
}

async function connect({ url, channels, heard }: SlotOptions): Promise<Session> {
  const client = new Client({
    connectionString: url,
    application_name: 'arbiter',
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
  });
  client.on('notification', ({ channel, payload }) => heard(channel, payload ?? ''));
  // Every loss is seen by its end.
  client.on('error', () => undefined);
  const lost = new Promise<void>((resolve) => client.once('end', () => resolve()));
  try {
    await client.connect();
    await client.query(`set idle_session_timeout = ${hangsMs}`);
    for (const channel of channels) await client.query(`listen ${channel}`);
    return { client, lost };
  } catch (error) {
    await client.end().catch(() => undefined);
    throw new Fault<EngineFaultCode>('ENGINE_UNAVAILABLE', 'the engine cannot reach its database', {
      mend: 'arbiter db status says where it is; start it, or see DATABASE_URL',
      cause: error,
    });
  }
}

async function lockFree(client: Client, { host }: SlotOptions): Promise<string> {
  for (let number = 0; number < slots; number += 1) {
    const id = `${host}/${number}`;
    if (await tryLock(client, id)) return id;
  }
  await client.end();
  throw new Fault<EngineFaultCode>('EXECUTOR_TAKEN', `${slots} workers of ${host} are up already`, {
    mend: 'arbiter status shows them, arbiter down stops them',
  });
}

async function tryLock(client: Client, id: string): Promise<boolean> {
  const { rows } = await client.query<{ had: boolean }>(`select pg_try_advisory_lock(${keyOf}) as had`, [id]);
  return rows[0]?.had === true;
}

async function register(client: Client, id: string, { host, version }: SlotOptions): Promise<void> {
  await client.query(
    `insert into arbiter.executors (id, pid, host, version, started_ms) values ($1, $2, $3, $4, $5)
     on conflict (id) do update set pid = excluded.pid, host = excluded.host, version = excluded.version,
       started_ms = excluded.started_ms`,
    [id, process.pid, host, version, Date.now()],
  );
}

/** A new session with the locks of the lost one, or with another slot where that is taken; null once given up. */
async function lockAgain(
  { id, incarnation }: { readonly id: string; readonly incarnation: string },
  options: SlotOptions,
  gaveUp: () => boolean,
): Promise<{ readonly session: Session; readonly id: string } | null> {
  for (let tries = 0; !gaveUp(); tries += 1) {
    await sleep(Math.min(500, 25 * 2 ** Math.min(tries, 10)), undefined, { ref: false });
    const session = await connect(options).catch(() => null);
    if (session === null) continue;
    const { client } = session;
    try {
      // Who is taking our work over right now holds the first lock for a moment.
      if (await tryLock(client, incarnation)) {
        const now = (await tryLock(client, id)) ? id : await lockFree(client, options);
        await register(client, now, options);
        return { session, id: now };
      }
    } catch {
      // Cut again, or every slot is taken: we look again soon.
    }
    await client.end().catch(() => undefined);
  }
  return null;
}
