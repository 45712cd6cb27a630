import { advanceRollout, applyRolloutEvent, beginRollout } from '../../src/core/rollout/apply-rollout-event.js';
import { type Rollout, rolloutOptionsSchema } from '../../src/core/rollout/rollout.js';
import { percentOf } from '../../src/core/rollout/stage.js';
import { createCoins } from './coins.js';

/** What one simulated rollout came to. */
export interface Canary {
  readonly end: 'rolled-back' | 'full' | 'undecided';
  /** Outcomes of the candidate until then. */
  readonly candidate: number;
  /** Tasks of both sides until then. */
  readonly tasks: number;
}

export interface Rates {
  readonly incumbent: number;
  readonly candidate: number;
}

const options = rolloutOptionsSchema.parse({});

/**
 * A rollout from 10 % on, with a look after every outcome, until it is taken back, at the top, or past its patience in a
 * stage. Pass/fail outcomes at the given rates; a task goes to the candidate by a coin of the stage's percentage.
 */
export function simulateCanary(seed: number, rates: Rates): Canary {
  const coins = createCoins(seed);
  let state = startCanary();
  let tasks = 0;
  while (state.state === 'running' && state.stage !== 'full' && state.stage_outcomes < options.patience) {
    const side = coins() * 100 < percentOf(state.stage) ? 'candidate' : 'incumbent';
    const reward = coins() < rates[side] ? 1 : 0;
    tasks += 1;
    state = advanceRollout(state, {
      type: 'outcome-observed',
      at_ms: 0,
      task_id: 't',
      side,
      reward,
      fault: false,
    }).rollout;
  }
  const { outcomes } = state.comparison.tally.candidate;
  const end = state.state === 'rolled-back' ? 'rolled-back' : state.stage === 'full' ? 'full' : 'undecided';
  return { end, candidate: outcomes, tasks };
}

function startCanary(): Rollout {
  const begun = beginRollout('01JDQ5E4M0ABCDEFGHJKMNPQRS', {
    type: 'rollout-started',
    at_ms: 0,
    by: 'bench',
    subject: { kind: 'agent', incumbent: 'a@1', candidate: 'a@2' },
    brought: null,
    surface: null,
    options,
  });
  return applyRolloutEvent(begun, { type: 'stage-reached', at_ms: 0, stage: 'canary-10', by: null, why: '' });
}

/** Whether a one-sided t-test at 5 %, looked at after every pair from the tenth on, ever calls the candidate worse. */
export function peekFixedTest(seed: number, rate: number, pairs: number): boolean {
  const coins = createCoins(seed);
  let [sum, squares] = [0, 0];
  for (let pair = 1; pair <= pairs; pair += 1) {
    const difference = (coins() < rate ? 1 : 0) - (coins() < rate ? 1 : 0);
    sum += difference;
    squares += difference ** 2;
    const spread = Math.sqrt(squares / pair - (sum / pair) ** 2);
    if (pair >= 10 && spread > 0 && -sum / pair / (spread / Math.sqrt(pair)) > 1.645) return true;
  }
  return false;
}
