import { describe, expect, it } from 'vitest';
import { drawArm } from '../draw-arm.js';
import { policyOptionsSchema } from '../policy-options.js';
import type { Candidate, PolicyState } from '../policy.js';
import { probabilitiesOfBest } from './best-of.js';
import { createPolicy } from './create-policy.js';
import { findChange, noDrift, watchReward } from './detect-change.js';
import { epsilonAfter } from './epsilon-greedy.js';
import { addRow, fade, predict, startLinear } from './linear-memory.js';
import { betaCurve } from './thompson.js';
import { bernoulliDivergence, klBound } from './ucb.js';

const known = (key: string, success: number, evidence: number): Candidate => ({
  key,
  success,
  evidence,
  cost: 0,
  latency: 0,
});
const weigh = (options: object, arms: readonly Candidate[], state: PolicyState = { arms: {}, pending: {} }) =>
  createPolicy(policyOptionsSchema.parse(options)).weigh(state, { arms, features: {}, seed: 1 });

describe('epsilon-greedy', () => {
  it('decays as max(0.01, ε₀·0.995ⁿ)', () => {
    const options = { epsilon: 0.2, decay: 0.995 };
    expect(epsilonAfter(options, 0)).toBe(0.2);
    expect(epsilonAfter(options, 100)).toBeCloseTo(0.2 * 0.995 ** 100, 15);
    expect(epsilonAfter(options, 10_000)).toBe(0.01);
  });

  it('gives 1 − ε + ε/K to the best and ε/K to the others', () => {
    const { propensities } = weigh({ name: 'epsilon-greedy', epsilon: 0.3 }, [known('a', 0.9, 5), known('b', 0.1, 5)]);
    expect(propensities[0]).toBeCloseTo(0.85, 12);
    expect(propensities[1]).toBeCloseTo(0.15, 12);
  });
});

describe('UCB1', () => {
  it('is mean + √(2 ln t / n) at width 1', () => {
    const { scores } = weigh({ name: 'ucb1', width: 1 }, [known('a', 0.5, 10), known('b', 0.25, 20)]);
    expect(scores[0]).toBeCloseTo(0.5 + Math.sqrt((2 * Math.log(30)) / 10), 12);
    expect(scores[1]).toBeCloseTo(0.25 + Math.sqrt((2 * Math.log(30)) / 20), 12);
  });

  it('tries the untried first, evenly, and under delay does not replay one arm', () => {
    expect(weigh({ name: 'ucb1' }, [known('a', 1, 9), known('b', 0, 0), known('c', 0, 0)]).propensities).toEqual([
      0, 0.5, 0.5,
    ]);
    const state = { arms: {}, pending: { b: 1 } };
    expect(weigh({ name: 'ucb1' }, [known('b', 0, 0), known('c', 0, 0)], state).propensities).toEqual([0, 1]);
  });
});

describe('KL-UCB', () => {
  it('has the divergence of the textbook', () => {
    expect(bernoulliDivergence(0.5, 0.25)).toBeCloseTo(0.5 * Math.log(2) + 0.5 * Math.log(2 / 3), 14);
    expect(bernoulliDivergence(0, 0.5)).toBeCloseTo(Math.log(2), 14);
    expect(bernoulliDivergence(1, 1)).toBe(0);
  });

  it('bounds a mean of 0 by 1 − exp(−budget), and any mean where the divergence is the budget', () => {
    expect(klBound(0, 0.3)).toBeCloseTo(1 - Math.exp(-0.3), 10);
    expect(bernoulliDivergence(0.6, klBound(0.6, 0.1))).toBeCloseTo(0.1, 9);
    expect(klBound(1, 0.5)).toBe(1);
    expect(klBound(0.4, 0)).toBe(0.4);
  });
});

