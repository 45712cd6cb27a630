import { describe, expect, it } from 'vitest';
import { advanceRollout, applyRolloutEvent, beginRollout } from './apply-rollout-event.js';
import { type Bet, logEvidence, newBet, playRound } from './bet.js';
import { isAlarmed, tuneCusum, watchReward } from './cusum.js';
import { learningOutcomes, newDriftWatch, watchOutcome } from './drift-watch.js';
import { thresholdsOf } from './judge-rollout.js';
import { type Rollout, rolloutOptionsSchema } from './rollout.js';

// What is claimed of the tests, by simulation with a seed; the long one is bench/routing/rollout.ts.
const options = rolloutOptionsSchema.parse({});
const limits = thresholdsOf(options);

/** Mulberry32: numbers in [0, 1). */
function createCoins(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function runCanary(seed: number, rates: { incumbent: number; candidate: number }, outcomes: number): Rollout {
  const coins = createCoins(seed);
  const begun = beginRollout('01JDQ5E4M0ABCDEFGHJKMNPQRS', {
    type: 'rollout-started',
    at_ms: 0,
    by: 'a',
    subject: { kind: 'agent', incumbent: 'a@1', candidate: 'a@2' },
    brought: null,
    surface: null,
    options,
  });
  let state = applyRolloutEvent(begun, { type: 'stage-reached', at_ms: 0, stage: 'canary-10', by: null, why: '' });
  while (state.state === 'running' && state.stage === 'canary-10' && state.stage_outcomes < outcomes) {
    const side = coins() < 0.1 ? 'candidate' : 'incumbent';
    const reward = coins() < rates[side] ? 1 : 0;
    state = advanceRollout(state, {
      type: 'outcome-observed',
      at_ms: 0,
      task_id: 't',
      side,
      reward,
      fault: false,
    }).rollout;
  }
  return state;
}

/** Whether a bet ever reaches the limit within so many rounds, looked at after each. */
function everReaches(limit: number, rounds: number, gain: () => number, worst: number): boolean {
  let bet: Bet = newBet;
  for (let round = 0; round < rounds; round += 1) {
    bet = playRound(bet, gain(), worst);
    if (logEvidence(bet) >= Math.log(limit)) return true;
  }
  return false;
}

const shareOf = (runs: number, holds: (seed: number) => boolean): number =>
  Array.from({ length: runs }, (_, seed) => holds(seed)).filter(Boolean).length / runs;

describe('bets looked at after every outcome', () => {
  it.each([0.3, 0.5, 0.7, 0.9])('of an equal candidate (both pass %s) at most 5 of 100 are called worse', (rate) => {
    const wrong = shareOf(600, (seed) => {
      const coins = createCoins(seed * 31 + rate * 1000);
      const pair = () => (coins() < rate ? 1 : 0) - (coins() < rate ? 1 : 0);
      return everReaches(limits.harm, 400, pair, 1);
    });
    expect(wrong).toBeLessThanOrEqual(0.05);
  });

  it('of a candidate that is worse by exactly the margin at most 5 of 100 are called good enough', () => {
    const wrong = shareOf(600, (seed) => {
      const coins = createCoins(seed * 17 + 3);
      const pair = () => (coins() < 0.6 ? 1 : 0) - (coins() < 0.7 ? 1 : 0) + options.margin;
      return everReaches(limits.merit, 400, pair, 1 - options.margin);
    });
    expect(wrong).toBeLessThanOrEqual(0.05);
  });

  it('a fixed test that is looked at after every outcome calls many more equal ones worse', () => {
    const wrong = shareOf(400, (seed) => {
      const coins = createCoins(seed * 13 + 7);
      let [sum, squares] = [0, 0];
      for (let round = 1; round <= 400; round += 1) {
        const difference = (coins() < 0.7 ? 1 : 0) - (coins() < 0.7 ? 1 : 0);
        sum += difference;
        squares += difference ** 2;
        const spread = Math.sqrt(squares / round - (sum / round) ** 2);
        if (round >= 10 && spread > 0 && -sum / round / (spread / Math.sqrt(round)) > 1.645) return true;
      }
      return false;
    });
    expect(wrong).toBeGreaterThan(0.2);
  });

  it('catches a drop of 10 points in 98 of 100 canaries, most of them long before', () => {
    const canaries = Array.from({ length: 60 }, (_, seed) =>
      runCanary(seed * 7 + 1, { incumbent: 0.7, candidate: 0.6 }, options.patience),
    );
    const caught = canaries.filter(({ ended }) => ended?.cause === 'regression');
    expect(caught.length / canaries.length).toBeGreaterThanOrEqual(0.96);
    const outcomes = caught.map(({ stage_outcomes }) => stage_outcomes).sort((one, other) => one - other);
    expect(outcomes[Math.floor(outcomes.length / 2)]).toBeLessThan(300);
  });

  it('promotes a candidate that is as good, and may leave one in between undecided', () => {
    const equal = Array.from({ length: 40 }, (_, seed) =>
      runCanary(seed + 900, { incumbent: 0.7, candidate: 0.7 }, 600),
    );
    expect(equal.filter(({ stage }) => stage === 'canary-25').length).toBeGreaterThanOrEqual(34);
    const between = Array.from({ length: 20 }, (_, seed) =>
      runCanary(seed + 99, { incumbent: 0.7, candidate: 0.65 }, 150),
    );
    expect(between.filter(({ state, stage }) => state === 'running' && stage === 'canary-10').length).toBeGreaterThan(
      8,
    );
  });
});

describe('drift alarms', () => {
  it.each([
    [0.3, 2000],
    [0.7, 2000],
    [0.9, 7300],
  ])('an arm that stays at %s is alarmed about once in %i outcomes', (rate, year) => {
    const coins = createCoins(year + rate * 100);
    const rest = tuneCusum(rate, 0.1, year);
    let [cusum, alarms] = [rest, 0];
    for (let outcome = 0; outcome < year * 100; outcome += 1) {
      cusum = watchReward(cusum, coins() < rate ? 1 : 0);
      if (!isAlarmed(cusum)) continue;
      alarms += 1;
      cusum = rest;
    }
    expect(alarms).toBeGreaterThan(60);
    expect(alarms).toBeLessThan(145);
  });

  const drift = { outcomes_per_year: 3650, drop: 0.1 };
  it('with a level that had to be learned there is less than one false alarm a year', () => {
    const coins = createCoins(11);
    let alarms = 0;
    for (let year = 0; year < 60; year += 1) {
      let watch = newDriftWatch;
      for (let outcome = 0; outcome < learningOutcomes + 3650; outcome += 1) {
        watch = watchOutcome(watch, coins() < 0.7 ? 1 : 0, outcome, drift);
      }
      alarms += watch.alarms;
    }
    expect(alarms / 60).toBeLessThan(1);
  });

  it('where “5 % below the 90-day median” fires on a hundred days of a year in which nothing happened', () => {
    const coins = createCoins(12);
    const days = Array.from(
      { length: 90 + 365 * 4 },
      () => Array.from({ length: 10 }, () => (coins() < 0.7 ? 1 : 0)).reduce<number>((sum, pass) => sum + pass, 0) / 10,
    );
    const fired = days.slice(90).filter((mean, day) => {
      const before = days.slice(day, day + 90).sort((one, other) => one - other);
      return mean < 0.95 * (before[45] ?? 0);
    });
    expect(fired.length / 4).toBeGreaterThan(100);
  });

  it('sees a fall of 20 points within a hundred outcomes, and learns the new level after it', () => {
    const coins = createCoins(13);
    let watch = newDriftWatch;
    for (let outcome = 0; outcome < 1000; outcome += 1)
      watch = watchOutcome(watch, coins() < 0.8 ? 1 : 0, outcome, drift);
    expect(watch.alarms).toBe(0);
    let outcome = 1000;
    for (; watch.alarms === 0; outcome += 1) watch = watchOutcome(watch, coins() < 0.6 ? 1 : 0, outcome, drift);
    expect(outcome - 1000).toBeLessThan(100);
    expect(watch).toMatchObject({ alarms: 1, alarmed_at_ms: outcome - 1, cusum: null, learned: { outcomes: 0 } });
  });
});
