import type { Git } from '../../../ports/git.js';
import type { Sandbox } from '../../../ports/sandbox.js';
import type { Assignment } from '../../../ports/worker.js';
import type { Meter } from '../spend/meter.js';
import type { ObserveCall } from './model-relay.js';
import type { RoomLeases } from './room-folders.js';

/** What rooms are made with. */
export interface RoomParts {
  readonly git: Git;
  readonly sandboxes: { readonly bubblewrap: Sandbox; readonly none: Sandbox };
  readonly leases: RoomLeases;
  /** Where the keys of endpoints are, and HTTPS_PROXY: the environment of this process. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Files and folders of keys, which no room may show; none when left out. */
  readonly closed?: readonly string[];
}

export interface RoomRequest {
  readonly assignment: Assignment;
  readonly meter: Meter;
  /** In a plan nothing of the clone may be written. */
  readonly mode: 'plan' | 'work';
  /** Folders of the host that are shown read-only under their own names: where the agent's program is. */
  readonly installs: readonly string[];
  readonly observe: ObserveCall;
  readonly signal: AbortSignal;
  /** How long a run may go on without a model call once a bound is reached; 10 s. */
  readonly graceMs?: number;
}
