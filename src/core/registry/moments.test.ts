import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { addMoment, meanOf, momentsSchema, noMoments, varianceOf } from './moments.js';

const numbers = fc.array(fc.integer({ min: 0, max: 1_000_000_000 }), { minLength: 2, maxLength: 60 });

describe('moments', () => {
  test.prop([numbers])('follow the running mean and Welford’s recurrence', (seen) => {
    let moments = noMoments;
    let mean = 0;
    let m2 = 0;
    for (const [n, x] of seen.entries()) {
      moments = addMoment(moments, x);
      const old = mean;
      mean = old + (x - old) / (n + 1);
      m2 += (x - old) * (x - mean);
    }
    const scale = Math.max(1, ...seen);
    expect(Math.abs((meanOf(moments) ?? NaN) - mean) / scale).toBeLessThan(1e-12);
    expect(Math.abs((varianceOf(moments) ?? NaN) - m2 / (seen.length - 1)) / scale ** 2).toBeLessThan(1e-12);
  });

  test.prop([numbers, fc.infiniteStream(fc.nat())])('are the same bytes in any order', (seen, order) => {
    const shuffled = seen
      .map((x) => ({ x, at: order.next().value ?? 0 }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ x }) => x);
    const fold = (all: number[]) => all.reduce((moments, x) => addMoment(moments, x), noMoments);
    expect(fold(shuffled)).toEqual(fold(seen));
  });

  test.prop([numbers, fc.integer({ min: 0, max: 1_000_000 })])('give back what is taken back', (seen, x) => {
    const moments = seen.reduce((sum, y) => addMoment(sum, y), noMoments);
    expect(addMoment(addMoment(moments, x), x, -1)).toEqual(moments);
  });

  it('say nothing of nothing, and refuse what is no whole number', () => {
    expect(meanOf(noMoments)).toBeNull();
    expect(varianceOf(addMoment(noMoments, 7))).toBeNull();
    for (const x of [NaN, -1, 0.5, Infinity]) expect(() => addMoment(noMoments, x)).toThrow(RangeError);
    expect(momentsSchema.safeParse({ n: -1, sum: '0', squares: '0' }).success).toBe(false);
    expect(momentsSchema.safeParse({ n: 1, sum: '-3', squares: '9' }).success).toBe(false);
  });
});
