import type { AgentProfile } from '../../core/registry/agent-profile.js';
import {
  type Admission,
  type CallFault,
  admit,
  closeBreaker,
  closedBreaker,
  takeTrial,
  tripBreaker,
} from '../../core/registry/breaker.js';
import { hear, judgeConduct } from '../../core/registry/health.js';
import type { Observation } from '../../core/registry/history.js';
import type { AgentVersionRecord, QuarantinedRow } from '../../core/registry/registry-rows.js';
import {
  type RegistrySnapshot,
  allAgents,
  takeSnapshot,
  withAgent,
  withoutAgent,
} from '../../core/registry/snapshot.js';
import { standName } from '../../core/registry/stand.js';
import type { Clock } from '../../ports/clock.js';
import type { RegistryStore, Taken } from '../../ports/registry-store.js';
import type { AgentStore } from '../../ports/task-store.js';
import {
  type RegistryFacts,
  entryOf,
  learnChanges,
  learnHistory,
  learnVersion,
  noFacts,
  standOf,
  standingNames,
} from './registry-facts.js';

/** Where the registry is kept. */
export interface RegistryPlace {
  readonly registry: RegistryStore;
  readonly agents: AgentStore;
}

/** The registry in this process's memory: asked without waiting, told of changes at once, and kept up with the others. */
export interface Registry {
  /** As it is now. What was taken never changes. */
  snapshot(): RegistrySnapshot;
  facts(): RegistryFacts;
  /** Rows that could not be read when they were last looked at. */
  quarantined(): readonly QuarantinedRow[];
  /** Reads what others changed, and what time has changed (who fell silent). */
  refresh(): Promise<void>;
  /** Keeps up until the signal fires. */
  follow(signal: AbortSignal): Promise<void>;
  register(profile: AgentProfile): Promise<void>;
  /** Null where there is no such agent. @throws AGENT_UNREADABLE */
  update(name: string, change: (before: AgentProfile) => AgentProfile): Promise<AgentProfile | null>;
  /** Null where there is no such agent, or where `from` is said and another version is in use. @throws AGENT_UNREADABLE */
  swap(next: AgentProfile, discount: number, from?: string): Promise<AgentVersionRecord | null>;
  /** A version stands beside the one in use. Null where there is no such agent, or it is in use. @throws AGENT_UNREADABLE */
  standBeside(candidate: AgentProfile, discount: number): Promise<AgentVersionRecord | null>;
  /** A version that is not in use stands no more. */
  retire(name: string, version: string): Promise<AgentVersionRecord | null>;
  /** A verdict came of an attempt: taken in once. `endpoint` had answered, null: none was asked. */
  recordOutcome(observation: Observation, endpoint: string | null): Promise<Taken>;
  /** Takes an outcome into the history and nothing else: it came late, or of an attempt that nobody answered. */
  takeOutcome(observation: Observation): Promise<Taken>;
  /** An agent or its endpoint failed in a call: the breakers that are named count it, and probation starts over. */
  recordFault(agent: string, keys: readonly string[], fault: CallFault): Promise<void>;
  /** The agent could be asked, or answered. */
  heard(agent: string): Promise<void>;
  /** A call went well: the breakers that it went through close. */
  answered(keys: readonly string[]): Promise<void>;
  /** What a breaker says right now to a task (left out: to nobody in particular). */
  admits(key: string, taskId?: string | null): Admission;
  /**
   * Takes the one trial of a half-open breaker for a task, over all processes; false where another has it. A closed one
   * needs none, and who has it keeps it.
   */
  tryCall(key: string, taskId?: string | null): Promise<boolean>;
}

/** The key of an agent's breaker. */
export function agentBreaker(name: string): string {
  return `agent:${name}`;
}

/** The key of an endpoint's breaker, which all agents that call it share. */
export function endpointBreaker(baseUrl: string): string {
  return `endpoint:${baseUrl}`;
}

