import { describe, expect, it } from 'vitest';
import { armKey, armSchema } from './arm.js';
import { type DecisionCause, type EligibleArm, type RouteDecision, routeDecisionSchema } from './decision.js';
import type { Mask, MaskName } from './mask.js';
import { agentsOf } from './plan.js';
import { type PolicyName, type Trade, policyOptionsSchema } from './policy-options.js';
import { type ArmState, type Policy, policyStateSchema } from './policy.js';
import type { Complexity, Surface } from './surface.js';

const cause: DecisionCause = 'first';
const surface: Surface = 'code-editing';
const complexity: Complexity = 'standard';
const policyName: PolicyName = 'thompson';
const trade: Trade = { cost_weight: 0.1, latency_weight: 0 };
const maskName: MaskName = 'budget';
const mask: Mask = { mask: maskName, detail: 'd', mend: 'm' };
const state: ArmState = {
  pulls: 1,
  weight: 1,
  reward: 1,
  restarts: 0,
  drift: {
    count: 1,
    mean: 1,
    rise: { evidence: 0, count: 0, reward: 0 },
    fall: { evidence: 0, count: 0, reward: 0 },
  },
  linear: null,
};
const eligible: EligibleArm = {
  arm: { agent: 'pi', version: '1', model: 'm' },
  propensity: 1,
  score: 0.5,
  success: 0.5,
  evidence: 3,
  cost_micro_usd: 1000,
  latency_ms: 60_000,
  prior: { success: 0.5, evidence: 2 },
  state,
  pending: 0,
};
const options: Policy['options'] = policyOptionsSchema.parse({ name: policyName, trade });

const decision: RouteDecision = {
  id: '01JDQ5E4M0ABCDEFGHJKMNPQRS',
  task_id: '01JDQ5E4M0ABCDEFGHJKMNPQRT',
  attempt: 1,
  parent: null,
  cause,
  at_ms: 1_764_000_000_000,
  surface,
  complexity,
  features: { words: 0.4 },
  scope: 'code-editing/standard/',
  policy: { id: policyName, version: '1', options, seed: 7 },
  draw: 0.25,
  eligible: [eligible],
  masked: [{ agent: 'codex', masks: [mask] }],
  need: null,
  affinity: null,
  spread: null,
  outranked: 0,
  chosen: 'pi',
  planner: { id: 'single', options: {} },
  plan: { kind: 'single', agent: 'pi' },
  predicted: { success: 0.5, cost_micro_usd: 1000, latency_ms: 60_000 },
  prices: 'p',
};

describe('a route decision', () => {
  it('is read back as it was written', () => {
    expect(routeDecisionSchema.parse(JSON.parse(JSON.stringify(decision)))).toEqual(decision);
  });

  it.each([
    ['draw', { ...decision, draw: 1 }],
    ['eligible', { ...decision, eligible: [] }],
    ['policy', { ...decision, policy: { ...decision.policy, seed: -1 } }],
    ['eligible', { ...decision, eligible: [{ ...eligible, cost_micro_usd: Number.NaN }] }],
    ['eligible', { ...decision, eligible: [{ ...eligible, cost_micro_usd: -1 }] }],
    ['masked', { ...decision, masked: [{ agent: 'a', masks: [] }] }],
  ])('is refused where %s is out of its domain', (field, wrong) => {
    expect(routeDecisionSchema.safeParse(wrong).error?.issues[0]?.path[0]).toBe(field);
  });
});

it('keys an arm by agent and version, and takes no agent whose name holds an @', () => {
  expect(armKey({ agent: 'pi', version: '1.2' })).toBe('pi@1.2');
  expect(armKey({ agent: 'pi@1.2', version: '1.2' })).toBe('pi@1.2');
  expect(armSchema.safeParse({ agent: 'pi@2', version: '2', model: '' }).success).toBe(true);
  expect(armSchema.safeParse({ agent: 'pi@2', version: '3', model: '' }).success).toBe(false);
  expect(armSchema.safeParse({ agent: 'p@i', version: '1', model: '' }).success).toBe(false);
});

it('names the agents of every kind of plan in their order', () => {
  expect(agentsOf({ kind: 'single', agent: 'a' })).toEqual(['a']);
  expect(agentsOf({ kind: 'cascade', steps: ['a', 'b'], stop_below: 0.1 })).toEqual(['a', 'b']);
  expect(agentsOf({ kind: 'race', agents: ['b', 'a'] })).toEqual(['b', 'a']);
  expect(agentsOf({ kind: 'hybrid', first: 'a', second: 'c', hedge_ms: 5 })).toEqual(['a', 'c']);
  expect(agentsOf({ kind: 'parallel', agents: ['c'] })).toEqual(['c']);
});

it('takes an empty state, and no state with a negative weight', () => {
  expect(policyStateSchema.parse({ arms: {}, pending: {} })).toEqual({ arms: {}, pending: {} });
  expect(policyStateSchema.safeParse({ arms: { a: { weight: -1 } }, pending: {} }).success).toBe(false);
});
