import type { Assignment } from '../../ports/worker.js';
import type { OpenRoom } from './room/room.js';

/** A room as a worker that drives a program needs it: of its model calls, whether the key was refused. */
export interface AgentRoom extends Omit<OpenRoom, 'calls'> {
  calls(): { readonly keyRefused: number } | null;
}

/** What a worker asks a room for. */
export interface Visit {
  readonly assignment: Assignment;
  readonly mode: 'plan' | 'work';
  /** Files and folders of the host that are shown read-only, so that the agent's program runs. */
  readonly installs: readonly string[];
  /** Ends everything that runs in the room. */
  readonly signal: AbortSignal;
}

/** Opens a room with the meter of the assignment's bounds in it. @throws AGENT_CANCELLED, AGENT_REFUSED_KEY, SANDBOX_UNAVAILABLE */
export type EnterRoom = (visit: Visit) => Promise<AgentRoom>;

/** What the workers that drive programs are made with. */
export interface AgentParts {
  readonly enterRoom: EnterRoom;
  /** Folders where agents' programs are looked for; trusted already (`trustedPath`). */
  readonly path: string;
}
