import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { LeaseStore } from '../../../ports/task-store.js';
import { makeNamedFolder, nameTempFolder, removeTempFolder } from '../../sandbox/temp-folder.js';

/** What a room needs of the store of leases. */
export type RoomLeases = Pick<LeaseStore, 'take' | 'release'>;

/** The folders of a room on the host, and their names inside. */
export interface RoomFolders {
  readonly host: FolderNames;
  readonly inside: FolderNames;
  /** Removes all of it, then releases the lease. */
  remove(): Promise<void>;
}

export interface FolderNames {
  readonly work: string;
  readonly home: string;
  readonly temporary: string;
  /** Folder that holds the relay's socket. */
  readonly relay: string;
}

/**
 * Makes the folders of a room, which are written down as a lease before. Where files are not hidden they have the same
 * names inside. Rejects with what the store or the file system says; nothing is left then.
 */
export async function makeRoomFolders(leases: RoomLeases, hidesFiles: boolean): Promise<RoomFolders> {
  const folder = nameTempFolder();
  const lease = await leases.take('clone', folder);
  const remove = async (): Promise<void> => {
    await removeTempFolder(folder);
    await leases.release(lease);
  };
  try {
    await makeNamedFolder(folder);
    const host = namesIn(folder);
    for (const path of [host.work, host.home, host.temporary, host.relay]) await mkdir(path, { mode: 0o700 });
    return { host, inside: hidesFiles ? insideNames : host, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

const insideNames: FolderNames = {
  work: '/arbiter/work',
  home: '/arbiter/home',
  temporary: '/tmp',
  relay: '/arbiter/relay',
};

function namesIn(folder: string): FolderNames {
  return {
    work: join(folder, 'work'),
    home: join(folder, 'home'),
    temporary: join(folder, 'tmp'),
    relay: join(folder, 'relay'),
  };
}
