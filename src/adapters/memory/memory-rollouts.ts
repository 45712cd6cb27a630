import { overlap } from '../../core/rollout/admit.js';
import type { Rollout } from '../../core/rollout/rollout.js';
import type { RolloutEvent } from '../../core/rollout/rollout-event.js';
import { runningRollout, unknownRollout } from '../../core/rollout/rollout-faults.js';
import type { KeptRollout, RolloutStore } from '../../ports/rollout-store.js';

interface Kept {
  rollout: Rollout;
  readonly events: RolloutEvent[];
}

/** Rollouts in this process's memory, by the same rules as on PostgreSQL: for tests of what uses a store. */
export function createMemoryRollouts(): RolloutStore {
  const kept = new Map<string, Kept>();
  const find = (id: string): Kept => {
    const found = kept.get(id);
    if (found === undefined) throw unknownRollout(id);
    return found;
  };
  const show = ({ rollout, events }: Kept): KeptRollout => ({
    id: rollout.id,
    seq: events.length,
    rollout: structuredClone(rollout),
  });
  return {
    async begin(rollout, events) {
      if (kept.has(rollout.id)) return;
      const other = [...kept.values()].find((one) => one.rollout.state === 'running' && overlap(one.rollout, rollout));
      if (other !== undefined) throw runningRollout(other.rollout);
      kept.set(rollout.id, { rollout: structuredClone(rollout), events: structuredClone([...events]) });
    },
    list: async () => [...kept.values()].map(show).toSorted((one, other) => (one.id < other.id ? 1 : -1)),
    read: async (id) => show(find(id)),
    story: async (id) => structuredClone(find(id).events),
    async append(id, seq, events, rollout) {
      const found = find(id);
      if (found.events.length !== seq) return 'moved';
      if (events.some((event) => found.events.some((one) => isSameTask(one, event)))) return 'known';
      found.events.push(...structuredClone([...events]));
      found.rollout = structuredClone(rollout);
      return 'appended';
    },
  };
}

function isSameTask(one: RolloutEvent, other: RolloutEvent): boolean {
  return one.type === other.type && 'task_id' in one && 'task_id' in other && one.task_id === other.task_id;
}
