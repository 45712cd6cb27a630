import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { outlookFromEstimates } from './difficulty.js';
import { type CascadeLeft, reviewCascade } from './review-cascade.js';
import { outlookAfterRefusals } from './belief.js';
import { foreseePlan } from './foresee.js';

const given = (more: Partial<CascadeLeft> = {}): CascadeLeft => ({
  steps: ['second'],
  refused: ['first'],
  verifier: { false_accept: 0.1, false_reject: 0.05 },
  trade: { cost_weight: 0.1, latency_weight: 0 },
  harm: 1,
  left: null,
  ...more,
});
const estimate = (agent: string, success: number, cost = 100_000) => {
  return { agent, success, cost, latencyMs: 60_000, latencySpread: 0.6 };
};
const outlookOf = (...estimates: ReturnType<typeof estimate>[]) => outlookFromEstimates(estimates, 0.73);

describe('the rest of a cascade', () => {
  it('is gone on with while the next step is worth its price', () => {
    const outlook = outlookOf(estimate('first', 0.6), estimate('second', 0.7));
    const review = reviewCascade(outlook, given());
    expect(review).toMatchObject({ next: { agent: 'second' }, passed: [] });
    // It failed where others fail too: the next is less likely to pass than it was.
    expect(review.next?.success).toBeLessThan(0.7);
  });

  it('stops where what refused the others makes the next step too unlikely for its price', () => {
    // Two that nearly always pass were refused: the task is hard, and who seldom passes hardly will.
    const outlook = outlookOf(estimate('first', 0.95), estimate('also', 0.95), estimate('second', 0.4));
    const fresh = reviewCascade(outlook, given({ refused: [] }));
    expect(fresh.next?.agent).toBe('second');
    const review = reviewCascade(outlook, given({ refused: ['first', 'also'] }));
    expect(review).toMatchObject({ next: null, because: 'not-worth-it', best: { agent: 'second' } });
    if (review.next === null) expect(review.best.success).toBeLessThan(review.best.stop_below);
  });

  it('stops where the money left does not pay for the step, and passes over one that is too dear', () => {
    const dear = outlookOf(estimate('first', 0.5), estimate('second', 0.8, 900_000), estimate('third', 0.6));
    expect(reviewCascade(dear, given({ left: 500_000 }))).toMatchObject({
      next: null,
      because: 'money',
      best: { agent: 'second', cost: 900_000 },
    });
    expect(reviewCascade(dear, given({ steps: ['second', 'third'], left: 500_000 }))).toMatchObject({
      next: { agent: 'third' },
      passed: ['second'],
    });
  });

  it('learns nothing from one that broke down', () => {
    const outlook = outlookOf(estimate('first', 0.9), estimate('second', 0.5));
    expect(reviewCascade(outlook, given({ refused: [] })).next?.success).toBeCloseTo(0.5, 3);
    expect(reviewCascade(outlook, given()).next?.success ?? 0).toBeLessThan(0.45);
  });

  it('of whom nothing is known is refused', () => {
    expect(() =>
      reviewCascade(outlookOf(estimate('first', 0.5), estimate('second', 0.5)), given({ refused: ['x'] })),
    ).toThrow(/nothing is known/);
  });

  const share = fc.double({ min: 0.02, max: 0.98, noNaN: true });
  const money = fc.integer({ min: 0, max: 5_000_000 });
  const arms = fc.array(fc.tuple(share, money), { minLength: 2, maxLength: 5 });
  const verifier = fc.record({
    false_accept: fc.double({ min: 0, max: 0.4, noNaN: true }),
    false_reject: fc.double({ min: 0, max: 0.4, noNaN: true }),
  });
  const scene = fc.record({ arms, verifier, left: fc.option(money), harm: fc.double({ min: 0, max: 2, noNaN: true }) });

  test.prop([scene])(
    'goes on with one step exactly where its success is above the threshold and it is paid for',
    (one) => {
      const estimates = one.arms.map(([success, cost], index) => estimate(`a${index}`, success, cost));
      const names = estimates.map(({ agent }) => agent);
      const outlook = outlookFromEstimates(estimates, 0.73);
      const steps = names.slice(-1);
      const { verifier: errors, left, harm } = one;
      const review = reviewCascade(
        outlook,
        given({ steps, refused: names.slice(0, -1), verifier: errors, left, harm }),
      );
      const found = review.next ?? review.best;
      const margin = found.success - found.stop_below;
      fc.pre(Math.abs(margin) > 1e-9);
      expect(review.next !== null).toBe(margin > 0 && (left === null || found.cost <= left));
      if (review.next === null) expect(review.because).toBe(margin > 0 ? 'money' : 'not-worth-it');
    },
  );

  test.prop([scene])('never goes on to where it loses, nor beyond the money left', (one) => {
    const estimates = one.arms.map(([success, cost], index) => estimate(`a${index}`, success, cost));
    const [first = '', ...steps] = estimates.map(({ agent }) => agent);
    const outlook = outlookFromEstimates(estimates, 0.73);
    const { verifier: errors, left, harm } = one;
    const review = reviewCascade(outlook, given({ steps, refused: [first], verifier: errors, left, harm }));
    if (review.next === null) return;
    expect(steps).toContain(review.next.agent);
    expect(review.passed).not.toContain(review.next.agent);
    if (left !== null) expect(review.next.cost).toBeLessThanOrEqual(left);
    const now = outlookAfterRefusals(outlook, errors, [first]);
    const rest = steps.slice(steps.indexOf(review.next.agent));
    // Some way that begins with it is worth something: at the least one of all that follow in order.
    const worths = subsets(rest.slice(1)).map((tail) => {
      const plan = { kind: 'cascade' as const, steps: [review.next.agent, ...tail], stop_below: 0 };
      const { landed, wrong, cost } = foreseePlan(plan, now, errors);
      return landed - harm * wrong - (0.1 * cost) / 1e6;
    });
    expect(Math.max(...worths)).toBeGreaterThan(0);
  });
});

function subsets(names: readonly string[]): readonly (readonly string[])[] {
  const [first, ...rest] = names;
  if (first === undefined) return [[]];
  const without = subsets(rest);
  return [...without, ...without.map((one) => [first, ...one])];
}
