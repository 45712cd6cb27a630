import { expect, it } from 'vitest';
import { defaultPolicyOptions } from './default-policy.js';
import { createPolicy } from './policies/create-policy.js';
import { policyOptionsSchema } from './policy-options.js';

const arm = (key: string, success: number, evidence: number) => ({ key, success, evidence, cost: 0, latency: 0 });

it('is a policy like any other, which never gives an arm up for good', () => {
  expect(policyOptionsSchema.parse(defaultPolicyOptions)).toEqual(defaultPolicyOptions);
  const arms = [arm('good', 0.9, 400), arm('bad', 0.1, 400)];
  const policy = createPolicy(defaultPolicyOptions);
  const { propensities } = policy.weigh(policy.start(), { arms, features: {}, seed: 1 });
  expect(propensities).toEqual([expect.closeTo(0.995, 12), expect.closeTo(0.005, 12)]);
});

it('gives a newcomer the benefit of the doubt beside what is known to be good, until its outcomes take it away', () => {
  const policy = createPolicy(defaultPolicyOptions);
  const arms = [arm('known', 0.8, 200), arm('new', 0.5, 0)];
  const chosen = (state = policy.start()) =>
    policy.weigh(state, { arms, features: {}, seed: 1 }).propensities[1]! > 0.5 ? 'new' : 'known';
  expect(chosen()).toBe('new');
  let state = policy.start();
  let failures = 0;
  while (chosen(state) === 'new') {
    state = policy.learn(state, { key: 'new', features: {}, reward: 0 });
    failures += 1;
  }
  expect(failures).toBeGreaterThan(0);
  expect(failures).toBeLessThan(5);
});
