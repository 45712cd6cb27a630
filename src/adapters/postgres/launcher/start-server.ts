import { spawn, type ChildProcess } from 'node:child_process';
import { lchown, lstat, open, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { databaseFault, messageOf } from './database-fault.js';
import { serverMajor } from './find-tree.js';
import { findPostmaster, stopPostmaster } from './postmaster.js';
import { probeServer } from './probe-server.js';
import { cleanEnvironment, type RunAs } from './run-as.js';
import type { Secrets } from './secrets.js';
import { capLog, readLogFrom } from './server-log.js';
import { serverArguments } from './server-settings.js';
import { makePrivate, socketFile, type StoreFolders } from './store-folders.js';

const startPatienceMs = 90_000;
const retryMs = 30_000;

export interface StartOptions {
  readonly secrets: Secrets;
  readonly durable: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Starts the server of a data folder that no process serves, in a session of its own so that a terminal's Ctrl-C does
 * not reach it, and waits until it answers. It goes on when this process ends.
 * @throws DATABASE_FAILED with the end of its log
 */
export async function startServer(
  folders: StoreFolders,
  tree: string,
  runAs: RunAs,
  options: StartOptions,
): Promise<void> {
  await checkVersion(folders.data);
  await giveTo(folders.data, runAs);
  await makePrivate(folders.socket, { owner: runAs.owner, inStore: dirname(folders.socket) === folders.store });
  // Nobody serves this folder: what a killed server left here would only stand in the way of a process with its number.
  for (const leftover of ['', '.lock']) await rm(`${socketFile(folders)}${leftover}`, { force: true });
  const until = Date.now() + retryMs;
  for (;;) {
    const failed = await startOnce(folders, tree, runAs, options);
    if (failed === null) return;
    // Sessions of a killed server hold its memory for a moment longer; and what was killed as it started can start again.
    const again = failed.killed || failed.said.includes('pre-existing shared memory');
    if (!again || Date.now() > until) throw startFault(folders, failed.said);
    await sleep(100);
  }
}

/** Null when it serves, else what its log says, and whether somebody killed it. */
async function startOnce(
  folders: StoreFolders,
  tree: string,
  runAs: RunAs,
  options: StartOptions,
): Promise<{ readonly said: string; readonly killed: boolean } | null> {
  await capLog(folders.log);
  const log = await open(folders.log, 'a', 0o600);
  const { size: from } = await log.stat();
  try {
    const argv = runAs.wrap([join(tree, 'bin', 'postgres'), ...serverArguments(folders, options.durable)]);
    const [program = '', ...rest] = argv;
    const child = spawn(program, rest, {
      ...runAs.owner,
      cwd: folders.store,
      env: cleanEnvironment(),
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    const ended = watchEnd(child);
    child.unref();
    const failure = await waitUntilUp(folders, options, ended);
    if (failure === null) return null;
    return { said: (await readLogFrom(folders.log, from, 3)) || failure, killed: failure === 'ended with SIGKILL' };
  } finally {
    await log.close();
  }
}

/** Answers why the process ended, once it has. */
function watchEnd(child: ChildProcess): () => string | null {
  let why: string | null = null;
  child.once('error', (error) => {
    why = messageOf(error);
  });
  child.once('exit', (code, signal) => {
    why ??= `ended with ${code ?? signal ?? 'nothing'}`;
  });
  return () => why;
}

async function waitUntilUp(
  folders: StoreFolders,
  options: StartOptions,
  ended: () => string | null,
): Promise<string | null> {
  const until = Date.now() + startPatienceMs;
  while (Date.now() < until) {
    options.signal?.throwIfAborted();
    const state = await probeServer(folders, options.secrets);
    if (state === 'up') return null;
    if (state === 'stranger') {
      const pid = await findPostmaster(folders.data);
      if (pid !== null) await stopPostmaster(pid);
      throw strangerFault(folders);
    }
    const why = ended();
    if (why !== null) return why;
    await sleep(10);
  }
  return `it did not answer within ${startPatienceMs / 1000} s`;
}

async function checkVersion(data: string): Promise<void> {
  const version = (await readFile(join(data, 'PG_VERSION'), 'utf8')).trim();
  if (version === serverMajor) return;
  throw databaseFault(
    'DATABASE_FAILED',
    `the data in ${data} were made by PostgreSQL ${version}, and this Arbiter brings ${serverMajor}`,
    'back them up with the Arbiter that made them, move the store away, and restore the backup',
  );
}

/** Where the identity has changed since the folder was made (user namespaces came or went), the folder follows. */
async function giveTo(data: string, runAs: RunAs): Promise<void> {
  const mine = process.getuid?.();
  if (mine !== 0) return;
  const owner = runAs.owner ?? { uid: 0, gid: 0 };
  if ((await lstat(data)).uid === owner.uid) return;
  // The folder itself last: until then the next start sees that it is not done.
  for (const name of await readdir(data, { recursive: true })) await lchown(join(data, name), owner.uid, owner.gid);
  await lchown(data, owner.uid, owner.gid);
}

/** The fault of a server that does not know the password that we have. */
export function strangerFault(folders: StoreFolders): Error {
  return databaseFault(
    'DATABASE_FAILED',
    `the database server at ${folders.socket} does not take the password in ${folders.secrets}`,
    'put the file back from a copy; or move the whole store folder away and restore a backup into a new one',
  );
}

function startFault(folders: StoreFolders, said: string): Error {
  const mend = /no space left/i.test(said)
    ? 'make room on the disk and try again'
    : `see the whole log in ${folders.log}; set DATABASE_URL to use a PostgreSQL of your own`;
  return databaseFault('DATABASE_FAILED', `the database server did not start: ${said}`, mend);
}
