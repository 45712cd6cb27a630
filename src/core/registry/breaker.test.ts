import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { type Breaker, admit, breakerSchema, closeBreaker, closedBreaker, takeTrial, tripBreaker } from './breaker.js';
import { type ErrorClass, errorClassSchema } from './error-class.js';

const at = 1_800_000_000_000;
const trip = (breaker: Breaker, errorClass: ErrorClass, atMs = at, retryAfterMs: number | null = null): Breaker =>
  tripBreaker(breaker, { errorClass, atMs, retryAfterMs, draw: 0 });
const times = (n: number, errorClass: ErrorClass): Breaker =>
  Array.from({ length: n }).reduce<Breaker>((breaker) => trip(breaker, errorClass), closedBreaker);

describe('breaker', () => {
  it.each([
    ['rate-limit', 1],
    ['auth', 1],
    ['overload', 3],
    ['network', 3],
    ['crash', 3],
  ] as const)('opens after %s, %i in a row', (errorClass, n) => {
    expect(admit(times(n - 1, errorClass), at).state).toBe('closed');
    expect(admit(times(n, errorClass), at)).toMatchObject({ state: 'open', because: errorClass });
  });

  it.each(['invalid-request', 'content-filter', 'context-length'] as const)('never opens for %s', (errorClass) => {
    const tried = times(50, errorClass);
    expect(admit(tried, at).state).toBe('closed');
    expect(tried.faults[errorClass]).toBe(50);
  });

  it('keeps classes apart: two of one and two of another open nothing', () => {
    const mixed = (['network', 'overload', 'network', 'overload'] as const).reduce(
      (breaker, one) => trip(breaker, one),
      closedBreaker,
    );
    expect(admit(mixed, at).state).toBe('closed');
  });

  it('stays open at least as long as the endpoint asked for', () => {
    const asked = trip(closedBreaker, 'rate-limit', at, 120_000);
    expect(admit(asked, at + 119_999)).toMatchObject({ state: 'open', untilMs: at + 120_000 });
    expect(admit(asked, at + 120_000).state).toBe('trial');
  });

  it('lets one trial through, opens for twice as long when it fails, and closes when it goes well', () => {
    const open = times(3, 'network');
    const until = open.open_until_ms ?? NaN;
    expect(until).toBe(at + 2500);
    const trying = takeTrial(open, until);
    expect(admit(trying, until + 1).state).toBe('open');
    const again = trip(trying, 'network', until + 10);
    expect(again.open_until_ms).toBe(until + 10 + 5000);
    expect(admit(closeBreaker(again), until + 11)).toEqual({ state: 'closed' });
    expect(closeBreaker(again).faults).toEqual({ network: 4 });
    // A trial whose process died is given up after a while.
    expect(admit(trying, until + 300_000).state).toBe('trial');
    expect(takeTrial(open, at)).toBe(open);
  });

  it('gives its trial to one task, which goes on with it after a crash', () => {
    const open = times(3, 'network');
    const until = open.open_until_ms ?? NaN;
    const taken = takeTrial(open, until, 'one');
    expect(admit(taken, until + 1, 'one').state).toBe('trial');
    expect(takeTrial(taken, until + 1, 'one').trial_by).toBe('one');
    expect(admit(taken, until + 1, 'two')).toMatchObject({ state: 'open', untilMs: until + 300_000 });
    expect(takeTrial(taken, until + 1, 'two')).toBe(taken);
    // Once it has failed nobody has it, and it is open for whoever had it as well.
    expect(admit(trip(taken, 'network', until + 2), until + 3, 'one').state).toBe('open');
    const { trial_by: _, ...older } = open;
    expect(breakerSchema.parse(older)).toEqual(open);
  });

  const fault = fc.record({
    errorClass: fc.constantFrom(...errorClassSchema.options),
    atMs: fc.integer({ min: at, max: at + 3_600_000 }),
    retryAfterMs: fc.option(fc.integer({ min: 0, max: 86_400_000 })),
    draw: fc.double({ min: 0, max: 0.999, noNaN: true }),
  });
  test.prop([fc.array(fault, { maxLength: 40 })])(
    'is always a state that can be stored, and success always closes it',
    (faults) => {
      const after = faults.reduce(tripBreaker, closedBreaker);
      expect(breakerSchema.parse(JSON.parse(JSON.stringify(after)))).toEqual(after);
      const opened = faults.some(({ errorClass }) => errorClass === 'auth' || errorClass === 'rate-limit');
      if (opened) expect(after.open_until_ms).not.toBeNull();
      expect(admit(closeBreaker(after), at).state).toBe('closed');
    },
  );
});
