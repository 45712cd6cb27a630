import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { type Bearer, chooseOfTwo, utilisationOf } from './load.js';

/** Park and Miller's generator: enough to spread a few thousand tasks. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

const unit = fc.double({ min: 0, max: 0.999999, noNaN: true });
const bearers = fc
  .array(fc.double({ min: 0, max: 3, noNaN: true }), { minLength: 1, maxLength: 12 })
  .map((all) => all.map((utilisation, index): Bearer => ({ name: `a${index}`, utilisation })));

describe('load', () => {
  test.prop([bearers, unit, unit])('never goes to the one with most to do while there is another', (equals, a, b) => {
    const chosen = chooseOfTwo(equals, [a, b]);
    expect(equals).toContain(chosen);
    const most = Math.max(...equals.map((one) => one.utilisation));
    const others = equals.filter((one) => one.utilisation < most);
    if (others.length === equals.length - 1 && others.length > 0) expect(chosen?.utilisation).toBeLessThan(most);
  });

  it('spreads far better than chance: the fullest of 50 holds little more than the mean', () => {
    const random = createRandom(7);
    const fullest = (choose: (all: Bearer[]) => Bearer | null): number => {
      let all = Array.from({ length: 50 }, (_, index): Bearer => ({ name: `a${index}`, utilisation: 0 }));
      for (let task = 0; task < 5000; task += 1) {
        const name = choose(all)?.name;
        all = all.map((one) => (one.name === name ? { ...one, utilisation: one.utilisation + 1 } : one));
      }
      return Math.max(...all.map((one) => one.utilisation));
    };
    expect(fullest((all) => chooseOfTwo(all, [random(), random()]))).toBeLessThanOrEqual(104);
    expect(fullest((all) => all[Math.floor(random() * all.length)] ?? null)).toBeGreaterThan(110);
  });

  it('counts what waits, and chooses none of none', () => {
    expect(utilisationOf({ running: 2, waiting: 4 }, 4)).toBe(1.5);
    expect(chooseOfTwo([], [0.5, 0.5])).toBeNull();
  });
});
