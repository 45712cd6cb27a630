import type { AgentProfile } from '../core/registry/agent-profile.js';
import type { Breaker } from '../core/registry/breaker.js';
import type { Health } from '../core/registry/health.js';
import type { AgentHistory, HistoryPlace, Observation } from '../core/registry/history.js';
import type { Load } from '../core/registry/load.js';
import type { AgentVersionRecord, QuarantinedRow } from '../core/registry/registry-rows.js';

export type RegistryFaultCode = 'AGENT_UNREADABLE';

/** What the registry holds, or what of it has changed since a mark. */
export interface RegistryChanges {
  /** Where to go on reading. */
  readonly mark: string;
  /** In the order in which they were added; the whole registry holds retired ones too. */
  readonly agents: readonly AgentProfile[];
  readonly versions: readonly { readonly agent: string; readonly record: AgentVersionRecord }[];
  readonly histories: readonly { readonly place: HistoryPlace; readonly history: AgentHistory }[];
  readonly health: ReadonlyMap<string, Health>;
  readonly breakers: ReadonlyMap<string, Breaker>;
  /** Of all agents that have any, whatever has changed. */
  readonly loads: ReadonlyMap<string, Load>;
  /** Rows of agents that there are, those that cannot be read included: tells a reader that some were removed. */
  readonly agentRows: number;
  /** Rows that cannot be read, of those that were looked at. */
  readonly quarantined: readonly QuarantinedRow[];
}

/** What became of an observation. */
export interface Taken {
  /** `duplicate`: it was taken in before. `superseded`: a later revision of the same decision was. */
  readonly outcome: 'new' | 'revised' | 'duplicate' | 'superseded';
  /** Histories that changed, as they are now. */
  readonly changed: readonly { readonly place: HistoryPlace; readonly history: AgentHistory }[];
  /** Whether a history could not be read, and was rebuilt from the observations. */
  readonly mended: boolean;
}

/** A change of one thing that two processes may make at once: the one waits for the other, and none is lost. */
export type Change<Value> = (before: Value) => Value;

/** Agents, how they fared and how they stand, seen by every process that shares the store. */
export interface RegistryStore {
  /** Everything (null), or what has changed since a mark; some of it may come twice. */
  read(since: string | null): Promise<RegistryChanges>;
  /** Calls `changed` soon after another process (or this one) changed anything, until the signal fires. */
  watch(changed: () => void, signal: AbortSignal): Promise<void>;
  /** Changes an agent's profile; null where there is none. @throws AGENT_UNREADABLE */
  changeProfile(name: string, change: Change<AgentProfile>): Promise<AgentProfile | null>;
  /**
   * Puts another version of an agent in the place of the one in use, which starts from what is known of that one, worth
   * `discount`. A version that there was before comes back with what it had. Null where there is no such agent, or where
   * `from` is said and another version is in use.
   * @throws AGENT_UNREADABLE
   */
  swapVersion(next: AgentProfile, discount: number, nowMs: number, from?: string): Promise<AgentVersionRecord | null>;
  /**
   * Has a version stand beside the one in use, with what it would start from after a swap; one that there was before has
   * its own. Null where there is no such agent, or where it is the version in use. @throws AGENT_UNREADABLE
   */
  standBeside(candidate: AgentProfile, discount: number, nowMs: number): Promise<AgentVersionRecord | null>;
  /** A version that is not in use stands no more, and its profile is retired. Null where there is no such version, or it is in use. */
  retireVersion(name: string, version: string): Promise<AgentVersionRecord | null>;
  /** Takes in an outcome once, in one transaction with the history that it changes. */
  observe(observation: Observation): Promise<Taken>;
  changeHealth(agent: string, change: Change<Health>): Promise<Health>;
  changeBreaker(key: string, change: Change<Breaker>): Promise<Breaker>;
  /** All outcomes that were taken in, in no order, so many at a time. */
  observations(): AsyncIterable<readonly Observation[]>;
  /** Puts a version back as it was exported; nothing happens where there is one of that name. */
  putVersion(agent: string, record: AgentVersionRecord): Promise<boolean>;
  /** Rebuilds from the observations every history that cannot be read, and those of these places; answers their keys. */
  mend(places?: readonly HistoryPlace[]): Promise<readonly string[]>;
}