describe('Thompson', () => {
  const best = (...shapes: [number, number][]): number[] =>
    probabilitiesOfBest(
      shapes.map(([a, b]) => betaCurve(a, b)),
      shapes.map(() => 0),
    );

  it('meets the closed forms of P(Beta > Beta)', () => {
    expect(best([2, 1], [1, 1])[0]).toBeCloseTo(2 / 3, 3);
    expect(best([3, 1], [1, 1])[0]).toBeCloseTo(3 / 4, 3);
    expect(best([1, 2], [2, 1])[0]).toBeCloseTo(1 / 6, 3);
    for (const share of best([7, 4], [7, 4], [7, 4], [7, 4])) expect(share).toBeCloseTo(1 / 4, 6);
  });

  it('meets the sum formula for Beta(a₁,b₁) > Beta(a₂,b₂) with whole parameters', () => {
    // P(B > A) = Σ_{i<a_B} B(a_A+i, b_A+b_B) / ((b_B+i)·B(1+i, b_B)·B(a_A, b_A)), Evan Miller 2014
    const logFactorial = (n: number): number => (n < 2 ? 0 : Math.log(n) + logFactorial(n - 1));
    const logBeta = (a: number, b: number): number =>
      logFactorial(a - 1) + logFactorial(b - 1) - logFactorial(a + b - 1);
    const [a, b, c, d] = [30, 20, 36, 16];
    const exact = Array.from({ length: c }, (_, i) =>
      Math.exp(logBeta(a + i, b + d) - Math.log(d + i) - logBeta(1 + i, d) - logBeta(a, b)),
    ).reduce((sum, term) => sum + term, 0);
    expect(Math.abs(best([c, d], [a, b])[0]! - exact)).toBeLessThan(1e-3);
  });

  it.each([
    [1 + 1e-3, 1],
    [1, 1 + Number.EPSILON],
    [1 + 1e9, 1 + Number.EPSILON],
    [1 + Number.EPSILON, 1 + 1e9],
    [3, 1 + Number.EPSILON],
    [1e12, 1e12],
  ])('gives numbers for Beta(%d, %d), at the edge of what a double holds', (a, b) => {
    const shares = best([a, b], [2, 2]);
    expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
  });

  it('takes cost off before it compares', () => {
    const arms = [
      { ...known('a', 0.8, 2000), cost: 1_000_000 },
      { ...known('b', 0.7, 2000), cost: 100_000 },
    ];
    expect(weigh({ name: 'thompson' }, arms).propensities[0]).toBeGreaterThan(0.99);
    const thrifty = weigh({ name: 'thompson', trade: { cost_weight: 0.3 } }, arms);
    expect(thrifty.propensities[0]).toBeLessThan(0.01);
    expect(thrifty.scores[1]).toBeCloseTo(0.67, 10);
  });
});

describe('linear policies', () => {
  it('Sherman–Morrison gives the inverse that elimination gives', () => {
    // A = I + (1,2)(1,2)ᵀ + (1,0)(1,0)ᵀ = [[3,2],[2,5]], det 11
    const linear = addRow(addRow(startLinear(2, 1), [1, 2], 1), [1, 0], 0);
    [5 / 11, -2 / 11, -2 / 11, 3 / 11].forEach((value, at) => expect(linear.inverse[at]).toBeCloseTo(value, 12));
    expect(linear.target).toEqual([1, 2]);
    const { mean, variance } = predict(linear, [1, 1], { success: 0, evidence: 0 });
    expect(mean).toBeCloseTo(5 / 11, 12);
    expect(variance).toBeCloseTo((5 - 4 + 3) / 11, 12);
  });

  it('LinUCB with an intercept alone is ridge mean + width/√(1 + n)', () => {
    const { scores } = weigh({ name: 'lin-ucb', width: 2 }, [known('a', 0.75, 8)]);
    expect(scores[0]).toBeCloseTo(6 / 9 + 2 / Math.sqrt(9), 12);
  });

  it('LinTS between equals is even, and P(N > N) is Φ of the gap', () => {
    const [even] = weigh({ name: 'lin-ts' }, [known('a', 0.5, 9), known('b', 0.5, 9)]).propensities;
    expect(even).toBeCloseTo(0.5, 9);
    // means 9·s/10, variances 0.1 each at width 1: gap of one deviation of the difference where s₁−s₂ = √0.2/0.9
    const gap = Math.sqrt(0.2) / 0.9;
    const arms = [known('a', 0.5 + gap / 2, 9), known('b', 0.5 - gap / 2, 9)];
    expect(Math.abs(weigh({ name: 'lin-ts', width: 1 }, arms).propensities[0]! - 0.841345)).toBeLessThan(1e-3);
  });

  it('learns that one arm is good in one context and bad in the other', () => {
    const policy = createPolicy(policyOptionsSchema.parse({ name: 'lin-ucb', features: ['x'] }));
    let state = policy.start();
    for (let at = 0; at < 100; at += 1) {
      const x = at % 2;
      state = policy.learn(state, { key: 'a', features: { x }, reward: x });
      state = policy.learn(state, { key: 'b', features: { x }, reward: 1 - x });
    }
    const arms = [known('a', 0, 0), known('b', 0, 0)];
    expect(policy.weigh(state, { arms, features: { x: 1 }, seed: 0 }).propensities).toEqual([1, 0]);
    expect(policy.weigh(state, { arms, features: { x: 0 }, seed: 0 }).propensities).toEqual([0, 1]);
  });

  it('forgets without ever knowing less than nothing', () => {
    let linear = startLinear(2, 1);
    for (let at = 0; at < 5000; at += 1) linear = addRow(fade(linear, 0.9, 1), [1, 0], 0.5);
    expect(Math.max(...linear.inverse)).toBeLessThanOrEqual(1 + 1e-9);
  });

  it('takes over the plain rewards that another policy has learned', () => {
    const plain = createPolicy(policyOptionsSchema.parse({ name: 'thompson' }));
    let state = plain.start();
    for (let at = 0; at < 9; at += 1) state = plain.learn(state, { key: 'a', features: {}, reward: 1 });
    const { scores } = weigh({ name: 'lin-ucb', width: 0 }, [known('a', 0, 0)], state);
    expect(scores[0]).toBeCloseTo(0.9, 12);
  });
});

