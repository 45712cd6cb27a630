import { isAlarmed, tuneCusum, watchReward } from '../../src/core/rollout/cusum.js';
import { learningOutcomes, newDriftWatch, watchOutcome } from '../../src/core/rollout/drift-watch.js';
import { createCoins } from './coins.js';

const drop = 0.1;

/** What the alarms do at an arm of one rate with so many outcomes a year. */
export interface Drift {
  /** False alarms a year, the arm's level known, and learned from its first outcomes. */
  readonly known: number;
  readonly learned: number;
  /** Outcomes until a fall of ten points is seen, on average. */
  readonly delay: number;
  /** Days a year on which “5 % below the 90-day median” fires at an arm that never changes. */
  readonly ruleDays: number;
}

/** Simulates `years` of each. */
export function simulateDrift(seed: number, rate: number, perYear: number, years: number): Drift {
  const coins = createCoins(seed);
  const pass = (): number => (coins() < rate ? 1 : 0);
  const rest = tuneCusum(rate, drop, perYear);
  let known = 0;
  for (let cusum = rest, outcome = 0; outcome < perYear * years; outcome += 1) {
    cusum = watchReward(cusum, pass());
    if (!isAlarmed(cusum)) continue;
    known += 1;
    cusum = rest;
  }
  let learned = 0;
  for (let year = 0; year < years; year += 1) {
    let watch = newDriftWatch;
    for (let outcome = 0; outcome < learningOutcomes + perYear; outcome += 1) {
      watch = watchOutcome(watch, pass(), outcome, { outcomes_per_year: perYear, drop });
    }
    learned += watch.alarms;
  }
  let fallen = 0;
  for (let run = 0; run < 200; run += 1) {
    for (let cusum = rest; !isAlarmed(cusum); fallen += 1) cusum = watchReward(cusum, coins() < rate - drop ? 1 : 0);
  }
  return {
    known: known / years,
    learned: learned / years,
    delay: fallen / 200,
    ruleDays: countRuleDays(pass, perYear),
  };
}

function countRuleDays(pass: () => number, perYear: number): number {
  const perDay = Math.max(1, Math.round(perYear / 365));
  const days = Array.from({ length: 90 + 365 * 4 }, () => {
    let sum = 0;
    for (let task = 0; task < perDay; task += 1) sum += pass();
    return sum / perDay;
  });
  const fired = days.slice(90).filter((mean, day) => {
    const before = days.slice(day, day + 90).toSorted((one, other) => one - other);
    return mean < 0.95 * (before[45] ?? 0);
  });
  return fired.length / 4;
}
