import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawArm } from '../draw-arm.js';
import { type PolicyOptions, policyOptionsSchema } from '../policy-options.js';
import type { Candidate, Lesson, Policy, PolicyState, WeighRequest } from '../policy.js';
import { createPolicy, policyVersion } from './create-policy.js';

const features = ['size', 'tests'];
const all: PolicyOptions[] = [
  { name: 'epsilon-greedy' },
  { name: 'ucb1' },
  { name: 'ucb1', width: 0.05, optimism: 4 },
  { name: 'kl-ucb' },
  { name: 'thompson', discount: 0.998, restart_above: 5 },
  { name: 'lin-ucb', features },
  { name: 'lin-ts', features, discount: 0.99 },
  { name: 'square-cb' },
  { name: 'square-cb', features, floor: 0.1 },
].map((options) => policyOptionsSchema.parse({ trade: { cost_weight: 0.2, latency_weight: 0.01 }, ...options }));
const named = all.map((options) => [options.name, createPolicy(options)] as const);

const candidate = fc.record({
  success: fc.double({ min: 0, max: 1, noNaN: true }),
  evidence: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 500, noNaN: true })),
  cost: fc.integer({ min: 0, max: 10_000_000 }),
  latency: fc.integer({ min: 0, max: 3_600_000 }),
});
const candidates = fc
  .array(candidate, { minLength: 1, maxLength: 12 })
  .map((list) => list.map((one, at): Candidate => ({ ...one, key: `a${at}@1` })));
const context = fc.record({
  size: fc.double({ min: 0, max: 1, noNaN: true }),
  tests: fc.double({ min: 0, max: 1, noNaN: true }),
});
const lesson = fc.record({
  key: fc.integer({ min: 0, max: 11 }).map((at) => `a${at}@1`),
  features: context,
  reward: fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true })),
});
const request = fc.record({ arms: candidates, features: context, seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }) });

function learnAll(policy: Policy, lessons: readonly Lesson[], pending: readonly string[] = []): PolicyState {
  const begun = pending.reduce((state, key) => policy.pend(state, key), policy.start());
  return lessons.reduce((state, one) => policy.learn(state, one), begun);
}

