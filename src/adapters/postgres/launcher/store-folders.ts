import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { chmod, chown, lstat, mkdir, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, databaseFault, messageOf } from './database-fault.js';
import type { RunAs } from './run-as.js';

/** Where the embedded server of one home keeps what it has. Absolute paths. */
export interface StoreFolders {
  readonly store: string;
  readonly data: string;
  readonly socket: string;
  readonly log: string;
  readonly secrets: string;
  /** Stands while the server was stopped on purpose: nobody revives it then. */
  readonly stopped: string;
}

/** `sun_path` holds 108 bytes on Linux and 104 on macOS, the closing zero among them. */
const maxSocketBytes = process.platform === 'darwin' ? 103 : 107;
const socketName = '.s.PGSQL.5432';

/**
 * The folders of the store of a home; nothing is made yet. Where the home's path is too long for a socket, the socket
 * lies in a short folder named by the hash of the data folder.
 */
export function storeFolders(stateHome: string, temporary = '/tmp'): StoreFolders {
  const store = join(stateHome, 'store');
  const data = join(store, 'data');
  const near = join(store, 'socket');
  const hash = createHash('sha256').update(data).digest('hex').slice(0, 16);
  const fits = Buffer.byteLength(join(near, socketName)) <= maxSocketBytes;
  return {
    store,
    data,
    socket: fits ? near : join(temporary, `arbiter-${hash}`),
    log: join(store, 'server.log'),
    secrets: join(store, 'secrets.json'),
    stopped: join(store, 'stopped'),
  };
}

/** Path of the socket file that the server of these folders listens at. */
export function socketFile(folders: StoreFolders): string {
  return join(folders.socket, socketName);
}

/**
 * Makes the store's folder, and answers the folders by their real path: one data folder has one socket and one lock,
 * whatever name it was reached by.
 * @throws DATABASE_UNSAFE when it is somebody else's, DATABASE_FAILED when it cannot be made
 */
export async function makeStore(stateHome: string): Promise<StoreFolders> {
  try {
    await mkdir(stateHome, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw cannotMake(stateHome, error);
  }
  const folders = storeFolders(await realpath(stateHome));
  await makePrivate(folders.store);
  return folders;
}

/**
 * Makes a folder that its owner alone can enter, or sees that one that stands is such a folder. What lies in the store
 * is ours by the store's own folder; elsewhere the owner and the mode are asked for.
 * @throws DATABASE_UNSAFE when it is a link, a file or somebody else's; DATABASE_FAILED when it cannot be made
 */
export async function makePrivate(
  folder: string,
  options: { readonly owner?: RunAs['owner']; readonly inStore?: boolean } = {},
): Promise<void> {
  const owner = options.owner ?? null;
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw cannotMake(folder, error);
  });
  const facts = await lstat(folder);
  if (!facts.isDirectory()) throw unsafe(folder, 'is no folder', 'move it away');
  if (options.inStore !== true) checkOwner(folder, facts, owner);
  await chmod(folder, 0o700);
  // Also back to root, where the server ran as somebody else before.
  const heir = owner ?? (process.getuid?.() === 0 ? { uid: 0, gid: 0 } : null);
  if (heir !== null) await chown(folder, heir.uid, heir.gid);
}

/**
 * Sees that the socket of a folder outside the store is our server's: its folder must be private, and belong to who
 * serves the data. Nothing is said where there is no such folder.
 * @throws DATABASE_UNSAFE
 */
export async function checkSocketFolder(folders: StoreFolders): Promise<void> {
  if (dirname(folders.socket) === folders.store) return;
  const facts = await factsOf(folders.socket);
  const data = await factsOf(folders.data);
  if (facts === null) return;
  if (!facts.isDirectory()) throw unsafe(folders.socket, 'is no folder', 'move it away');
  checkOwner(folders.socket, facts, data === null ? null : { uid: data.uid, gid: data.gid });
}

async function factsOf(path: string): Promise<Stats | null> {
  return lstat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  });
}

function checkOwner(folder: string, facts: Stats, owner: RunAs['owner']): void {
  const mine = process.getuid?.() ?? facts.uid;
  if (facts.uid !== mine && facts.uid !== owner?.uid) {
    throw unsafe(folder, `belongs to uid ${facts.uid}`, 'remove it, or use another home (XDG_STATE_HOME)');
  }
  // One that stood open may hold what another put there: closing it now would not make that ours.
  if ((facts.mode & 0o022) !== 0) {
    throw unsafe(folder, 'can be written by others', `see what is in it, then close it: chmod 700 ${folder}`);
  }
}

function unsafe(folder: string, what: string, mend: string): Error {
  return databaseFault('DATABASE_UNSAFE', `${folder} ${what}, so the database is not put there`, mend);
}

function cannotMake(folder: string, error: unknown): Error {
  return databaseFault(
    'DATABASE_FAILED',
    `the folder ${folder} cannot be made: ${messageOf(error)}`,
    'make its parent writable, or set XDG_STATE_HOME to a folder that is',
    error,
  );
}
