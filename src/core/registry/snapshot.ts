import type { AgentEntry } from './agent-entry.js';
import type { AgentNeed } from './capability-match.js';
import { type TraitIndex, indexedSlots, reindex } from './trait-index.js';

/**
 * All agents at one moment. Never changed: a change makes another snapshot, which shares with this one all that stayed
 * the same, so that who decides by one sees no half of a change.
 */
export interface RegistrySnapshot {
  /** In the order in which they were added; undefined where one was removed. */
  readonly slots: readonly (AgentEntry | undefined)[];
  readonly index: TraitIndex;
  /** Shared with later snapshots and only added to: a slot beyond `slots` is not in this one. */
  readonly slotOf: Map<string, number>;
  readonly size: number;
}

/** A snapshot of these agents, in this order. A name that comes twice counts as its last. */
export function takeSnapshot(entries: Iterable<AgentEntry>): RegistrySnapshot {
  const slots: AgentEntry[] = [];
  const slotOf = new Map<string, number>();
  for (const entry of entries) {
    const slot = slotOf.get(entry.profile.name) ?? slots.length;
    slotOf.set(entry.profile.name, slot);
    slots[slot] = entry;
  }
  const changes = slots.map((after, slot) => ({ slot, before: undefined, after }));
  return { slots, slotOf, size: slots.length, index: reindex(new Map(), changes, slots.length) };
}

/** The agent of a name; undefined where there is none. */
export function findAgent(snapshot: RegistrySnapshot, name: string): AgentEntry | undefined {
  const slot = snapshot.slotOf.get(name);
  return slot === undefined ? undefined : snapshot.slots[slot];
}

/** All agents, in the order in which they were added. */
export function allAgents(snapshot: RegistrySnapshot): readonly AgentEntry[] {
  return snapshot.slots.filter((entry) => entry !== undefined);
}

/** The snapshot with an agent added, or put in the place of the one of its name. */
export function withAgent(snapshot: RegistrySnapshot, entry: AgentEntry): RegistrySnapshot {
  const { slotOf } = snapshot;
  const known = slotOf.get(entry.profile.name);
  const slot = known ?? slotOf.size;
  if (known === undefined) slotOf.set(entry.profile.name, slot);
  return withSlot(snapshot, slot, entry);
}

/** The snapshot without the agent of a name; the same where there is none. One that comes back comes back to its place. */
export function withoutAgent(snapshot: RegistrySnapshot, name: string): RegistrySnapshot {
  const slot = snapshot.slotOf.get(name);
  return slot === undefined || snapshot.slots[slot] === undefined ? snapshot : withSlot(snapshot, slot, undefined);
}

function withSlot(snapshot: RegistrySnapshot, slot: number, after: AgentEntry | undefined): RegistrySnapshot {
  const before = snapshot.slots[slot];
  const slots = snapshot.slots.slice();
  while (slots.length < slot) slots.push(undefined);
  slots[slot] = after;
  return {
    slots,
    slotOf: snapshot.slotOf,
    size: snapshot.size + (after === undefined ? 0 : 1) - (before === undefined ? 0 : 1),
    index: reindex(snapshot.index, [{ slot, before, after }], slots.length),
  };
}

/** Answers of a snapshot that were given before: it never changes, and tasks ask for much the same. */
const answered = new WeakMap<RegistrySnapshot, Map<string, readonly AgentEntry[]>>();
const mostAnswers = 1024;

/** The agents that a task may have, in the order in which they were added: those that `mismatchesOf` finds nothing against. */
export function queryAgents(snapshot: RegistrySnapshot, need: AgentNeed): readonly AgentEntry[] {
  const { context_tokens } = need;
  const found = queryTraits(snapshot, need);
  if (context_tokens === 0) return found;
  return found.filter(({ profile }) => (profile.limits.context_tokens ?? context_tokens) >= context_tokens);
}

function queryTraits(snapshot: RegistrySnapshot, need: AgentNeed): readonly AgentEntry[] {
  const answers = answered.get(snapshot) ?? new Map<string, readonly AgentEntry[]>();
  if (answers.size === 0) answered.set(snapshot, answers);
  const key = questionOf(need);
  const known = answers.get(key);
  if (known !== undefined) return known;
  const found = indexedSlots(snapshot.index, need).flatMap((slot) => snapshot.slots[slot] ?? []);
  if (answers.size < mostAnswers) answers.set(key, found);
  return found;
}

/** What is asked for, but for the context; no word holds what divides them here. */
function questionOf({ task_type, languages, specialisations, residency, statuses, more }: AgentNeed): string {
  const house = Object.entries(more).map(([name, word]) => `${name}=${word}`);
  return `${task_type};${languages.join(',')};${specialisations.join(',')};${residency.join(',')};${statuses.join(',')};${house.join(',')}`;
}
