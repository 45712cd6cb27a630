import type { AgentProfile } from './agent-profile.js';
import type { Health } from './health.js';
import type { Load } from './load.js';
import type { Performance } from './performance.js';
import type { AgentStatus } from './status.js';

/** An agent as the registry knows it right now. */
export interface AgentEntry {
  readonly profile: AgentProfile;
  readonly status: AgentStatus;
  readonly load: Load;
  readonly health: Health;
  /** Of the version that is in use, by `surface/complexity`. */
  readonly performance: ReadonlyMap<string, Performance>;
}
