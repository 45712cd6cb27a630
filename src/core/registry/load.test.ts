import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.js';
import { chancesOfTwo, utilisationOf } from './load.js';

const unit = fc.double({ min: 0, max: 1, noNaN: true });
const scenes = fc
  .array(fc.record({ weight: fc.integer({ min: 0, max: 9 }), utilisation: fc.integer({ min: 0, max: 3 }) }), {
    minLength: 1,
    maxLength: 9,
  })
  .filter((all) => all.some(({ weight }) => weight > 0))
  .map((all) => {
    const total = all.reduce((sum, { weight }) => sum + weight, 0);
    return { chances: all.map(({ weight }) => weight / total), loads: all.map(({ utilisation }) => utilisation / 2) };
  });

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** The same by what it means: every pair of draws, each with its probability. */
function countPairs(chances: readonly number[], loads: readonly number[], share: number): number[] {
  const won = chances.map(() => 0);
  const give = (at: number, chance: number): void => void (won[at] = (won[at] ?? 0) + chance);
  for (const [first, chance] of chances.entries()) {
    if (chances.length === 1) give(first, chance);
    for (const second of chances.keys()) {
      if (second === first) continue;
      const pair = chance / (chances.length - 1);
      give(first, pair * (1 - share));
      give((loads[second] ?? 0) < (loads[first] ?? 0) ? second : first, pair * share);
    }
  }
  return won;
}

describe('the power of two choices', () => {
  test.prop([scenes, unit])('in closed form is what counting all pairs of draws gives', ({ chances, loads }, share) => {
    const closed = chancesOfTwo(chances, loads, share);
    for (const [at, chance] of countPairs(chances, loads, share).entries()) expect(closed[at]).toBeCloseTo(chance, 12);
  });

  test.prop([scenes, unit])('keeps the sum, and leaves everybody 1 − share of the chance it had', (scene, share) => {
    const after = chancesOfTwo(scene.chances, scene.loads, share);
    expect(sumOf(after)).toBeCloseTo(1, 12);
    for (const [at, chance] of scene.chances.entries()) {
      expect(after[at]).toBeGreaterThanOrEqual((1 - share) * chance - 1e-15);
    }
  });

  it('moves nothing where all are equally busy, and everything from who is busiest at a share of 1', () => {
    expect(chancesOfTwo([0.5, 0.3, 0.2], [1, 1, 1], 1)).toEqual([0.5, 0.3, 0.2].map((one) => expect.closeTo(one, 12)));
    expect(chancesOfTwo([0.9, 0.1], [1, 0], 1)).toEqual([0, 1]);
    expect(chancesOfTwo([0.9, 0.1], [1, 0], 0.9)).toEqual([expect.closeTo(0.09, 12), expect.closeTo(0.91, 12)]);
    expect(chancesOfTwo([1], [7], 0.9)).toEqual([1]);
    expect(chancesOfTwo([], [], 0.9)).toEqual([]);
  });

  it('spreads far better than chance: the fullest of 50 holds little more than the mean of 100, at a share of 0.9 too', () => {
    const random = createRandom(7);
    const even = Array.from({ length: 50 }, () => 1 / 50);
    const fullest = (share: number): number => {
      const loads = even.map(() => 0);
      for (let task = 0; task < 5000; task += 1) {
        const draw = random.uniform();
        let below = 0;
        const at = chancesOfTwo(even, loads, share).findIndex((chance) => (below += chance) > draw);
        loads[at] = (loads[at] ?? 0) + 1;
      }
      return Math.max(...loads);
    };
    expect(fullest(1)).toBeLessThanOrEqual(104);
    expect(fullest(0.9)).toBeLessThanOrEqual(105);
    expect(fullest(0)).toBeGreaterThan(115);
  });

  it('counts what waits', () => {
    expect(utilisationOf({ running: 2, waiting: 4 }, 4)).toBe(1.5);
  });
});
