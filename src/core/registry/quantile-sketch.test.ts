import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { countValue, quantileOf, scaleSketch, type QuantileSketch } from './quantile-sketch.js';

const values = fc.array(fc.integer({ min: 0, max: 100_000_000 }), { minLength: 1, maxLength: 80 });
const sketchOf = (seen: readonly number[]): QuantileSketch =>
  seen.reduce((sketch: QuantileSketch, value) => countValue(sketch, value), {});

describe('quantile sketch', () => {
  test.prop([values, fc.double({ min: 0.01, max: 1, noNaN: true })])('is within 2 % of the true one', (seen, share) => {
    const sorted = seen.toSorted((a, b) => a - b);
    const truth = sorted[Math.max(0, Math.ceil(share * seen.length) - 1)] ?? NaN;
    const told = quantileOf([sketchOf(seen)], share) ?? NaN;
    // The rank itself is a product of two doubles: its neighbour is as right.
    const next = sorted[Math.min(seen.length - 1, Math.ceil(share * seen.length))] ?? NaN;
    const near = (wanted: number): boolean => Math.abs(told - wanted) <= 0.0201 * wanted;
    expect(near(truth) || near(next)).toBe(true);
  });

  test.prop([values, values])('of two halves is that of the whole', (one, other) => {
    for (const share of [0.1, 0.5, 0.9, 0.99]) {
      expect(quantileOf([sketchOf(one), sketchOf(other)], share)).toBe(
        quantileOf([sketchOf([...one, ...other])], share),
      );
    }
  });

  test.prop([values, fc.nat()])('gives back what is taken back', (seen, value) => {
    const sketch = sketchOf(seen);
    expect(countValue(countValue(sketch, value), value, -1)).toEqual(sketch);
    expect(quantileOf([scaleSketch(sketch, 0.5)], 0.5)).toBe(quantileOf([sketch], 0.5));
  });

  it('says nothing of nothing, and refuses what is no number', () => {
    expect(quantileOf([], 0.5)).toBeNull();
    expect(quantileOf([sketchOf([0, 0])], 0.99)).toBe(0);
    for (const value of [NaN, -1, Infinity]) expect(() => countValue({}, value)).toThrow(RangeError);
  });
});
