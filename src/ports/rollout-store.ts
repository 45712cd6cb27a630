import type { Rollout } from '../core/rollout/rollout.js';
import type { RolloutEvent } from '../core/rollout/rollout-event.js';

export type RolloutStoreFaultCode = 'ROLLOUT_RUNNING' | 'ROLLOUT_UNKNOWN';

/** A rollout as it was last kept. */
export interface KeptRollout {
  readonly id: string;
  /** Events in its story; what an append has to build on. */
  readonly seq: number;
  /** Null when what was kept cannot be read: the story tells it. */
  readonly rollout: Rollout | null;
}

/**
 * Rollouts and their stories, which only grow. Processes that share the store see one truth.
 * @throws STORE_UNAVAILABLE, DISK_FULL, STORE_FAILED
 */
export interface RolloutStore {
  /**
   * Stores a new rollout with its first events; storing it again changes nothing.
   * @throws ROLLOUT_RUNNING while another one divides the same tasks of one of its sides
   */
  begin(rollout: Rollout, events: readonly RolloutEvent[]): Promise<void>;
  /** All rollouts, newest first. */
  list(): Promise<readonly KeptRollout[]>;
  /** @throws ROLLOUT_UNKNOWN */
  read(id: string): Promise<KeptRollout>;
  /** Its events, oldest first. @throws ROLLOUT_UNKNOWN */
  story(id: string): Promise<readonly RolloutEvent[]>;
  /**
   * Adds to a story that has `seq` events, all of it or nothing. `moved`: it has others by now. `known`: it tells of this
   * outcome, or this shadow decision, of this task already.
   * @throws ROLLOUT_UNKNOWN
   */
  append(
    id: string,
    seq: number,
    events: readonly RolloutEvent[],
    rollout: Rollout,
  ): Promise<'appended' | 'moved' | 'known'>;
}
