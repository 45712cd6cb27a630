import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { addSpend, nothingSpent, reachedBound, remainingBounds } from './spend.js';

const spend = fc.record({
  micro_usd: fc.nat(),
  input_tokens: fc.nat(),
  output_tokens: fc.nat(),
  turns: fc.nat(),
  wall_ms: fc.nat(),
});
const bounds = fc.record({
  micro_usd: fc.option(fc.nat()),
  tokens: fc.option(fc.nat()),
  turns: fc.option(fc.nat()),
  wall_ms: fc.nat(),
});

describe('spend', () => {
  it('reaches a bound exactly there, and a bound of nothing at once', () => {
    const wide = { micro_usd: 5, tokens: null, turns: null, wall_ms: 10 };
    expect(reachedBound(wide, { ...nothingSpent, micro_usd: 4 })).toBeNull();
    expect(reachedBound(wide, { ...nothingSpent, micro_usd: 5 })).toBe('money');
    expect(reachedBound({ ...wide, micro_usd: 0 }, nothingSpent)).toBe('money');
    expect(reachedBound({ ...wide, tokens: 3 }, { ...nothingSpent, input_tokens: 2, output_tokens: 1 })).toBe('tokens');
    expect(reachedBound({ ...wide, turns: 1 }, { ...nothingSpent, turns: 1 })).toBe('turns');
    expect(reachedBound(wide, { ...nothingSpent, wall_ms: 10 })).toBe('time');
  });

  test.prop([bounds, spend, spend])(
    'what is left after a part is spent is reached just when the whole is',
    (all, a, b) => {
      expect(reachedBound(remainingBounds(all, a), b) === null).toBe(
        reachedBound(all, addSpend(a, b)) === null && reachedBound(all, a) === null,
      );
    },
  );
});
