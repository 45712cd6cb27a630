import { execFile } from 'node:child_process';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ArbiterConfig } from '../../core/caws/arbiter-config.js';
import type { Clock } from '../../ports/clock.js';
import type { GitSession } from '../../ports/git.js';
import type { Progress } from '../../ports/progress.js';
import type { Sandbox } from '../../ports/sandbox.js';
import type { Prepared } from './dependencies.js';
import type { Toolchain } from './toolchain.js';
import { makeFolderInside, removeInside, writeInside } from './untrusted-tree.js';

/** Which of the two trees a run stands on. */
export type Side = 'base' | 'candidate';

/** Files put into a fresh copy before a run: text, or null to take the file away. */
export type Overlay = ReadonlyMap<string, Uint8Array | string | null>;

/** Everything that the runs of one deliberation share. */
export interface GateRoom {
  readonly git: GitSession;
  readonly clock: Clock;
  readonly progress: Progress;
  readonly sandbox: Sandbox;
  readonly sandboxName: 'bubblewrap' | 'none';
  readonly config: ArbiterConfig;
  readonly toolchain: Toolchain;
  readonly folder: string;
  /** Pristine checkouts, with what belongs to the base put back. */
  readonly pristine: Readonly<Record<Side, string>>;
  readonly dependencies: Readonly<Record<Side, Prepared>>;
  readonly signal: AbortSignal | undefined;
}

/** A copy of a pristine checkout that one run may do with as it likes. */
export interface RunFolder {
  /** Top of what belongs to the run; removed afterwards. */
  readonly top: string;
  readonly checkout: string;
  readonly pipes: string;
}

/** Makes a fresh copy of a side's checkout with an overlay: no run sees what another one did. */
export async function makeRunFolder(room: GateRoom, side: Side, overlay: Overlay): Promise<RunFolder> {
  const top = await mkdtemp(join(room.folder, 'run-'));
  const checkout = join(top, 'checkout');
  const pipes = join(top, 'reports');
  await promisify(execFile)('cp', ['-a', room.pristine[side], checkout]);
  await mkdir(pipes);
  for (const [path, bytes] of overlay) {
    if (bytes === null) await removeInside(checkout, path);
    else await writeInside(checkout, path, bytes);
  }
  const prepared = room.dependencies[side];
  if (prepared.state !== 'ready') return { top, checkout, pipes };
  for (const path of prepared.folders) {
    if (room.sandbox.guarantees.hidesFiles) await makeFolderInside(checkout, path);
    else {
      // Without read-only mounts each run gets a copy of its own, or it could change what the next one uses.
      await removeInside(checkout, path);
      await writeInside(checkout, `${path}/.arbiter`, '');
      await promisify(execFile)('cp', ['-a', `${join(prepared.folder, path)}/.`, join(checkout, path)]);
    }
  }
  return { top, checkout, pipes };
}
