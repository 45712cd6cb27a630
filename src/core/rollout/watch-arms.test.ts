import { fc, it as law } from '@fast-check/vitest';
import { expect, it } from 'vitest';
import { type WatchedOutcome, watchArms } from './watch-arms.js';

const hourMs = 3_600_000;
const run = (
  key: string,
  count: number,
  every: number,
  rewardOf: (index: number) => number,
  fromMs = 0,
): WatchedOutcome[] =>
  Array.from({ length: count }, (_, index) => ({
    key,
    surface: 'code-editing',
    reward: rewardOf(index),
    at_ms: fromMs + index * every,
  }));
const eightOfTen = (index: number): number => (index % 10 < 8 ? 1 : 0);
const fiveOfTen = (index: number): number => (index % 10 < 5 ? 1 : 0);

it('counts a year in what the arm is asked in one, by the time that its learning took', () => {
  const [hourly] = watchArms(run('a@1', 250, hourMs, eightOfTen), 0.1);
  expect(hourly?.per_year).toBeGreaterThan(8700);
  expect(hourly?.per_year).toBeLessThan(8900);
  const [weekly] = watchArms(run('a@1', 250, 7 * 24 * hourMs, eightOfTen), 0.1);
  expect(weekly?.per_year).toBe(365);
  expect(watchArms(run('a@1', 199, hourMs, eightOfTen), 0.1)[0]).toMatchObject({ per_year: null, outcomes: 199 });
});

it('raises an alarm for the arm that fell, at the outcome that showed it, and for no other', () => {
  const fell = [...run('a@1', 300, hourMs, eightOfTen), ...run('a@1', 100, hourMs, fiveOfTen, 300 * hourMs)];
  const arms = watchArms([...fell, ...run('b@1', 400, hourMs, eightOfTen)], 0.1);
  expect(arms.map(({ key, watch }) => [key, watch.alarms])).toEqual([
    ['a@1', 1],
    ['b@1', 0],
  ]);
  const at = (arms[0]?.watch.alarmed_at_ms ?? 0) / hourMs;
  expect(at).toBeGreaterThan(305);
  expect(at).toBeLessThan(390);
  expect(arms[0]?.since_ms).toBeGreaterThan(arms[0]?.watch.alarmed_at_ms ?? Infinity);
});

law.prop([
  fc.array(fc.tuple(fc.constantFrom('a@1', 'b@1'), fc.double({ min: 0, max: 1, noNaN: true })), { maxLength: 500 }),
])('the order of outcomes of different arms is irrelevant', (outcomes) => {
  const all = outcomes.map(([key, reward], index) => ({ key, surface: 's', reward, at_ms: index * hourMs }));
  const sorted = all.toSorted((one, other) => (one.key < other.key ? -1 : one.key > other.key ? 1 : 0));
  const byKey = (given: readonly WatchedOutcome[]) =>
    Object.fromEntries(watchArms(given, 0.1).map((arm) => [arm.key, arm]));
  expect(byKey(sorted)).toEqual(byKey(all));
});
