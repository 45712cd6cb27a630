import type { AgentProfile } from '../../core/registry/agent-profile.js';
import { type Breaker, closedBreaker } from '../../core/registry/breaker.js';
import { type Health, hear } from '../../core/registry/health.js';
import {
  type AgentHistory,
  type Observation,
  historyKey,
  noHistory,
  rebuildHistories,
} from '../../core/registry/history.js';
import { inheritAll } from '../../core/registry/inherit-all.js';
import type { Load } from '../../core/registry/load.js';
import type { AgentVersionRecord } from '../../core/registry/registry-rows.js';
import { standName } from '../../core/registry/stand.js';
import type { RegistryStore, Taken } from '../../ports/registry-store.js';

/** The registry beside the agents of the same memory. */
export interface MemoryRegistry extends RegistryStore {
  /** An agent was put or removed. */
  noted(agent: AgentProfile | null): void;
  /** The record of a version; null where there is none. */
  recordOf(name: string, version: string): AgentVersionRecord | null;
}

const silence: Health = { heard_ms: 0, probation: 0 };

/** The registry in this process's memory: whatever is asked for, all of it is read. */
export function createMemoryRegistry(
  agents: Map<string, AgentProfile>,
  readLoads: () => Promise<ReadonlyMap<string, Load>>,
): MemoryRegistry {
  const versions = new Map<string, { agent: string; record: AgentVersionRecord }>();
  const outcomes: Observation[] = [];
  const health = new Map<string, Health>();
  const breakers = new Map<string, Breaker>();
  const watchers = new Set<() => void>();
  const tell = (): void => {
    for (const changed of watchers) changed();
  };
  const histories = () => {
    const rebuilt = new Map<string, AgentHistory>(rebuildHistories(outcomes));
    return [...new Map(outcomes.map((one) => [historyKey(one), one]))].map(([key, one]) => {
      const { agent, version, surface, complexity } = one;
      return { place: { agent, version, surface, complexity }, history: rebuilt.get(key) ?? noHistory };
    });
  };
  const set = (agent: string, record: AgentVersionRecord): AgentVersionRecord => {
    versions.set(standName(agent, record.version), { agent, record });
    return record;
  };
  /** A version's record with this profile, standing no more: its own, or one that starts from the version in use. */
  const inheriting = (
    profile: AgentProfile,
    current: AgentProfile,
    { discount, nowMs }: { readonly discount: number; readonly nowMs: number },
  ): AgentVersionRecord => {
    const { stands: _, ...was } = versions.get(standName(profile.name, profile.version))?.record ?? plain(profile);
    if (versions.has(standName(profile.name, profile.version))) return { ...was, profile };
    const own = histories().filter(({ place }) => place.agent === profile.name && place.version === current.version);
    const inherited = inheritAll(
      own.map(({ place, history }) => ({ ...place, history })),
      versions.get(standName(current.name, current.version))?.record.inherited ?? {},
      discount,
    );
    return { ...was, parent: current.version, discount, made_ms: nowMs, inherited };
  };
  const noteVersion = (profile: AgentProfile, record: AgentVersionRecord): AgentVersionRecord => {
    const key = `${profile.name}@${profile.version}`;
    const noted = { ...(versions.get(key)?.record ?? record), profile };
    versions.set(key, { agent: profile.name, record: noted });
    return noted;
  };
  const plain = (profile: AgentProfile): AgentVersionRecord => ({
    version: profile.version,
    parent: null,
    discount: 0,
    made_ms: Date.now(),
    profile,
    inherited: {},
  });
  return {
    async read() {
      const all = structuredClone([...agents.values()]);
      return {
        mark: '0',
        agents: all,
        versions: structuredClone([...versions.values()]),
        histories: histories(),
        health: new Map(health),
        breakers: new Map(breakers),
        loads: await readLoads(),
        agentRows: all.length,
        quarantined: [],
      };
    },
    async watch(changed, signal) {
      if (signal.aborted) return;
      watchers.add(changed);
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      watchers.delete(changed);
    },
    async changeProfile(name, change) {
      const before = agents.get(name);
      if (before === undefined) return null;
      const after = change(before);
      agents.set(name, after);
      noteVersion(after, plain(after));
      tell();
      return after;
    },
    async swapVersion(next, discount, nowMs, from) {
      const current = agents.get(next.name);
      if (current === undefined || (from !== undefined && current.version !== from)) return null;
      agents.set(next.name, next);
      tell();
      return set(next.name, inheriting(next, current, { discount, nowMs }));
    },
    async standBeside(candidate, discount, nowMs) {
      const { name, version } = candidate;
      const current = agents.get(name);
      if (current === undefined || current.version === version) return null;
      const stand = standName(name, version);
      health.set(stand, hear(health.get(stand) ?? { ...silence, heard_ms: nowMs }, nowMs));
      tell();
      return set(name, { ...inheriting(candidate, current, { discount, nowMs }), stands: true });
    },
    async retireVersion(name, version) {
      const was = versions.get(standName(name, version))?.record;
      if (was === undefined || agents.get(name)?.version === version) return null;
      const { stands: _, ...record } = { ...was, profile: { ...was.profile, status: 'retired' as const } };
      tell();
      return set(name, record);
    },
    recordOf: (name, version) => structuredClone(versions.get(standName(name, version))?.record ?? null),
    async observe(observation) {
      const taken = takeIn(outcomes, observation);
      tell();
      return taken;
    },
    async changeHealth(agent, change) {
      const after = change(health.get(agent) ?? silence);
      health.set(agent, after);
      tell();
      return after;
    },
    async changeBreaker(key, change) {
      const after = change(breakers.get(key) ?? closedBreaker);
      breakers.set(key, after);
      tell();
      return after;
    },
    async *observations() {
      yield [...outcomes];
    },
    async putVersion(agent, record) {
      const key = `${agent}@${record.version}`;
      if (versions.has(key)) return false;
      versions.set(key, { agent, record });
      tell();
      return true;
    },
    // Made anew at each reading: there is nothing that could be another.
    mend: async (places = []) => places.map(historyKey),
    noted(agent) {
      if (agent !== null) {
        noteVersion(agent, plain(agent));
        health.set(agent.name, hear(health.get(agent.name) ?? { ...silence, heard_ms: Date.now() }, Date.now()));
      }
      tell();
    },
  };
}

function takeIn(outcomes: Observation[], observation: Observation): Taken {
  const known = outcomes.filter((one) => one.decision_id === observation.decision_id);
  const outcome = outcomeOf(known, observation);
  if (outcome !== 'duplicate') outcomes.push(observation);
  if (outcome === 'duplicate' || outcome === 'superseded') return { outcome, changed: [], mended: false };
  const rebuilt = rebuildHistories(outcomes);
  const places = new Map([...known, observation].map((one) => [historyKey(one), one]));
  const changed = [...places].map(([key, { agent, version, surface, complexity }]) => ({
    place: { agent, version, surface, complexity },
    history: rebuilt.get(key) ?? noHistory,
  }));
  return { outcome, changed, mended: false };
}

function outcomeOf(known: readonly Observation[], { revision }: Observation): Taken['outcome'] {
  if (known.some((one) => one.revision === revision)) return 'duplicate';
  if (known.some((one) => one.revision > revision)) return 'superseded';
  return known.length === 0 ? 'new' : 'revised';
}
