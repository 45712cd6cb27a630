import { fc, it as law } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { policyKey, plainOptions } from './policy-key.js';
import { type PolicyOptions, policyOptionsSchema } from './policy-options.js';
import { configurationOf, policyOfWord, readPolicyWord } from './policy-word.js';

const named = (word: string, beside: PolicyOptions | null = null): PolicyOptions =>
  policyOfWord(readPolicyWord(word), beside);

describe('a policy in a word', () => {
  it('is its name and what is said; trade and floor are those of what it stands beside', () => {
    expect(named('thompson')).toEqual(plainOptions('thompson'));
    const beside = named('ucb1:floor=0.02,trade.cost_weight=0.5,trade.latency_weight=2');
    expect(beside).toMatchObject({ floor: 0.02, trade: { cost_weight: 0.5, latency_weight: 2 }, width: 0.25 });
    expect(named('thompson:floor=0.05', beside)).toEqual({
      ...plainOptions('thompson'),
      trade: beside.trade,
      floor: 0.05,
    });
    expect(named('ucb1:restart_above=null')).toEqual(plainOptions('ucb1'));
  });

  it.each([
    ['x', /"x" is not a routing policy here/],
    ['thompson:', /"" in "thompson:" is no key=value/],
    ['thompson:floor', /is no key=value/],
    ['thompson:floor=2', /thompson cannot be made of this: floor: /],
    ['thompson:floor=much', /floor: /],
    ['thompson:width=1', /Unrecognized key/],
    ['thompson:__proto__.x=1', /thompson cannot be made of this|is no key=value/],
  ])('refuses %j', (word, message) => {
    expect(() => named(word)).toThrow(message);
  });

  law.prop([
    fc.constantFrom(...policyOptionsSchema.options.map(({ shape }) => shape.name.value)),
    fc.double({ min: 0, max: 0.5, noNaN: true }),
    fc.double({ min: 0, max: 100, noNaN: true }),
  ])(
    'has one key exactly where its options are the same, and its lines of configuration make it again',
    (name, floor, cost) => {
      const options = policyOptionsSchema.parse({ name, floor, trade: { cost_weight: cost } });
      const [, line = ''] = /policy: (.*)\n/.exec(configurationOf(options)) ?? [];
      expect(policyOptionsSchema.parse(JSON.parse(line))).toEqual(options);
      const isPlain = floor === 0 && cost === 0;
      expect(policyKey(options) === `${name}@1`).toBe(isPlain);
      expect(policyKey(policyOptionsSchema.parse(JSON.parse(JSON.stringify(options))))).toBe(policyKey(options));
      expect(policyKey({ ...options, floor: floor / 2 + 0.1 }) === policyKey(options)).toBe(floor === floor / 2 + 0.1);
    },
  );
});