describe('SquareCB', () => {
  it('weights by the inverse gap: 1 / (K + γ·gap), the rest to the best', () => {
    const { propensities } = weigh({ name: 'square-cb', gamma: 10 }, [
      known('a', 0.5, 5),
      known('b', 0.9, 5),
      known('c', 0.8, 5),
    ]);
    expect(propensities[0]).toBeCloseTo(1 / 7, 12);
    expect(propensities[2]).toBeCloseTo(1 / 4, 12);
    expect(propensities[1]).toBeCloseTo(1 - 1 / 7 - 1 / 4, 12);
  });
});

describe('change detection', () => {
  const feed = (drift: typeof noDrift, rewards: readonly number[]) => rewards.reduce(watchReward, drift);
  const every = (length: number, share: number): number[] =>
    Array.from({ length }, (_, at) => (Math.floor((at + 1) * share) > Math.floor(at * share) ? 1 : 0));

  it('adds up what falls short of the mean by more than 0.1', () => {
    const drift = feed(noDrift, [1, 0]);
    expect(drift.fall).toEqual({ evidence: 0.4, count: 1, reward: 0 });
    expect(drift.mean).toBe(0.5);
  });

  it('finds a fall from 0.8 to 0.4 within 60 outcomes, and none in 1,000 of the same', () => {
    expect(findChange(feed(noDrift, every(1000, 0.8)), 6)).toBeNull();
    const fallen = feed(feed(noDrift, every(200, 0.8)), every(60, 0.4));
    expect(findChange(fallen, 6)).not.toBeNull();
    expect(findChange(fallen, null)).toBeNull();
  });

  it('begins again from what came since the change', () => {
    const policy = createPolicy(policyOptionsSchema.parse({ name: 'thompson', restart_above: 6 }));
    let state = policy.start();
    for (const reward of [...every(200, 0.8), ...every(60, 0.2)]) {
      state = policy.learn(state, { key: 'a', features: {}, reward });
    }
    expect(state.arms['a']).toMatchObject({ pulls: 260, restarts: 1 });
    expect(policy.believe(state, known('a', 0.8, 100)).success).toBeLessThan(0.35);
  });
});

describe('a draw', () => {
  it('falls on the arm whose share of [0, 1) holds it', () => {
    const shares = [0.25, 0, 0.5, 0.25];
    expect([0, 0.24, 0.25, 0.74, 0.75, 0.999].map((draw) => drawArm(shares, draw))).toEqual([0, 0, 2, 2, 3, 3]);
    expect(drawArm([0.3, 0.3, 0], 0.99)).toBe(1);
  });

  it.each([1, -0.1, Number.NaN])('of %d is refused', (draw) => {
    expect(() => drawArm([1], draw)).toThrow(/draw/);
  });

  it('is refused where nothing has any probability', () => {
    expect(() => drawArm([0, 0], 0.5)).toThrow(/no arm has any probability/);
  });
});
