import { advanceRollout, rebuildRollout } from '../../core/rollout/apply-rollout-event.js';
import type { Rollout } from '../../core/rollout/rollout.js';
import type { RolloutEvent } from '../../core/rollout/rollout-event.js';
import { unknownRollout } from '../../core/rollout/rollout-faults.js';
import type { KeptRollout, RolloutStore } from '../../ports/rollout-store.js';

/** A rollout that can be built on. */
export interface ReadRollout {
  readonly seq: number;
  readonly rollout: Rollout;
}

/** A row with what was kept, or, where that cannot be read, with what its story tells. */
async function readKept(store: RolloutStore, { id, seq, rollout }: KeptRollout): Promise<ReadRollout> {
  // The story may have grown since the row was read.
  return { seq, rollout: rollout ?? rebuildRollout(id, (await store.story(id)).slice(0, seq)) };
}

/** All rollouts, newest first, each to be built on. */
export async function readRollouts(store: RolloutStore): Promise<readonly ReadRollout[]> {
  return Promise.all((await store.list()).map((kept) => readKept(store, kept)));
}

/** All rollouts, newest first: what masks are asked of. */
export async function listRollouts(store: RolloutStore): Promise<readonly Rollout[]> {
  return (await readRollouts(store)).map(({ rollout }) => rollout);
}

/**
 * The id of a rollout by its name: the id, the only id that begins or ends so, or a side of the newest that names it.
 * @throws ROLLOUT_UNKNOWN
 */
export async function findRollout(store: RolloutStore, name: string): Promise<string> {
  const rollouts = await listRollouts(store);
  const upper = name.toUpperCase();
  const alike = rollouts.filter(({ id }) => id === upper || id.startsWith(upper) || id.endsWith(upper));
  if (alike.length === 1 && alike[0] !== undefined) return alike[0].id;
  const named =
    rollouts.find(({ subject }) => subject.candidate === name) ??
    rollouts.find(({ subject }) => subject.incumbent === name);
  if (named === undefined) throw unknownRollout(name);
  return named.id;
}

/** What became of a change. `unchanged`: nothing was to be done. `known`: the story tells of this task already. */
export interface RolloutChange extends ReadRollout {
  readonly result: 'changed' | 'unchanged' | 'known';
  /** What was added to its story: the change first, then what the tests made of it. */
  readonly events: readonly RolloutEvent[];
}

/**
 * Adds to a rollout's story what `decide` makes of its present state, and all that the tests make of that. When another
 * process was faster, `decide` is asked again about what it left; null changes nothing. `known` saves the first reading.
 * @throws ROLLOUT_UNKNOWN, and what `decide` throws
 */
export async function changeRollout(
  store: RolloutStore,
  id: string,
  decide: (rollout: Rollout) => RolloutEvent | null,
  known?: ReadRollout,
): Promise<RolloutChange> {
  let from = known ?? (await readKept(store, await store.read(id)));
  for (;;) {
    const event = decide(from.rollout);
    if (event === null) return { ...from, result: 'unchanged', events: [] };
    const { rollout, events } = advanceRollout(from.rollout, event);
    const answer = await store.append(id, from.seq, events, rollout);
    if (answer === 'appended') return { seq: from.seq + events.length, rollout, result: 'changed', events };
    if (answer === 'known') return { ...from, result: 'known', events: [] };
    from = await readKept(store, await store.read(id));
  }
}
