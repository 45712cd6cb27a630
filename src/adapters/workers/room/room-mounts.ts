import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../../../core/fault.js';
import type { Mount, SandboxFaultCode } from '../../../ports/sandbox.js';
import type { RoomFolders } from './room-folders.js';
import type { ScopeMounts } from './scope-mounts.js';

/** What every run of a room is shown, and how. */
export class RoomMounts {
  readonly #folders: RoomFolders;
  readonly #scope: ScopeMounts;
  readonly #installs: readonly string[];

  constructor(folders: RoomFolders, scope: ScopeMounts, installs: readonly string[]) {
    this.#folders = folders;
    this.#scope = scope;
    this.#installs = installs;
  }

  /**
   * The mounts for one more run. Each mount of the clone is looked at: an agent cannot replace one from inside, for a
   * mount can be neither moved nor removed there, and if one is replaced all the same nothing is mounted.
   * @throws SANDBOX_FAILED
   */
  async all(): Promise<{ readonly readOnly: readonly Mount[]; readonly writable: readonly Mount[] }> {
    const { host, inside } = this.#folders;
    const root = await realpath(host.work);
    const mountsOf = async (paths: readonly string[]): Promise<Mount[]> => {
      const mounts: Mount[] = [];
      for (const path of paths) {
        const from = path === '' ? root : join(root, path);
        if ((await realpath(from).catch(() => null)) !== from) throw replaced(path);
        mounts.push({ from, to: path === '' ? inside.work : join(inside.work, path) });
      }
      return mounts;
    };
    const isAllWritable = this.#scope.writable.includes('');
    const writable = this.#scope.writable.filter((path) => !(isAllWritable && path === '.git'));
    return {
      readOnly: [
        ...(isAllWritable ? [] : [{ from: root, to: inside.work }]),
        ...(await mountsOf(this.#scope.readOnly)),
        { from: host.relay, to: inside.relay },
        ...this.#installs.map((folder) => ({ from: folder, to: folder })),
      ],
      writable: [
        ...(await mountsOf(writable)),
        { from: host.home, to: inside.home },
        { from: host.temporary, to: inside.temporary },
      ],
    };
  }
}

function replaced(path: string): Error {
  return new Fault<SandboxFaultCode>('SANDBOX_FAILED', `the agent has replaced ${path}, which is mounted by itself`, {
    mend: 'give the work to another agent, or work without the sandbox where that is allowed',
  });
}
