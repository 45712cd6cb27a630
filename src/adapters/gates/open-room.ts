import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Change } from '../../core/caws/change.js';
import type { Clock } from '../../ports/clock.js';
import type { GateRun } from '../../ports/gate-runner.js';
import type { TreeEntry } from '../../ports/git.js';
import type { Sandbox } from '../../ports/sandbox.js';
import { type Prepared, prepareDependencies } from './dependencies.js';
import type { GateRoom } from './gate-room.js';
import { readManifests, type Manifests } from './manifests.js';
import { putBackBaseFiles } from './put-back.js';
import { makeTempFolder, removeTempFolder } from '../sandbox/temp-folder.js';
import { findToolchain } from './toolchain.js';

export interface RoomPorts {
  readonly sandboxes: { readonly bubblewrap: Sandbox; readonly none: Sandbox };
  readonly clock: Clock;
  readonly cacheFolder: string;
}

/** What a room is opened for: a change, or the base alone when its gates are checked. */
export type RoomRequest = Pick<GateRun, 'git' | 'config' | 'progress' | 'signal'> & {
  readonly base: string;
  readonly change: Change | null;
  readonly dependenciesAdmitted: boolean;
};

/** An open room, with what its opening found out. */
export interface OpenRoom {
  readonly room: GateRoom;
  readonly baseFiles: readonly TreeEntry[];
  readonly candidateFiles: readonly TreeEntry[];
  readonly manifests: Manifests;
  /** What of the base was put back into the candidate's checkout. */
  readonly putBack: readonly string[];
  close(): Promise<void>;
}

/** Checks both trees out, puts back what belongs to the base and prepares packages. Close it in any case. */
export async function openRoom(ports: RoomPorts, request: RoomRequest): Promise<OpenRoom> {
  const folder = await makeTempFolder();
  try {
    return await furnish(ports, request, folder);
  } catch (error) {
    await removeTempFolder(folder);
    throw error;
  }
}

async function furnish(ports: RoomPorts, request: RoomRequest, folder: string): Promise<OpenRoom> {
  const { git, config, progress, change } = request;
  const sandbox = ports.sandboxes[config.sandbox];
  const pristine = { base: join(folder, 'base'), candidate: join(folder, 'candidate') };
  progress.note('checking the base and the candidate out');
  await mkdir(pristine.base);
  await git.checkOut(request.base, pristine.base);
  const baseFiles = await git.listFiles(request.base, '');
  const candidateFiles = change === null ? baseFiles : await git.listFiles(change.tree, '');
  if (change === null) pristine.candidate = pristine.base;
  else {
    await mkdir(pristine.candidate);
    await git.checkOut(change.tree, pristine.candidate);
  }
  const { dependenciesAdmitted } = request;
  const putBack =
    change === null ? [] : await putBackBaseFiles(git, change, pristine.candidate, { dependenciesAdmitted, baseFiles });
  const toolchain = await findToolchain(Object.values(config.gates).map((gate) => gate.command));
  const manifests = await readManifests(git, request.base);
  const tools = { sandbox, toolchain, tempFolder: folder, cacheFolder: ports.cacheFolder, signal: request.signal };
  const prepare = async (of: Manifests): Promise<Prepared> => {
    if (of.hasDependencies) progress.note('preparing packages from the lock file');
    return prepareDependencies(of, tools);
  };
  const base = await prepare(manifests);
  const candidate =
    change !== null && dependenciesAdmitted ? await prepare(await readManifests(git, change.tree)) : base;
  const room: GateRoom = {
    git,
    clock: ports.clock,
    progress,
    sandbox,
    sandboxName: config.sandbox,
    config,
    toolchain,
    folder,
    pristine,
    dependencies: { base, candidate },
    signal: request.signal,
  };
  return { room, baseFiles, candidateFiles, manifests, putBack, close: () => removeTempFolder(folder) };
}
