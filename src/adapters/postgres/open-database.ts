import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type Pool } from 'pg';
import type { Fault } from '../../core/fault.js';
import type { ContentStore } from '../../ports/content-store.js';
import type { LedgerLog } from '../../ports/ledger-log.js';
import type { PointStore } from '../../ports/point-store.js';
import type { AgentStore, LeaseStore, StoreCare, StoreStatus, TaskStore } from '../../ports/task-store.js';
import type { RolloutStore } from '../../ports/rollout-store.js';
import type { RegistryStore } from '../../ports/registry-store.js';
import type { RetryStore } from '../../ports/retry-store.js';
import type { RouteStore } from '../../ports/route-store.js';
import type { WaiverStore } from '../../ports/waiver-store.js';
import { createAgentStore } from './agent-store.js';
import { createStoreCare } from './care/store-care.js';
import { createContentStore } from './content-store.js';
import { createFreshContents } from './contents.js';
import { createConnection } from './connection.js';
import { addressOf, checkExternal } from './external-database.js';
import { ensureServer, stopUnusedServer, type RunningServer, type ServerOptions } from './launcher/ensure-server.js';
import { appUrl, ownerUrl } from './launcher/probe-server.js';
import { capLog } from './launcher/server-log.js';
import { createLeaseStore } from './lease-store.js';
import { createPointStore } from './learning/point-store.js';
import { createLedger } from './ledger/create-ledger.js';
import { openNotices, registryTopic, type Notices } from './notices.js';
import { databaseName, prepareDatabase } from './prepare-database.js';
import { createRolloutStore } from './rollout/rollout-store.js';
import { createRegistryStore } from './registry/create-registry-store.js';
import { migrateSchema } from './schema/migrate.js';
import { toLossFault, toStoreFault } from './store-fault.js';
import { createRetryStore } from './retry-store.js';
import { createRouteStore } from './route-store.js';
import { createTaskStore } from './task-store.js';
import { createWaiverStore } from './waiver-store.js';

export interface DatabaseOptions extends Omit<ServerOptions, 'revive'> {
  /** A database of the user's own; null: the embedded server of this home. */
  readonly databaseUrl: string | null;
  /** How long a lost database is waited for before a call fails. */
  readonly patienceMs?: number;
  /** Makes the engine's tables by the owner, when a backup that holds some is restored. */
  readonly prepareEngine?: (ownerUrl: string) => Promise<void>;
}

/** The store of one home, opened by this process. */
export interface OpenDatabase {
  readonly kind: StoreStatus['kind'];
  /** Where the database is, without a password. */
  readonly address: string;
  /** For migrations alone. */
  readonly ownerUrl: string;
  /** The role that may work with rows and nothing more; the same as `ownerUrl` for a database of the user's own. */
  readonly appUrl: string;
  readonly pool: Pool;
  readonly tasks: TaskStore;
  readonly agents: AgentStore;
  readonly leases: LeaseStore;
  readonly ledger: LedgerLog;
  readonly contents: ContentStore;
  readonly routes: RouteStore;
  readonly retries: RetryStore;
  readonly waivers: WaiverStore;
  readonly rollouts: RolloutStore;
  readonly registry: RegistryStore;
  readonly points: PointStore;
  readonly care: StoreCare;
  /** Writes what is buffered, and ends the embedded server when nobody else uses it. Safe to call twice. */
  close(): Promise<void>;
}

/** A database that is there and migrated, and how it is brought back and left. */
export interface DatabasePlace {
  readonly kind: StoreStatus['kind'];
  readonly address: string;
  readonly ownerUrl: string;
  readonly appUrl: string;
  readonly revive: () => Promise<void>;
  readonly leave: () => Promise<void>;
}

const capEveryMs = 60_000;

/**
 * Opens the store: the embedded server, started or attached to, or the database of `databaseUrl`; migrated when needed.
 * @throws DATABASE_MISSING, DATABASE_FAILED, DATABASE_UNSAFE, STORE_NEWER
 */