/** Reads the whole registry. What cannot be read is set aside and told by `quarantined`. */
export async function openRegistry({ registry: store, agents }: RegistryPlace, clock: Clock): Promise<Registry> {
  let facts = noFacts();
  let mark: string | null = null;
  let quarantined: readonly QuarantinedRow[] = [];
  let snapshot = takeSnapshot([]);
  let reading: Promise<void> | null = null;
  let waiting = false;
  let writes = 0;

  /** Puts what the facts say of an agent in the snapshot; visible to whoever asks next. */
  const show = (name: string): void => {
    writes += 1;
    const entry = entryOf(facts, name, clock.nowMs());
    snapshot = entry === undefined ? withoutAgent(snapshot, name) : withAgent(snapshot, entry);
  };
  const showVersion = (name: string, record: AgentVersionRecord): AgentVersionRecord => {
    learnVersion(facts, name, record);
    show(name);
    show(standName(name, record.version));
    return record;
  };
  const readAll = async (): Promise<void> => {
    const whole = await store.read(null);
    const fresh = noFacts();
    learnChanges(fresh, whole);
    const nowMs = clock.nowMs();
    const entries = standingNames(fresh).map((name) => entryOf(fresh, name, nowMs));
    facts = fresh;
    mark = whole.mark;
    quarantined = whole.quarantined;
    snapshot = takeSnapshot(entries.filter((entry) => entry !== undefined));
  };
  const readNews = async (tries = 3): Promise<void> => {
    const before = writes;
    const news = await store.read(mark);
    // What was written here meanwhile may be newer than what was read, and must not be undone by it.
    if (writes !== before && tries > 0) return readNews(tries - 1);
    const badAgents = (rows: readonly QuarantinedRow[]): number =>
      rows.filter(({ table }) => table === 'agents').length;
    const touched = learnChanges(facts, news);
    // Rows that were removed, or became unreadable (or readable again), are seen by reading all.
    if (news.quarantined.length > 0 || news.agentRows !== facts.profiles.size + badAgents(quarantined))
      return readAll();
    mark = news.mark;
    for (const name of touched) show(name);
    const nowMs = clock.nowMs();
    for (const entry of allAgents(snapshot)) {
      const { name } = entry.profile;
      if (entryOf(facts, name, nowMs)?.status !== entry.status) show(name);
    }
  };
  const refresh = (): Promise<void> => {
    // Who asks while it is read is told by the next read, which sees what made it ask.
    const next = (reading ?? Promise.resolve()).catch(() => undefined).then(() => readNews());
    const done = next.finally(() => {
      if (reading === done) reading = null;
    });
    reading = done;
    return done;
  };
  const takeOutcome = async (observation: Observation): Promise<Taken> => {
    const taken = await store.observe(observation);
    for (const { place, history } of taken.changed) learnHistory(facts, place, history);
    show(standOf(facts, observation.agent, observation.version));
    return taken;
  };
  const changeHealth = async (agent: string, change: Parameters<RegistryStore['changeHealth']>[1]): Promise<void> => {
    facts.health.set(agent, await store.changeHealth(agent, change));
    show(agent);
  };
  const close = async (key: string): Promise<void> => {
    const known = facts.breakers.get(key);
    // One that never counted anything has nothing to forget.
    if (known === undefined || (known.open_until_ms === null && Object.keys(known.row).length === 0)) return;
    facts.breakers.set(key, await store.changeBreaker(key, closeBreaker));
  };
  await readAll();
  return {
    snapshot: () => snapshot,
    facts: () => facts,
    quarantined: () => quarantined,
    refresh,
    follow: (signal) => store.watch(refreshOnce, signal),
    async register(profile) {
      await agents.put(profile);
      facts.profiles.set(profile.name, profile);
      facts.health.set(
        profile.name,
        hear(facts.health.get(profile.name) ?? { heard_ms: clock.nowMs(), probation: 0 }, clock.nowMs()),
      );
      show(profile.name);
    },
    async update(name, change) {
      const after = await store.changeProfile(name, change);
      if (after !== null) {
        facts.profiles.set(name, after);
        show(name);
      }
      return after;
    },
    async swap(next, discount, from) {
      const record = await store.swapVersion(next, discount, clock.nowMs(), from);
      if (record === null) return null;
      facts.profiles.set(next.name, next);
      return showVersion(next.name, record);
    },
    async standBeside(candidate, discount) {
      const record = await store.standBeside(candidate, discount, clock.nowMs());
      return record === null ? null : showVersion(candidate.name, record);
    },
    async retire(name, version) {
      const record = await store.retireVersion(name, version);
      return record === null ? null : showVersion(name, record);
    },
    takeOutcome,
    async recordOutcome(observation, endpoint) {
      const taken = await takeOutcome(observation);
      const name = standOf(facts, observation.agent, observation.version);
      if (taken.outcome !== 'new') return taken;
      await changeHealth(name, (health) => judgeConduct(health, 'worked', clock.nowMs()));
      await close(agentBreaker(name));
      if (endpoint !== null) await close(endpointBreaker(endpoint));
      return taken;
    },
    async recordFault(agent, keys, fault) {
      for (const key of keys)
        facts.breakers.set(key, await store.changeBreaker(key, (before) => tripBreaker(before, fault)));
      await changeHealth(agent, (health) => judgeConduct(health, 'fault', fault.atMs));
    },
    heard: (agent) => changeHealth(agent, (health) => hear(health, clock.nowMs())),
    async answered(keys) {
      for (const key of keys) await close(key);
    },
    admits: (key, taskId = null) => admit(facts.breakers.get(key) ?? closedBreaker, clock.nowMs(), taskId),
    async tryCall(key, taskId = null) {
      let isMine = false;
      const after = await store.changeBreaker(key, (before) => {
        const { state } = admit(before, clock.nowMs(), taskId);
        isMine = state !== 'open';
        return takeTrial(before, clock.nowMs(), taskId);
      });
      facts.breakers.set(key, after);
      return isMine;
    },
  };

  /** Many words of others at once ask for one read after the one that is under way. */
  function refreshOnce(): void {
    if (waiting) return;
    waiting = true;
    void (reading ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => {
        waiting = false;
        return refresh();
      })
      // A store that does not answer is asked again at the next look.
      .catch(() => undefined);
  }
}
