import { chmod, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { databaseFault } from './database-fault.js';
import { findTree } from './find-tree.js';
import { initCluster } from './init-cluster.js';
import { copyTree, mendTree } from './mend-tree.js';
import { findPostmaster, readPostmaster, stopPostmaster } from './postmaster.js';
import { probeServer, type ServerState } from './probe-server.js';
import { isNumberTaken } from './process-mark.js';
import { canEnter, canRun, identitiesOf, noIdentityFault, type RunAs } from './run-as.js';
import { makeSecrets, readSecrets, type Secrets } from './secrets.js';
import { capLog } from './server-log.js';
import { withStartLock } from './start-lock.js';
import { startServer, strangerFault } from './start-server.js';
import { checkSocketFolder, makeStore, storeFolders, type StoreFolders } from './store-folders.js';

export interface RunningServer {
  readonly folders: StoreFolders;
  readonly secrets: Secrets;
}

export interface ServerOptions {
  readonly stateHome: string;
  /** False: no fsync, for tests alone. A server that runs already stays as it was started. */
  readonly durable?: boolean;
  readonly signal?: AbortSignal;
  /** Another tree than the installed package's. */
  readonly tree?: string;
  /** Who to run as, tried in this order; by default by the user of this process. */
  readonly identities?: readonly RunAs[];
  /** Does not start a server that was stopped on purpose. */
  readonly revive?: boolean;
}

const attachPatienceMs = 60_000;
const lostSocketMs = 3000;

/**
 * Attaches to the server of this home, or starts one, making it first when there is none. `use` runs before any other
 * process may stop the server: what it opens keeps the server up.
 * @throws DATABASE_MISSING, DATABASE_FAILED, DATABASE_UNSAFE
 */
export async function ensureServer<T>(options: ServerOptions, use: (server: RunningServer) => Promise<T>): Promise<T> {
  const folders = await makeStore(options.stateHome);
  const lock = options.signal === undefined ? {} : { signal: options.signal };
  return withStartLock(
    folders.store,
    async () => {
      await heedStop(folders, options.revive === true);
      await checkSocketFolder(folders);
      const made = await exists(join(folders.data, 'PG_VERSION'));
      const secrets = await secretsOf(folders, made);
      if (!made || !(await attach(folders, secrets, options.signal))) await start(folders, secrets, made, options);
      await capLog(folders.log);
      return use({ folders, secrets });
    },
    lock,
  );
}

/**
 * Ends the server of this home whoever uses it, and keeps live processes from reviving it; the next command that opens
 * the store starts it again. False when none runs. @throws DATABASE_FAILED when it does not end
 */
export async function stopServer(stateHome: string): Promise<boolean> {
  if (!(await exists(storeFolders(stateHome).store))) return false;
  const folders = await makeStore(stateHome);
  return withStartLock(folders.store, async () => {
    const pid = await findPostmaster(folders.data);
    if (pid === null) return false;
    await writeFile(folders.stopped, '', { mode: 0o600 });
    await stopPostmaster(pid);
    return true;
  });
}

/** Ends the server when `isUsed` says, while nobody can attach, that nobody else uses it. */
export async function stopUnusedServer(folders: StoreFolders, isUsed: () => Promise<boolean>): Promise<void> {
  await withStartLock(folders.store, async () => {
    const pid = await findPostmaster(folders.data);
    if (pid !== null && !(await isUsed())) await stopPostmaster(pid);
  });
}

async function heedStop(folders: StoreFolders, revive: boolean): Promise<void> {
  if (revive && (await exists(folders.stopped))) {
    throw databaseFault('DATABASE_FAILED', 'the database server was stopped on purpose', 'start the workers again');
  }
  await rm(folders.stopped, { force: true });
}

async function secretsOf(folders: StoreFolders, made: boolean): Promise<Secrets> {
  const secrets = await readSecrets(folders.secrets);
  if (secrets !== null) return secrets;
  if (!made) return makeSecrets(folders.secrets);
  throw databaseFault(
    'DATABASE_FAILED',
    `there is a database in ${folders.data}, but its passwords (${folders.secrets}) are gone`,
    'put the file back from a copy; or move the whole store folder away and restore a backup into a new one',
  );
}

/** True when a live server is attached to; false when it is certain that there is none. */
async function attach(folders: StoreFolders, secrets: Secrets, signal: AbortSignal | undefined): Promise<boolean> {
  const until = Date.now() + attachPatienceMs;
  let lostSince: number | null = null;
  for (;;) {
    signal?.throwIfAborted();
    const state = await probeServer(folders, secrets);
    if (state === 'up') return true;
    if (state === 'stranger' || Date.now() > until) throw attachFault(folders, state);
    if (state === 'down') {
      const pid = await findPostmaster(folders.data);
      if (pid === null) {
        await dropForeignPid(folders.data);
        return false;
      }
      lostSince ??= Date.now();
      // It lives, but its socket is gone (somebody swept the temporary folder): only a new start makes a new one.
      if (Date.now() - lostSince > lostSocketMs) {
        await stopPostmaster(pid);
        return false;
      }
    }
    await sleep(25);
  }
}

/**
 * PostgreSQL takes its own stale `postmaster.pid` away, but not one whose number another process bears by now, or its own
 * remains while whoever started it is stopped. Sessions that outlive a killed server are still found by the shared
 * memory of the data folder.
 */
async function dropForeignPid(data: string): Promise<void> {
  const pid = await readPostmaster(data);
  if (pid !== null && isNumberTaken(pid)) await rm(join(data, 'postmaster.pid'), { force: true });
}

async function start(folders: StoreFolders, secrets: Secrets, made: boolean, options: ServerOptions): Promise<void> {
  const { runAs, tree } = await chooseRun(folders, options);
  const durable = options.durable ?? true;
  if (!made) await initCluster(folders, tree, runAs, { secrets, durable });
  await startServer(folders, tree, runAs, {
    secrets,
    durable,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}

/** The first identity that reaches the store, and the tree that it can run: a copy in the store where the way is barred. */
async function chooseRun(folders: StoreFolders, options: ServerOptions): Promise<{ runAs: RunAs; tree: string }> {
  const identities = options.identities ?? (await identitiesOf(process.getuid?.() ?? 1));
  const tree = await mendTree(options.tree ?? findTree(), folders.store);
  for (const runAs of identities) {
    // Others may pass through to the folders of uid 65534, which are its own; they can list and read nothing here.
    await chmod(folders.store, runAs.owner === null ? 0o700 : 0o711);
    if (await canRun(runAs, tree)) {
      if (await canEnter(runAs, folders.store)) return { runAs, tree };
    } else if (await canEnter(runAs, folders.store)) {
      const copy = await copyTree(tree, folders.store);
      if (await canRun(runAs, copy)) return { runAs, tree: copy };
    }
  }
  if (identities.every((identity) => identity.name === 'self')) throw cannotRunFault(tree);
  throw noIdentityFault(dirname(folders.store));
}

function cannotRunFault(tree: string): Error {
  return databaseFault(
    'DATABASE_FAILED',
    `the PostgreSQL program in ${tree} does not run on this machine`,
    'set DATABASE_URL to a PostgreSQL 15 or newer',
  );
}

function attachFault(folders: StoreFolders, state: ServerState): Error {
  if (state === 'stranger') return strangerFault(folders);
  return databaseFault(
    'DATABASE_FAILED',
    `the database server has been starting or recovering for more than ${attachPatienceMs / 1000} s`,
    `see its log in ${folders.log}, and try again`,
  );
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