export async function openDatabase(options: DatabaseOptions): Promise<OpenDatabase> {
  const { databaseUrl } = options;
  if (databaseUrl !== null) return openExternal(databaseUrl, options);
  return ensureServer(options, async (server) => {
    await prepareDatabase(server).catch((error: unknown) => {
      throw toStoreFault(error);
    });
    // The listening connection is made while nobody can stop the server: from then on it is in use.
    return openStores(embeddedPlace(server, options), options);
  });
}

async function openExternal(url: string, options: DatabaseOptions): Promise<OpenDatabase> {
  await checkExternal(url);
  await migrateSchema(url).catch((error: unknown) => {
    throw toStoreFault(error);
  });
  const nothing = (): Promise<void> => Promise.resolve();
  const address = addressOf(url);
  return openStores(
    { kind: 'external', address, ownerUrl: url, appUrl: url, revive: nothing, leave: nothing },
    options,
  );
}

function embeddedPlace({ folders, secrets }: RunningServer, options: DatabaseOptions): DatabasePlace {
  const { signal: _, ...lasting } = options;
  const capping = setInterval(() => void capLog(folders.log), capEveryMs).unref();
  return {
    kind: 'embedded',
    address: folders.socket,
    ownerUrl: ownerUrl(folders, secrets, databaseName),
    appUrl: appUrl(folders, secrets, databaseName),
    revive: () => ensureServer({ ...lasting, revive: true }, () => Promise.resolve()),
    async leave() {
      clearInterval(capping);
      await stopUnusedServer(folders, () => isUsed(ownerUrl(folders, secrets, 'postgres')));
    },
  };
}

/** Opens the stores of a database that is there and migrated. @throws STORE_UNAVAILABLE, STORE_FAILED */
export async function openStores(
  place: DatabasePlace,
  options: Pick<DatabaseOptions, 'patienceMs' | 'prepareEngine'> = {},
): Promise<OpenDatabase> {
  let lost: Fault | null = null;
  const revive = async (): Promise<void> => {
    try {
      await place.revive();
      lost = null;
    } catch (error) {
      lost = toLossFault(error);
      throw error;
    }
  };
  const connection = createConnection(place.appUrl, {
    // A killed server first writes its whole folder through: on a busy disk that takes its time.
    patienceMs: options.patienceMs ?? 30_000,
    whyLost: () => lost,
  });
  let notices: Notices;
  try {
    notices = await openNotices({ url: place.appUrl, connection, revive });
  } catch (error) {
    await connection.pool.end();
    throw toStoreFault(error);
  }
  const fresh = createFreshContents();
  const tasks = createTaskStore(connection, notices, fresh);
  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    await Promise.race([tasks.flush().catch(() => undefined), sleep(3000, undefined, { ref: false })]);
    await notices.close();
    await connection.pool.end();
    await place.leave();
  };
  return {
    kind: place.kind,
    address: place.address,
    ownerUrl: place.ownerUrl,
    appUrl: place.appUrl,
    pool: connection.pool,
    tasks,
    agents: createAgentStore(connection, () => notices.publish(registryTopic)),
    leases: createLeaseStore(connection),
    ledger: createLedger(connection),
    contents: createContentStore(connection, fresh),
    routes: createRouteStore(connection),
    retries: createRetryStore(connection),
    waivers: createWaiverStore(connection),
    rollouts: createRolloutStore(connection),
    registry: createRegistryStore(connection, notices),
    points: createPointStore(connection),
    care: createStoreCare({ ...place, prepareEngine: options.prepareEngine ?? null }),
    close() {
      closing ??= close();
      return closing;
    },
  };
}

/** Whether anybody but us is connected to the server. Our own sessions that just ended are given a moment. */
async function isUsed(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    for (let tries = 0; tries < 15; tries += 1) {
      const { rows } = await client.query<{ others: string }>(
        `select count(*) as others from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`,
      );
      if (rows[0]?.others === '0') return false;
      await sleep(20);
    }
    return true;
  } catch {
    // Who cannot ask leaves it running: the next one stops it.
    return true;
  } finally {
    await client.end().catch(() => undefined);
  }
}
