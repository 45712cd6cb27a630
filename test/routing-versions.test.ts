import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../src/core/random.js';
import { drawArm } from '../src/core/routing/draw-arm.js';
import { createPolicy, policyVersion } from '../src/core/routing/policies/create-policy.js';
import { policyOptionsSchema } from '../src/core/routing/policy-options.js';
import type { Candidate, Policy, PolicyState, WeighRequest, Weighed } from '../src/core/routing/policy.js';
import type { Features } from '../src/core/routing/surface.js';

/** What version 1 of the policies gave, to ten digits: whoever changes one of these raises the version. */
const recorded: Readonly<Record<string, string>> = {
  'epsilon-greedy': 'a744e6c571825f28',
  ucb1: '15936851689b9353',
  'kl-ucb': 'fe3a4a3b3ef04557',
  thompson: '4aff689abca2570c',
  'lin-ucb': '86c25de2e16e132f',
  'lin-ts': '7cb54569afd21b46',
  'square-cb': '1a5cad1f5032c568',
};

/** Arms that differ in all that a policy is told, the same each time. */
const arms: readonly (Candidate & { readonly truth: number })[] = Array.from({ length: 32 }, (_, at) => {
  const random = createRandom(at);
  const truth = 0.3 + 0.5 * random.uniform();
  const believed = { success: 0.4 + 0.3 * random.uniform(), evidence: 8 * random.uniform() };
  const cost = Math.round(50_000 + 1_000_000 * random.uniform());
  return { key: `agent-${at}@1`, ...believed, cost, latency: 300_000, truth };
});
const tenDigits = (value: number): string => value.toPrecision(10);

interface Asked {
  readonly state: PolicyState;
  readonly request: WeighRequest;
  readonly weighed: Weighed;
}

/** A course of choices among 32 arms, with 20 always under way and a discount that forgets. */
function choicesOf(policy: Policy): Asked[] {
  const random = createRandom(11);
  const open: { key: string; features: Features }[] = [];
  let state = policy.start();
  return Array.from({ length: 300 }, (_, at) => {
    const features = { hardness: random.uniform(), words: (at % 10) / 10, lines: 0.2 };
    const request = { arms, features, seed: random.bits() };
    const asked = { state, request, weighed: policy.weigh(state, request) };
    const { key } = arms[drawArm(asked.weighed.propensities, random.uniform())]!;
    state = policy.pend(state, key);
    open.push({ key, features });
    const [first] = open.length > 20 ? open.splice(0, 1) : [];
    if (first !== undefined) {
      const reward = random.uniform() < (arms.find((arm) => arm.key === first.key)?.truth ?? 0) ? 1 : 0;
      state = policy.learn(state, { ...first, reward });
    }
    return asked;
  });
}

describe.each(['epsilon-greedy', 'ucb1', 'kl-ucb', 'thompson', 'lin-ucb', 'lin-ts', 'square-cb'])('%s', (name) => {
  const features = /lin|square/.test(name) ? { features: ['hardness', 'words', 'lines'] } : {};
  const shared = { trade: { cost_weight: 0.1 }, floor: 0.02, restart_above: 8, discount: 0.99 };
  const policy = createPolicy(policyOptionsSchema.parse({ name, ...features, ...shared }));
  const choices = choicesOf(policy);

  it('gives the numbers that its version gave before', () => {
    const told = choices.map(({ weighed }) => [weighed.propensities.map(tenDigits), weighed.scores.map(tenDigits)]);
    const digest = createHash('sha256').update(JSON.stringify(told)).digest('hex').slice(0, 16);
    expect({ version: policyVersion, digest }).toEqual({ version: '1', digest: recorded[name] });
  });

  it('gives them again from what was written down, whatever it weighed in between', () => {
    for (const { state, request, weighed } of choices) {
      const read = JSON.parse(JSON.stringify({ state, request })) as Pick<Asked, 'state' | 'request'>;
      expect(policy.weigh(read.state, read.request)).toEqual(weighed);
    }
  });
});
