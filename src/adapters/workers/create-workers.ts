import { access } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { Fault, isFault } from '../../core/fault.js';
import type { AgentProfile, Price } from '../../core/registry/agent-profile.js';
import type { Git } from '../../ports/git.js';
import type { Sandbox } from '../../ports/sandbox.js';
import type { LeaseStore } from '../../ports/task-store.js';
import type { Assignment, Workers } from '../../ports/worker.js';
import { reapTemporaryFolders } from '../git/temporary-folder.js';
import { trustedPath } from '../sandbox/host-tools.js';
import type { AgentParts } from './agent-room.js';
import { createEnterRoom } from './enter-room.js';
import { findInstalled } from './programs/find-installed.js';
import { lacksProgram } from './programs/prepare-program.js';
import { suggestProfile } from './programs/suggest-profile.js';
import type { Room } from './room/room.js';
import type { RoomParts } from './room/room-request.js';
import type { Meter } from './spend/meter.js';
import { observeUsage } from './spend/observe-usage.js';
import { priceOfAgent, priceTableVersion } from './spend/price-of-agent.js';

export interface WorkersOptions {
  readonly leases: LeaseStore;
  readonly git: Git;
  readonly sandboxes: { readonly bubblewrap: Sandbox; readonly none: Sandbox };
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Files and folders of keys, which no room may show; none when left out. */
  readonly closed?: readonly string[];
}

/** Workers of every kind, behind one port. What a kind needs is loaded when an agent of that kind is asked. */
export function createWorkers(options: WorkersOptions): Workers {
  const { environment, leases } = options;
  const path = trustedPath(environment['PATH'] ?? '', process.cwd());
  const parts: AgentParts = { path, enterRoom: createEnterRoom(options) };
  const llamaFolder = environment['ARBITER_LLAMA_FOLDER'] ?? null;
  const loop = {
    environment,
    llamaFolder,
    openRoom: (assignment: Assignment, meter: Meter, signal: AbortSignal) =>
      openLoopRoom(options, assignment, meter, signal),
  };
  return {
    async workerOf(agent) {
      const lack = await lacks(agent, path, environment);
      if (lack !== null) throw missing(agent, lack);
      switch (agent.kind) {
        case 'replay':
          return (await import('./replay/replay-worker.js')).createReplayWorker(agent);
        case 'model':
          return (await import('./model/model-worker.js')).createModelWorker(agent, loop);
        case 'llama':
          return (await import('./llama/llama-worker.js')).createLlamaWorker(agent, loop);
        case 'cli':
          return (await import('./cli/cli-worker.js')).createCliWorker(parts);
        case 'acp':
          return (await import('./acp/acp-worker.js')).createAcpWorker(parts);
      }
    },
    lacks: (agent) => lacks(agent, path, environment),
    priceOf(agent) {
      const free = agent.kind === 'replay' || spendsNothing(agent);
      return { price: free ? { input: 0, output: 0 } : knownPrice(agent), table: priceTableVersion() };
    },
    findInstalled: (signal) => findInstalled(path, signal),
    suggest: suggestProfile,
    async reap() {
      // Git's own folders are reaped when git is next used, which may be in days.
      await reapTemporaryFolders(tmpdir());
      return (await import('./room/reap-rooms.js')).reapRooms(leases);
    },
  };
}

/** A room for our own loop: the model is called by this process, so that nothing in the room reaches any endpoint. */
async function openLoopRoom(
  parts: RoomParts,
  assignment: Assignment,
  meter: Meter,
  signal: AbortSignal,
): Promise<Room> {
  const { openRoom } = await import('./room/open-room.js');
  const agent: AgentProfile = { ...assignment.agent, endpoint: null };
  const observe = observeUsage(meter);
  return openRoom(parts, { assignment: { ...assignment, agent }, meter, mode: 'work', installs: [], signal, observe });
}

/** What keeps an agent from being asked right now, in words that follow its name; null when nothing does. */
async function lacks(
  agent: AgentProfile,
  path: string,
  environment: WorkersOptions['environment'],
): Promise<string | null> {
  const isDriven = agent.kind === 'cli' || agent.kind === 'acp';
  const lack = isDriven ? lacksProgram(agent, path) : null;
  return lack ?? lacksKey(agent, environment) ?? (await lacksFile(agent)) ?? lacksPrice(agent);
}

function lacksKey({ endpoint }: AgentProfile, environment: WorkersOptions['environment']): string | null {
  const name = endpoint?.key_env ?? null;
  if (name === null || (environment[name] ?? '').trim() !== '') return null;
  return `lacks its key: set ${name} where the worker process starts`;
}

async function lacksFile({ kind, file }: AgentProfile): Promise<string | null> {
  if (kind !== 'llama' && kind !== 'replay') return null;
  return file !== null && (await isReadable(file)) ? null : `lacks its file: ${file ?? 'none is named'}`;
}

function knownPrice(agent: AgentProfile): Price | null {
  try {
    return priceOfAgent(agent).price;
  } catch (error) {
    if (isFault(error, 'PRICE_UNKNOWN')) return null;
    throw error;
  }
}

/** A program without an endpoint has no network at all in its room: there is nothing that it could spend. */
function spendsNothing({ kind, endpoint }: AgentProfile): boolean {
  return (kind === 'cli' || kind === 'acp') && endpoint === null;
}

function lacksPrice(agent: AgentProfile): string | null {
  if (agent.kind === 'replay' || spendsNothing(agent)) return null;
  try {
    priceOfAgent(agent);
    return null;
  } catch (error) {
    if (!isFault(error, 'PRICE_UNKNOWN')) throw error;
    return `lacks a price: ${error.message}; ${error.mend}`;
  }
}

async function isReadable(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

function missing(agent: AgentProfile, lack: string): Fault {
  const isPrice = lack.startsWith('lacks a price');
  return new Fault(isPrice ? 'PRICE_UNKNOWN' : 'AGENT_MISSING', `${agent.name} ${lack}`, {
    mend: 'arbiter agents list shows what each agent lacks',
  });
}
