import type { AgentEntry } from '../../core/registry/agent-entry.js';
import type { AgentProfile } from '../../core/registry/agent-profile.js';
import type { Breaker } from '../../core/registry/breaker.js';
import type { Health } from '../../core/registry/health.js';
import type { AgentHistory, HistoryPlace } from '../../core/registry/history.js';
import { kindOf } from '../../core/registry/inherit-all.js';
import { type Load, noLoad } from '../../core/registry/load.js';
import { noHistory } from '../../core/registry/history.js';
import { type Performance, summarise } from '../../core/registry/performance.js';
import type { AgentVersionRecord } from '../../core/registry/registry-rows.js';
import { agentOfStand, profileOfStand, standName, versionOfStand } from '../../core/registry/stand.js';
import { statusOf } from '../../core/registry/status.js';
import type { RegistryChanges } from '../../ports/registry-store.js';

/** One version of an agent with all that is known of it. */
export interface VersionFacts {
  record: AgentVersionRecord | null;
  readonly histories: Map<string, AgentHistory>;
  readonly performance: Map<string, Performance>;
}

/** What this process knows of the registry; changed in place as news come in. Snapshots are made from it. */
export interface RegistryFacts {
  readonly profiles: Map<string, AgentProfile>;
  /** By agent, then by version. */
  readonly versions: Map<string, Map<string, VersionFacts>>;
  readonly health: Map<string, Health>;
  readonly breakers: Map<string, Breaker>;
  loads: ReadonlyMap<string, Load>;
}

/** Knowing nothing yet. */
export function noFacts(): RegistryFacts {
  return { profiles: new Map(), versions: new Map(), health: new Map(), breakers: new Map(), loads: new Map() };
}

/** Takes news in; answers the names of the agents that they are about. */
export function learnChanges(facts: RegistryFacts, changes: RegistryChanges): ReadonlySet<string> {
  const touched = new Set<string>();
  for (const profile of changes.agents) {
    facts.profiles.set(profile.name, profile);
    touched.add(profile.name);
  }
  for (const { agent, record } of changes.versions) {
    learnVersion(facts, agent, record);
    touched.add(agent).add(standName(agent, record.version));
  }
  for (const { place, history } of changes.histories) {
    learnHistory(facts, place, history);
    touched.add(standOf(facts, place.agent, place.version));
  }
  for (const [agent, health] of changes.health) {
    facts.health.set(agent, health);
    touched.add(agent);
  }
  for (const [key, breaker] of changes.breakers) facts.breakers.set(key, breaker);
  for (const agent of learnLoads(facts, changes.loads)) touched.add(agent);
  return touched;
}

function learnLoads(facts: RegistryFacts, loads: ReadonlyMap<string, Load>): readonly string[] {
  const before = facts.loads;
  facts.loads = loads;
  return [...new Set([...before.keys(), ...loads.keys()])].filter((agent) => {
    const [was, is] = [before.get(agent) ?? noLoad, loads.get(agent) ?? noLoad];
    return was.running !== is.running || was.waiting !== is.waiting;
  });
}

/** A version's record, with the figures that follow from what it inherited. */
export function learnVersion(facts: RegistryFacts, agent: string, record: AgentVersionRecord): void {
  const known = versionFacts(facts, agent, record.version);
  known.record = record;
  for (const kind of new Set([...Object.keys(record.inherited), ...known.histories.keys()])) figure(known, kind);
}

/** A history as it is now, with the figures that follow from it. */
export function learnHistory(facts: RegistryFacts, place: HistoryPlace, history: AgentHistory): void {
  const known = versionFacts(facts, place.agent, place.version);
  known.histories.set(kindOf(place), history);
  figure(known, kindOf(place));
}

function figure(known: VersionFacts, kind: string): void {
  const [surface = '', complexity = ''] = kind.split('/');
  const history = known.histories.get(kind) ?? noHistory;
  known.performance.set(kind, summarise({ surface, complexity }, history, known.record?.inherited[kind] ?? null));
}

function versionFacts(facts: RegistryFacts, agent: string, version: string): VersionFacts {
  const versions = facts.versions.get(agent) ?? new Map<string, VersionFacts>();
  facts.versions.set(agent, versions);
  const known = versions.get(version) ?? { record: null, histories: new Map(), performance: new Map() };
  versions.set(version, known);
  return known;
}

/** Names under which somebody may stand: the agents, and versions of them that stand beside the one in use. */
export function standingNames(facts: RegistryFacts): readonly string[] {
  const beside = [...facts.versions].flatMap(([agent, versions]) =>
    [...versions].flatMap(([version, { record }]) => (record?.stands === true ? [standName(agent, version)] : [])),
  );
  return [...facts.profiles.keys(), ...beside];
}

/** Whose health, load and breaker the work of a version is: its own while it stands beside the one in use. */
export function standOf(facts: RegistryFacts, agent: string, version: string): string {
  const name = standName(agent, version);
  return profileOf(facts, name) === undefined ? agent : name;
}

function profileOf(facts: RegistryFacts, name: string): AgentProfile | undefined {
  const version = versionOfStand(name);
  const inUse = facts.profiles.get(agentOfStand(name));
  if (version === null || inUse === undefined) return inUse;
  const record = facts.versions.get(inUse.name)?.get(version)?.record ?? null;
  return inUse.version === version ? undefined : (profileOfStand(inUse, record, version) ?? undefined);
}

/**
 * The entry of an agent, or of a version that stands beside the one in use, as the facts have it; undefined where there is
 * none of that name. One that was never heard of is silent.
 */
export function entryOf(facts: RegistryFacts, name: string, nowMs: number): AgentEntry | undefined {
  const profile = profileOf(facts, name);
  if (profile === undefined) return undefined;
  const load = facts.loads.get(name) ?? noLoad;
  const health = facts.health.get(name) ?? { heard_ms: 0, probation: 0 };
  const known = facts.versions.get(agentOfStand(name))?.get(profile.version);
  return {
    profile,
    status: statusOf(profile, load, health, nowMs),
    load,
    health,
    // A copy: the entry belongs to a snapshot, which never changes.
    performance: new Map(known?.performance),
  };
}
