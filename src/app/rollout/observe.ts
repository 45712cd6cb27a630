import { type Observation, type Uncounted, rolloutOf, takeObservation } from '../../core/rollout/observation.js';
import type { RolloutStore } from '../../ports/rollout-store.js';
import { type ReadRollout, type RolloutChange, changeRollout, readRollouts } from './change-rollout.js';

/** Whether an observation counted, and what it changed. */
export type Observed =
  | { readonly counted: true; readonly change: RolloutChange }
  | { readonly counted: false; readonly why: Uncounted };

/**
 * Tells the rollouts of one outcome, or one decision in the shadow. What the tests make of it, a stage up or the way
 * back, is part of the story in the same step. `known`: all rollouts as they were last read, newest first.
 */
export async function observe(
  store: RolloutStore,
  observation: Observation,
  known?: readonly ReadRollout[],
): Promise<Observed> {
  const all = known ?? (await readRollouts(store));
  const found = rolloutOf(
    observation,
    all.map(({ rollout }) => rollout),
  );
  if (found === null) return { counted: false, why: 'no-rollout' };
  const answer: { why: Uncounted } = { why: 'known' };
  const change = await changeRollout(
    store,
    found.id,
    (present) => {
      const taken = takeObservation(observation, present);
      if (typeof taken !== 'string') return taken;
      answer.why = taken;
      return null;
    },
    all.find(({ rollout }) => rollout === found),
  );
  return change.result === 'changed' ? { counted: true, change } : { counted: false, why: answer.why };
}