describe.each(named)('%s', (_, policy) => {
  const memory = fc.record({
    lessons: fc.array(lesson, { maxLength: 30 }),
    pending: fc.array(fc.integer({ min: 0, max: 11 }), { maxLength: 10 }),
  });

  it('propensities are none negative and sum to 1, and the choice has some', () => {
    fc.assert(
      fc.property(
        request,
        memory,
        fc.double({ min: 0, max: 0.999999, noNaN: true }),
        (asked, { lessons, pending }, draw) => {
          const state = learnAll(
            policy,
            lessons,
            pending.map((at) => `a${at}@1`),
          );
          const { propensities, scores } = policy.weigh(state, asked);
          expect(propensities).toHaveLength(asked.arms.length);
          expect(scores.every(Number.isFinite)).toBe(true);
          expect(Math.min(...propensities)).toBeGreaterThanOrEqual(0);
          expect(Math.abs(propensities.reduce((sum, one) => sum + one, 0) - 1)).toBeLessThanOrEqual(1e-12);
          expect(propensities[drawArm(propensities, draw)]).toBeGreaterThan(0);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('outcomes of different arms may be learned in any order', () => {
    fc.assert(
      fc.property(fc.array(lesson, { maxLength: 40 }), (lessons) => {
        const byArm = lessons.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
        expect(learnAll(policy, byArm)).toEqual(learnAll(policy, lessons));
      }),
      { numRuns: 60 },
    );
  });

  it('a state goes through JSON, weighs to the same bytes, and is never changed in place', () => {
    fc.assert(
      fc.property(request, fc.array(lesson, { maxLength: 20 }), (asked, lessons) => {
        const state = learnAll(policy, lessons, ['a1@1']);
        const before = JSON.stringify(state);
        const again = JSON.parse(before) as PolicyState;
        expect(JSON.stringify(policy.weigh(again, asked))).toBe(JSON.stringify(policy.weigh(state, asked)));
        policy.learn(policy.pend(state, 'a1@1'), { key: 'a1@1', features: asked.features, reward: 1 });
        expect(JSON.stringify(state)).toBe(before);
      }),
      { numRuns: 40 },
    );
  });

  const arm: Candidate = { key: 'a0@1', success: 0.5, evidence: 1, cost: 1, latency: 1 };
  it.each<[string, Partial<WeighRequest>, RegExp]>([
    ['no arm', { arms: [] }, /no arm/],
    ['a cost of NaN', { arms: [{ ...arm, cost: Number.NaN }] }, /cost of a0@1 is NaN/],
    ['a negative cost', { arms: [{ ...arm, cost: -1 }] }, /cost of a0@1 is -1/],
    ['a cost without bound', { arms: [{ ...arm, cost: Number.POSITIVE_INFINITY }] }, /cost of a0@1/],
    ['a negative latency', { arms: [{ ...arm, latency: -5 }] }, /latency of a0@1/],
    ['a success above 1', { arms: [{ ...arm, success: 1.1 }] }, /success of a0@1/],
    ['evidence that is none', { arms: [{ ...arm, evidence: Number.NaN }] }, /evidence for a0@1/],
    ['one key twice', { arms: [arm, arm] }, /same key/],
    ['a feature of NaN', { features: { size: Number.NaN } }, /feature size is NaN/],
    ['a seed that is no integer', { seed: 0.5 }, /seed is 0.5/],
  ])('refuses %s', (__, wrong, message) => {
    expect(() => policy.weigh(policy.start(), { arms: [arm], features: {}, seed: 1, ...wrong })).toThrow(message);
  });

  it.each([Number.NaN, -0.1, 1.5])('refuses a reward of %d', (reward) => {
    expect(() => policy.learn(policy.start(), { key: 'a', features: {}, reward })).toThrow(/reward of a/);
  });

  it('after 300 outcomes mostly chooses the arm that is better by far', () => {
    let state = policy.start();
    const context1 = { size: 0.5, tests: 1 };
    for (let at = 0; at < 150; at += 1) {
      state = policy.learn(state, { key: 'a0@1', features: context1, reward: at % 10 === 0 ? 1 : 0 });
      state = policy.learn(state, { key: 'a1@1', features: context1, reward: at % 10 === 0 ? 0 : 1 });
    }
    const arms = [arm, { ...arm, key: 'a1@1' }];
    expect(policy.weigh(state, { arms, features: context1, seed: 1 }).propensities[1]).toBeGreaterThan(0.85);
    expect(policy.believe(state, arms[1]!).success).toBeGreaterThan(0.8);
  });

  it('counts what is pending, and lets go of it', () => {
    const pended = policy.pend(policy.pend(policy.start(), 'a'), 'a');
    expect(pended.pending).toEqual({ a: 2 });
    expect(policy.release(pended, 'a').pending).toEqual({ a: 1 });
    expect(policy.release(policy.release(pended, 'a'), 'a').pending).toEqual({});
    expect(policy.release(policy.start(), 'a').pending).toEqual({});
    expect(policy.learn(pended, { key: 'a', features: {}, reward: 1 }).pending).toEqual({ a: 1 });
  });

  it('a revised outcome counts as if it had come so at once', () => {
    const context1 = { size: 0.3, tests: 0 };
    const once = { key: 'a', features: context1, reward: 1 };
    const learned = policy.learn(policy.start(), once);
    const revised = policy.revise(learned, { ...once, reward: 0, was: 1 }).arms['a']!;
    const other = policy.learn(policy.start(), { ...once, reward: 0 }).arms['a']!;
    expect(revised.reward).toBe(other.reward);
    expect(revised.linear).toEqual(other.linear);
    expect(policy.revise(policy.start(), { ...once, was: 1 })).toEqual(policy.start());
  });
});

it('says its version', () => {
  expect(createPolicy(all[0]!).version).toBe(policyVersion);
});
