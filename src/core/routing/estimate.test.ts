import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.js';
import { type Cell, createPool, estimateArm, scopeOf } from './estimate.js';
import { type Benchmark, type Prior, benchmarkSchema, priorOf } from './prior.js';
import { fitStrength } from './strength.js';

const kind = { surface: 'code-editing', complexity: 'standard', repository: 'r1' } as const;
const cell = (changes: Partial<Cell>): Cell => ({
  ...kind,
  outcomes: 100,
  success: 0.5,
  costMicroUsd: 100_000,
  latencyMs: 60_000,
  ...changes,
});
const noPrior: Prior = { lift: 0, evidence: 0, costMicroUsd: null, latencyMs: 1000, from: '' };
const close = (value: number): number => expect.closeTo(value, 9) as number;

describe('strength of a beta-binomial', () => {
  it('is found again from groups that were drawn from Beta(6, 4): 10 outcomes', () => {
    const random = createRandom(3);
    // the 6th smallest of 9 uniform draws is Beta(6, 4)
    const rate = (): number => Array.from({ length: 9 }, () => random.uniform()).toSorted((a, b) => a - b)[5]!;
    const groups = Array.from({ length: 400 }, () => {
      const p = rate();
      const successes = Array.from({ length: 40 }, () => (random.uniform() < p ? 1 : 0)).reduce<number>(
        (a, b) => a + b,
        0,
      );
      return { outcomes: 40, successes };
    });
    expect(fitStrength([groups])).toBeGreaterThan(8);
    expect(fitStrength([groups])).toBeLessThan(12.5);
  });

  it('meets Kleinman’s moments by hand', () => {
    // rates 0.2 and 0.8 of 10 each: S = 1.8, V = 0.25, (S − V) / (V · (20 − 10 − 1)) = 1.55 / 2.25 > 0.5, held at 0.5
    expect(
      fitStrength([
        [
          { outcomes: 10, successes: 2 },
          { outcomes: 10, successes: 8 },
        ],
      ]),
    ).toBe(1);
    // rates 0.4 and 0.6 of 100: S = 2, (2 − 0.25) / (0.25 · 99) = 7 / 99
    const strength = fitStrength([
      [
        { outcomes: 100, successes: 40 },
        { outcomes: 100, successes: 60 },
      ],
    ]);
    expect(strength).toBeCloseTo(99 / 7 - 1, 9);
  });

  it('is the greatest for groups that do not differ, and null where nothing can be compared', () => {
    expect(
      fitStrength([
        [
          { outcomes: 50, successes: 25 },
          { outcomes: 50, successes: 25 },
        ],
      ]),
    ).toBeCloseTo(199, 9);
    expect(fitStrength([[{ outcomes: 50, successes: 25 }]])).toBeNull();
    expect(
      fitStrength([
        [
          { outcomes: 5, successes: 0 },
          { outcomes: 5, successes: 0 },
        ],
        [],
      ]),
    ).toBeNull();
  });
});

describe('an estimate', () => {
  const mine = [cell({ complexity: 'trivial', success: 0.9 })];
  const theirs = [cell({ complexity: 'trivial', success: 0.7 }), cell({ success: 0.4 })];
  const pool = createPool([mine, theirs]);

  it('of an arm that nobody knows is the mean of such tasks, worth nothing', () => {
    const { prior } = estimateArm(pool, [], noPrior, kind);
    // 100 outcomes at 0.4 and ten borrowed at (200 + 1) / (300 + 2)
    expect(prior).toEqual({ success: close((40 + (10 * 201) / 302) / 110), evidence: 0 });
  });

  it('carries over only what exceeds the mean of the same complexity: easy tasks make no one good', () => {
    const mean = (160 + (10 * 201) / 302) / 210;
    const { prior } = estimateArm(pool, mine, noPrior, kind);
    const unknown = estimateArm(pool, [], noPrior, kind).prior.success;
    expect(prior.success).toBeCloseTo(unknown + (0.9 - mean), 9);
    expect(prior.success).toBeLessThan(0.6);
  });

  it('leaves out its own kind, which the policy remembers, but not from cost and time', () => {
    const own = [cell({ success: 1, costMicroUsd: 500_000, latencyMs: 90_000 })];
    const estimate = estimateArm(pool, own, noPrior, kind);
    expect(estimate.prior).toEqual(estimateArm(pool, [], noPrior, kind).prior);
    expect(estimate.costMicroUsd).toBe(500_000);
    expect(estimate.latencyMs).toBeGreaterThan(80_000);
  });

  it('goes from prior over elsewhere and the repository to the surface, each step capped by how alike places are', () => {
    const strengths = { repository: 10, surface: 5, complexity: 5 };
    const flat = { means: new Map(), overall: 0.5, strengths };
    const cells = [
      cell({ surface: 'data-analysis', repository: 'r9', outcomes: 20, success: 0.8 }),
      cell({ surface: 'data-analysis', outcomes: 10, success: 0.6 }),
      cell({ complexity: 'complex', outcomes: 5, success: 0.4 }),
    ];
    const { prior } = estimateArm(flat, cells, { ...noPrior, lift: 0.1, evidence: 4 }, kind);
    const elsewhere = (4 * 0.1 + 20 * 0.3) / 24;
    const repository = (10 * elsewhere + 10 * 0.1) / 20;
    expect(prior).toEqual({ success: close(0.5 + (5 * repository + 5 * -0.1) / 10), evidence: 10 });
  });

  it('shrinks a cost to the arm’s others, at the usual ratio of complexities, and to the prior', () => {
    const flat = createPool([]);
    const prior = { ...noPrior, costMicroUsd: 82_000 };
    expect(estimateArm(flat, [], prior, kind).costMicroUsd).toBe(82_000);
    const own = [cell({ outcomes: 5, costMicroUsd: 18_000 })];
    expect(estimateArm(flat, own, prior, kind).costMicroUsd).toBeCloseTo(50_000, 6);
    const complex = [cell({ complexity: 'complex', outcomes: 1, costMicroUsd: 146_000 })];
    expect(estimateArm(flat, complex, noPrior, kind).costMicroUsd).toBeCloseTo(82_000, 6);
  });

  it.each([
    [{ costMicroUsd: Number.NaN }, /cost of code-editing\/standard\/r1 is NaN/],
    [{ costMicroUsd: -1 }, /cost of .* is -1/],
    [{ outcomes: Number.POSITIVE_INFINITY }, /outcomes/],
    [{ success: 1.2 }, /success/],
    [{ latencyMs: -1 }, /latency/],
  ])('refuses %o', (changes, message) => {
    expect(() => createPool([[cell(changes)]])).toThrow(message);
    expect(() => estimateArm(pool, [cell(changes)], noPrior, kind)).toThrow(message);
  });

  it('names the memory that an outcome belongs to', () => {
    expect(scopeOf(kind)).toBe('code-editing/standard/r1');
    expect(scopeOf({ ...kind, repository: null })).toBe('code-editing/standard/');
  });
});

