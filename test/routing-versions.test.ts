import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createRoutingWorld } from '../bench/routing-speed/world.js';
import { createRandom } from '../src/core/random.js';
import { drawArm } from '../src/core/routing/draw-arm.js';
import { layField } from '../src/core/routing/lay-field.js';
import { createPolicy, policyVersion } from '../src/core/routing/policies/create-policy.js';
import { policyOptionsSchema } from '../src/core/routing/policy-options.js';
import type { Policy, PolicyState, WeighRequest, Weighed } from '../src/core/routing/policy.js';
import type { Features } from '../src/core/routing/surface.js';

/** What version 1 of the policies gave, to ten digits: whoever changes one of these raises the version. */
const recorded: Readonly<Record<string, string>> = {
  'epsilon-greedy': '4836c63c398fffc5',
  ucb1: '33b470827e0bb165',
  'kl-ucb': 'bba3d473f827a861',
  thompson: '3fb66c410c5fe766',
  'lin-ucb': 'e6b69aa399872902',
  'lin-ts': 'fd6015f7f43956fa',
  'square-cb': 'da5dbd88bc66086f',
};

const world = createRoutingWorld(60);
const tenDigits = (value: number): string => value.toPrecision(10);

interface Asked {
  readonly state: PolicyState;
  readonly request: WeighRequest;
  readonly weighed: Weighed;
}

/** A course of choices among 60 agents, with 20 always under way and a discount that forgets. */
function choicesOf(policy: Policy): Asked[] {
  const random = createRandom(11);
  const open: { key: string; features: Features }[] = [];
  let state = policy.start();
  return Array.from({ length: 300 }, (_, at) => {
    const { ranked } = layField(world.contenders, world.estimateOf, state, world.task, policy.options.trade);
    const arms = ranked.slice(0, 32).map(({ candidate }) => candidate);
    const features = { hardness: random.uniform(), words: (at % 10) / 10, lines: 0.2 };
    const request = { arms, features, seed: random.bits() };
    const asked = { state, request, weighed: policy.weigh(state, request) };
    const { key } = arms[drawArm(asked.weighed.propensities, random.uniform())]!;
    state = policy.pend(state, key);
    open.push({ key, features });
    const [first] = open.length > 20 ? open.splice(0, 1) : [];
    if (first !== undefined) {
      const reward = random.uniform() < world.truthOf(first.key.replace(/@.*/, '')) ? 1 : 0;
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
