import { existsSync } from 'node:fs';
import type { Lease, LeaseStore } from '../../../ports/task-store.js';
import { killAbandonedProcesses } from '../../sandbox/abandoned-processes.js';
import { readProcess } from '../../sandbox/process-table.js';
import { isNamedFolder, removeAbandonedFolders, removeTempFolder } from '../../sandbox/temp-folder.js';

/**
 * Removes what rooms of dead processes left on this host: processes, clones with the sockets in them, leases; answers how
 * many. Rooms of live processes are left alone, and nothing is removed because a lease names it alone: it must also be
 * named as a room is.
 */
export async function reapRooms(leases: Pick<LeaseStore, 'list' | 'release'>): Promise<number> {
  let reaped = killAbandonedProcesses() + (await removeAbandonedFolders());
  for (const lease of await leases.list()) {
    if (lease.kind !== 'clone' || hasLiveOwner(lease)) continue;
    if (isNamedFolder(lease.what) && existsSync(lease.what)) {
      await removeTempFolder(lease.what);
      reaped += 1;
    }
    await leases.release(lease.id);
  }
  return reaped;
}

function hasLiveOwner({ owner }: Lease): boolean {
  const [pid = 0, startTicks = 0] = owner.split('.').map(Number);
  const row = readProcess(pid);
  return row !== null && !row.dead && (startTicks === 0 || row.startTicks === startTicks);
}