describe('a prior', () => {
  const price = (output: number) => ({ input: 1, output });
  const benchmark: Benchmark = benchmarkSchema.parse({
    name: 'B',
    source: 's',
    results: [
      { model: 'm1', family: 'f', tasks: 100, success: 0.8, cost_micro_usd: 50_000 },
      { model: 'm2', family: 'g', tasks: 300, success: 0.5 },
    ],
  });

  it('by price rises 0.156 a decade, about the middling agent at 5 dollars', () => {
    const at = (dollars: number) => priorOf({ model: 'x', family: null, price: price(dollars * 1e6) }, null);
    expect(at(50).lift - at(5).lift).toBeCloseTo(0.156, 9);
    expect(at(5).lift).toBeCloseTo(0, 2);
    expect(at(5)).toMatchObject({ evidence: 4, costMicroUsd: 675_000 });
  });

  it('of a free or unpriced model says nothing, worth one outcome', () => {
    expect(priorOf({ model: 'x', family: null, price: null }, null)).toMatchObject({
      lift: 0,
      evidence: 1,
      costMicroUsd: null,
    });
    expect(priorOf({ model: 'x', family: null, price: price(0) }, null)).toMatchObject({ lift: 0, costMicroUsd: 0 });
  });

  it('takes the model’s own results, else half of its family’s, else the price', () => {
    const own = priorOf({ model: 'm1', family: 'f', price: price(1e6) }, benchmark);
    expect(own).toMatchObject({ lift: close(0.15), evidence: 10, costMicroUsd: 50_000, from: 'm1 in B, 100 tasks' });
    const kin = priorOf({ model: 'm3', family: 'g', price: price(1e6) }, benchmark);
    expect(kin).toMatchObject({ lift: close(-0.15), evidence: 10, costMicroUsd: 135_000 });
    expect(priorOf({ model: 'm3', family: 'h', price: price(1e6) }, benchmark).from).toMatch(/^price of 1 dollars/);
  });

  it('refuses a benchmark file whose rate is none', () => {
    const wrong = { ...benchmark, results: [{ ...benchmark.results[0], success: 80 }, benchmark.results[1]] };
    expect(benchmarkSchema.safeParse(wrong).success).toBe(false);
  });
});

describe('what a version inherits', () => {
  it('counts at this very kind of task too, at its discount, and gives way to what came elsewhere of its own no more than that does', () => {
    const pool = createPool([[cell({ success: 0.5, outcomes: 1000 })]]);
    const parent = cell({ success: 0.9, outcomes: 40 });
    const own = estimateArm(pool, [parent], noPrior, kind);
    // The policy's memory holds what is its own.
    expect(own.prior.evidence).toBe(0);
    const half = { ...parent, outcomes: 20 };
    const { prior, costMicroUsd } = estimateArm(pool, [], noPrior, kind, [half]);
    expect(prior).toEqual({
      success: close(pool.means.get('code-editing')!.get('standard')! + 0.4),
      evidence: close(20),
    });
    expect(costMicroUsd).toBe(100_000);
    const weaker = estimateArm(pool, [], noPrior, kind, [{ ...parent, outcomes: 4 }]);
    expect(weaker.prior.evidence).toBeCloseTo(4, 9);
    const moved = estimateArm(pool, [cell({ repository: 'r2', success: 0.1, outcomes: 1000 })], noPrior, kind, [half]);
    expect(moved.prior.success).toBeLessThan(prior.success);
    expect(() => estimateArm(pool, [], noPrior, kind, [{ ...half, outcomes: Number.NaN }])).toThrow('the outcomes of');
  });
});
