import type { AgentNeed } from './capability-match.js';
import type { AgentEntry } from './agent-entry.js';

/** For each trait the slots of the agents that have it, one bit a slot. Sets may be shorter than there are slots. */
export type TraitIndex = ReadonlyMap<string, Uint32Array>;

/** What became of a slot. */
export interface SlotChange {
  readonly slot: number;
  readonly before: AgentEntry | undefined;
  readonly after: AgentEntry | undefined;
}

/** The index after these changes; sets that they do not touch are shared with it. */
export function reindex(index: TraitIndex, changes: readonly SlotChange[], slots: number): TraitIndex {
  const touched = new Map<string, Uint32Array>();
  const set = (trait: string): Uint32Array => {
    const known = touched.get(trait);
    if (known !== undefined) return known;
    const bits = new Uint32Array((slots + 31) >>> 5);
    bits.set(index.get(trait) ?? []);
    touched.set(trait, bits);
    return bits;
  };
  for (const { slot, before, after } of changes) {
    const old = traitsOf(before);
    const now = traitsOf(after);
    for (const trait of old) if (!now.has(trait)) flip(set(trait), slot);
    for (const trait of now) if (!old.has(trait)) flip(set(trait), slot);
  }
  return touched.size === 0 ? index : new Map([...index, ...touched]);
}

function flip(bits: Uint32Array, slot: number): void {
  bits[slot >>> 5] = (bits[slot >>> 5] ?? 0) ^ (1 << (slot & 31));
}

/** Where a list says nothing, it excludes nothing: `*` stands for that. */
function traitsOf(entry: AgentEntry | undefined): ReadonlySet<string> {
  const traits = new Set<string>();
  if (entry === undefined) return traits;
  const { capabilities: can, residency } = entry.profile;
  const list = (part: string, words: readonly string[]): void => {
    for (const word of words.length === 0 ? ['*'] : words) traits.add(`${part}:${word}`);
  };
  list('task', can.task_types);
  list('language', can.languages);
  list('specialisation', can.specialisations);
  // Of what a house adds only what is said is indexed; who does not say is found by what is not there.
  for (const [name, words] of Object.entries(can.more)) if (words.length > 0) list(`more.${name}`, [...words, '=']);
  for (const place of residency) traits.add(`residency:${place}`);
  traits.add(`status:${entry.status}`);
  return traits;
}

const none = new Uint32Array();

/** A condition on a slot: in any of the sets, or (`unless`) not in that one. */
interface Condition {
  readonly any: readonly Uint32Array[];
  readonly unless: Uint32Array | null;
}

/** Slots that have every trait that is asked for (context excepted), ascending. */
export function indexedSlots(index: TraitIndex, need: AgentNeed): readonly number[] {
  const conditions = conditionsOf(index, need);
  const slots: number[] = [];
  const length = Math.max(0, ...(conditions[0]?.any ?? []).map((bits) => bits.length));
  for (let word = 0; word < length; word += 1) {
    let bits = -1;
    for (const condition of conditions) bits &= wordOf(condition, word);
    while (bits !== 0) {
      const lowest = bits & -bits;
      slots.push(word * 32 + (31 - Math.clz32(lowest)));
      bits ^= lowest;
    }
  }
  return slots;
}

function wordOf({ any, unless }: Condition, word: number): number {
  let bits = unless === null ? 0 : ~(unless[word] ?? 0);
  for (const set of any) bits |= set[word] ?? 0;
  return bits;
}

/** The first condition bounds the slots: each agent has a status. */
function conditionsOf(index: TraitIndex, need: AgentNeed): readonly Condition[] {
  const setOf = (trait: string): Uint32Array => index.get(trait) ?? none;
  const any = (...traits: string[]): Condition => ({ any: traits.map(setOf), unless: null });
  const conditions = [any(...need.statuses.map((status) => `status:${status}`))];
  if (need.task_type !== null) conditions.push(any(`task:${need.task_type}`, 'task:*'));
  for (const language of need.languages) conditions.push(any(`language:${language}`, 'language:*'));
  for (const word of need.specialisations) conditions.push(any(`specialisation:${word}`, 'specialisation:*'));
  if (need.residency.length > 0) conditions.push(any(...need.residency.map((place) => `residency:${place}`)));
  for (const [name, wanted] of Object.entries(need.more)) {
    conditions.push({ any: [setOf(`more.${name}:${wanted}`)], unless: setOf(`more.${name}:=`) });
  }
  return conditions;
}
