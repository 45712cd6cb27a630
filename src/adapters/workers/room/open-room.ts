import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { compileScope, type Standing } from '../../../core/caws/scope.js';
import { Fault, isFault } from '../../../core/fault.js';
import { WorkFault } from '../../../core/tasks/work-fault.js';
import type { Git } from '../../../ports/git.js';
import type { SandboxFaultCode } from '../../../ports/sandbox.js';
import type { Assignment, WorkerFaultCode } from '../../../ports/worker.js';
import { LiveRoom } from './live-room.js';
import { type ModelRelay, serveModelRelay } from './model-relay.js';
import type { OpenRoom } from './room.js';
import { cancelledFault } from './room-faults.js';
import { refuseShownKeys } from './refuse-shown-keys.js';
import { makeRoomFolders, type RoomFolders } from './room-folders.js';
import { RoomMounts } from './room-mounts.js';
import type { RoomParts, RoomRequest } from './room-request.js';
import { planScopeMounts, type ScopeMounts } from './scope-mounts.js';
import { openerFor, proxyFor } from './upstream.js';

const symlinkMode = '120000';
const submoduleMode = '160000';

/**
 * Makes a room for an assignment: folders, clone, mounts, relay. Close it in any case; a room that could not be made has
 * left nothing. @throws AGENT_REFUSED_KEY, AGENT_CANCELLED, SANDBOX_UNAVAILABLE, SANDBOX_FAILED, GitFaultCode
 */
export async function openRoom(parts: RoomParts, request: RoomRequest): Promise<OpenRoom> {
  const { assignment, meter } = request;
  refuseToBegin(request);
  await refuseShownKeys(request.installs, parts.closed ?? []);
  const key = keyOf(parts, request);
  const sandbox = parts.sandboxes[assignment.sandbox];
  const folders = await makeRoomFolders(parts.leases, sandbox.guarantees.hidesFiles).catch(refuseToMake);
  let relay: ModelRelay | null = null;
  try {
    const standingOf = standingIn(assignment);
    const scope = await furnish(parts.git, request, folders, standingOf);
    const room = new LiveRoom({
      request,
      sandbox,
      git: parts.git,
      folders,
      mounts: new RoomMounts(folders, scope, request.installs),
      standingOf,
      secret: key,
      token: `arb-${randomBytes(24).toString('hex')}`,
    });
    relay = await openRelay(parts, request, { key, room, folders, isOwnNetwork: sandbox.guarantees.closesNetwork });
    room.join(relay);
    if (request.signal.aborted) throw cancelledFault(meter);
    return room;
  } catch (error) {
    await relay?.close();
    await folders.remove();
    return refuseToMake(error);
  }
}

/** What the system said as a fault of ours; a fault is passed on. */
function refuseToMake(error: unknown): never {
  if (!(error instanceof Error) || isFault(error)) throw error;
  throw new Fault<SandboxFaultCode>('SANDBOX_FAILED', `the room for the agent cannot be made: ${error.message}`, {
    mend: 'check the space and the rights in the temporary directory (TMPDIR), and that its path is short',
    cause: error,
  });
}

function refuseToBegin({ signal, meter }: RoomRequest): void {
  if (signal.aborted) throw cancelledFault(meter);
}

function keyOf({ environment }: RoomParts, { assignment, meter }: RoomRequest): string | null {
  const name = assignment.agent.endpoint?.key_env ?? null;
  if (name === null) return null;
  const key = environment[name]?.trim() ?? '';
  if (key !== '') return key;
  throw new WorkFault<WorkerFaultCode>('AGENT_REFUSED_KEY', `the key of ${assignment.agent.name} is missing`, {
    mend: `set the environment variable ${name} for the process that does the work`,
    spend: meter.spend(),
  });
}

/** Where a path of the clone stands, by the assignment alone. */
function standingIn({ spec, protectedPaths }: Assignment): (path: string) => Standing {
  return compileScope({ scope: spec.scope, nonGovernedZones: [], rootPassthrough: [], protectedPaths });
}

/** Makes the clone and the folders that the scope allows to fill. */
async function furnish(
  git: Git,
  { assignment, mode, signal }: RoomRequest,
  folders: RoomFolders,
  standingOf: (path: string) => Standing,
): Promise<ScopeMounts> {
  const session = await git.open(assignment.repository, { signal });
  try {
    const options = assignment.startPatch === null ? {} : { startPatch: assignment.startPatch };
    const tree = await session.cloneCommit(assignment.base, folders.host.work, options);
    if (mode === 'plan') return { folders: [], writable: [], readOnly: [] };
    const files = await session.listFiles(tree, '');
    const pathsOf = (wanted: (fileMode: string) => boolean): string[] =>
      files.filter((file) => wanted(file.mode) && isText(file.path)).map((file) => file.path);
    const { scope } = assignment.spec;
    const mounts = planScopeMounts([...scope.in, ...scope.support], standingOf, {
      files: pathsOf((fileMode) => fileMode !== symlinkMode && fileMode !== submoduleMode),
      symlinks: pathsOf((fileMode) => fileMode === symlinkMode),
    });
    for (const path of mounts.folders) await mkdir(join(folders.host.work, path), { recursive: true });
    return { ...mounts, writable: [...mounts.writable, '.git'] };
  } finally {
    await session.close();
  }
}

/** A path whose bytes are no text cannot be named to the sandbox. */
function isText(path: string): boolean {
  return !/[\uD800-\uDFFF]/u.test(path);
}

async function openRelay(
  { environment }: RoomParts,
  { assignment, meter, observe }: RoomRequest,
  around: {
    readonly key: string | null;
    readonly room: LiveRoom;
    readonly folders: RoomFolders;
    readonly isOwnNetwork: boolean;
  },
): Promise<ModelRelay | null> {
  const { endpoint } = assignment.agent;
  if (endpoint === null) return null;
  const url = new URL(endpoint.base_url);
  return serveModelRelay(
    {
      endpoint,
      key: around.key,
      token: around.room.token,
      meter,
      observe,
      open: openerFor(url, proxyFor(url, environment)),
      onRefusedByBound: () => around.room.stopSoon(),
    },
    around.isOwnNetwork ? join(around.folders.host.relay, 'socket') : null,
  );
}
