import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { agentsOf } from '../plan.js';
import { type PlanKind, type Wanted, choosePlan, planFromEstimates } from './choose-plan.js';
import { outlookFromEstimates } from './difficulty.js';

const real = { false_accept: 0.1, false_reject: 0.05 };
const everyKind: readonly PlanKind[] = ['single', 'cascade', 'race', 'hybrid', 'parallel'];
const wanted: Wanted = {
  kinds: everyKind,
  trade: { cost_weight: 0.1, latency_weight: 0 },
  harm: 0,
  budget: null,
  first: null,
  longest: 4,
};
const cheap = { agent: 'cheap', success: 0.6, cost: 50_000, latencyMs: 120_000, latencySpread: 0.6 };
const strong = { agent: 'strong', success: 0.8, cost: 1_000_000, latencyMs: 300_000, latencySpread: 0.6 };
const pair = outlookFromEstimates([cheap, strong], 0.5);

describe('the chosen plan', () => {
  it('asks the cheap one first, then the strong one, where a success is worth ten dollars', () => {
    const { plan, utility } = choosePlan(pair, real, wanted);
    expect(plan).toMatchObject({ kind: 'cascade', steps: ['cheap', 'strong'] });
    for (const kind of everyKind)
      expect(choosePlan(pair, real, { ...wanted, kinds: [kind] }).utility).toBeLessThanOrEqual(utility);
  });

  it('asks one alone where the next step costs more than it brings', () => {
    const dear = { ...wanted, trade: { cost_weight: 1, latency_weight: 0 } };
    expect(choosePlan(pair, real, dear).plan).toEqual({ kind: 'single', agent: 'cheap' });
  });

  it('races where minutes are dear, hedges where both are', () => {
    const hurried = { ...wanted, trade: { cost_weight: 0.01, latency_weight: 0.05 } };
    expect(choosePlan(pair, real, hurried).plan).toEqual({ kind: 'race', agents: ['cheap', 'strong'] });
    const both = { ...wanted, trade: { cost_weight: 0.1, latency_weight: 0.03 } };
    const hedged = { kind: 'hybrid', first: 'cheap', second: 'strong', hedge_ms: 60_000 };
    expect(choosePlan(pair, real, both).plan).toEqual(hedged);
  });

  it('keeps to the budget, and says when nothing does', () => {
    const tight = choosePlan(pair, real, { ...wanted, budget: 60_000 });
    expect(tight).toMatchObject({ plan: { kind: 'single', agent: 'cheap' }, isWithinBudget: true });
    const none = choosePlan(pair, real, { ...wanted, budget: 10 });
    expect(none).toMatchObject({ plan: { kind: 'single', agent: 'cheap' }, isWithinBudget: false });
  });

  it('carries the success below which its cheapest step is not begun', () => {
    const { plan } = choosePlan(pair, real, { ...wanted, kinds: ['cascade'] });
    expect(plan.kind === 'cascade' && plan.stop_below).toBeCloseTo((0.1 * 0.05) / 0.95, 9);
  });

  it('refuses where no plan of the asked kinds can be made', () => {
    const alone = outlookFromEstimates([cheap], 0.5);
    expect(() => choosePlan(alone, real, { ...wanted, kinds: ['race'] })).toThrow(/no plan of kind race/);
    expect(() => choosePlan(alone, real, { ...wanted, kinds: [] })).toThrow(/no plan/);
    expect(() => choosePlan(pair, real, { ...wanted, kinds: ['cascade'], first: 'stranger' })).toThrow(/stranger/);
  });

  it.each([
    ['success', Number.NaN],
    ['cost', -1],
    ['latencyMs', Number.NaN],
  ])('refuses an estimate whose %s is %d, even of an arm that it would not plan with', (field, value) => {
    const many = Array.from({ length: 40 }, (_, index) => ({ ...strong, agent: `a${index}` }));
    const spoiled = [...many, { ...cheap, agent: 'spoiled', [field]: value }];
    expect(() => planFromEstimates(spoiled, 0.5, real, wanted)).toThrow(/spoiled/);
  });

  const anyEstimates = fc
    .array(
      fc.record({
        success: fc.double({ min: 0, max: 1, noNaN: true }),
        cost: fc.integer({ min: 0, max: 5_000_000 }),
        latencyMs: fc.integer({ min: 0, max: 900_000 }),
        latencySpread: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      { minLength: 2, maxLength: 30 },
    )
    .map((estimates) => estimates.map((estimate, index) => ({ ...estimate, agent: `a${index}` })));

  test.prop([anyEstimates, fc.nat(29), fc.subarray([...everyKind], { minLength: 1 })], { numRuns: 60 })(
    'begins with the agent that the policy chose, names no agent twice, and is the same when asked again',
    (estimates, at, kinds) => {
      const outlook = outlookFromEstimates(estimates, 0.6);
      const first = estimates[at % estimates.length]?.agent ?? null;
      const asked = { ...wanted, kinds, first };
      const chosen = choosePlan(outlook, real, asked);
      const agents = agentsOf(chosen.plan);
      expect(agents[0]).toBe(first);
      expect(new Set(agents).size).toBe(agents.length);
      expect(choosePlan(outlook, real, asked)).toEqual(chosen);
      expect(planFromEstimates(estimates, 0.6, real, asked).plan).toEqual(chosen.plan);
    },
  );
});
