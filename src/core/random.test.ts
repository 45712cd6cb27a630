import { expect, it } from 'vitest';
import { createRandom, xoshiro128 } from './random.js';

it('gives the published first numbers of xoshiro128** for the state 1, 2, 3, 4', () => {
  const random = xoshiro128([1, 2, 3, 4]);
  expect([1, 2, 3, 4].map(() => random.bits())).toEqual([11_520, 0, 5_927_040, 70_819_200]);
});

it('gives the same stream for the same seed, another for another', () => {
  const stream = (seed: number): number[] => {
    const random = createRandom(seed);
    return Array.from({ length: 8 }, () => random.uniform());
  };
  expect(stream(7)).toEqual(stream(7));
  expect(stream(7)).not.toEqual(stream(8));
});

it('is uniform in [0, 1): mean, variance and tenths of 20,000 draws', () => {
  const random = createRandom(1);
  const draws = Array.from({ length: 20_000 }, () => random.uniform());
  const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
  const variance = draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / draws.length;
  expect(Math.min(...draws)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...draws)).toBeLessThan(1);
  expect(mean).toBeCloseTo(0.5, 1);
  expect(variance).toBeCloseTo(1 / 12, 2);
  const tenths = Array.from(
    { length: 10 },
    (_, tenth) => draws.filter((draw) => Math.floor(draw * 10) === tenth).length,
  );
  expect(Math.min(...tenths)).toBeGreaterThan(1850);
});
