import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agentProfileSchema } from '../registry/agent-profile.js';
import { agentNeedSchema } from '../registry/capability-match.js';
import { type Question, type Routed, decideRoute } from './decide-route.js';
import { type RouteDecision, routeDecisionSchema } from './decision.js';
import type { Estimate } from './estimate.js';
import type { Contender, TaskNeed } from './judge-arm.js';
import { layField } from './lay-field.js';
import type { MaskName } from './mask.js';
import { createPolicy } from './policies/create-policy.js';
import { type PolicyName, policyOptionsSchema } from './policy-options.js';
import type { Policy, PolicyState } from './policy.js';
import {
  differingFields,
  recallRequest,
  renderDecision,
  replayDecision,
  sampleOf,
  weighRecorded,
} from './replay-decision.js';

const nowMs = 1_764_000_000_000;

function contender(name: string, changes: Partial<Contender> = {}, profile: object = {}): Contender {
  return {
    arm: { agent: name, version: '1', model: 'm' },
    entry: {
      profile: agentProfileSchema.parse({ name, kind: 'cli', ...profile }),
      status: 'available',
      load: { running: 0, waiting: 0 },
      health: { heard_ms: nowMs, probation: 0 },
      performance: new Map(),
    },
    costMicroUsd: 200_000,
    lacks: null,
    withheld: null,
    openUntilMs: null,
    ...changes,
  };
}

const anyTask: TaskNeed = {
  need: agentNeedSchema.parse({}),
  named: [],
  tried: [],
  budgetMicroUsd: null,
  nowMs,
};

const question = (task: Partial<TaskNeed> = {}, changes: Partial<Question> = {}): Question => ({
  id: '01JDQ5E4M0ABCDEFGHJKMNPQRS',
  task_id: '01JDQ5E4M0ABCDEFGHJKMNPQRT',
  attempt: 1,
  parent: null,
  cause: 'first',
  at_ms: nowMs,
  surface: 'code-editing',
  complexity: 'standard',
  features: { hardness: 0.3 },
  scope: 'code-editing/standard/',
  draw: 0.4,
  prices: 'p1',
  seed: 7,
  task: { ...anyTask, ...task },
  session: null,
  ...changes,
});

const estimate: Estimate = { prior: { success: 0.6, evidence: 4 }, costMicroUsd: 200_000, latencyMs: 60_000 };

function decide(
  contenders: readonly Contender[],
  asked: Question = question(),
  policy: Policy = createPolicy(policyOptionsSchema.parse({ name: 'thompson', floor: 0.05 })),
  state: PolicyState = policy.start(),
  estimateOf: () => Estimate = () => estimate,
): Routed {
  const field = layField(contenders, estimateOf, state, asked.task, policy.options.trade);
  return decideRoute(policy, state, field, asked);
}

function decisionOf(routed: Routed): RouteDecision {
  if (routed.kind !== 'decided') throw new Error(JSON.stringify(routed.refusal));
  return routed.decision;
}

describe('a decision', () => {
  const three = [contender('a'), contender('b'), contender('c')];

  it('records all that was eligible with its propensity, and chooses where the draw falls', () => {
    const decision = decisionOf(decide(three));
    expect(routeDecisionSchema.parse(decision)).toEqual(decision);
    expect(decision.eligible.map((one) => one.propensity)).toEqual(
      [1 / 3, 1 / 3, 1 / 3].map((p) => expect.closeTo(p, 9) as number),
    );
    expect(decision.chosen).toBe('b');
    expect(decision.plan).toEqual({ kind: 'single', agent: 'b' });
    expect(decision.predicted).toEqual({ success: 0.6, cost_micro_usd: 200_000, latency_ms: 60_000 });
    expect(decision.policy).toMatchObject({ id: 'thompson', version: '1', seed: 7 });
  });

  const names: PolicyName[] = ['epsilon-greedy', 'ucb1', 'kl-ucb', 'thompson', 'lin-ucb', 'lin-ts', 'square-cb'];

  it('replays to the same bytes from its record alone, whichever policy made it', () => {
    const lesson = fc.record({
      key: fc.constantFrom('a@1', 'b@1', 'c@1', 'd@1'),
      features: fc.constant({ hardness: 0.3 }),
      reward: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.array(lesson, { maxLength: 20 }),
        fc.double({ min: 0, max: 0.9999999, noNaN: true }),
        fc.integer({ min: 0, max: 0xffff_ffff }),
        (name, lessons, draw, seed) => {
          const linear = /lin|square/.test(name) ? { features: ['hardness'] } : {};
          const policy = createPolicy(
            policyOptionsSchema.parse({ name, ...linear, trade: { cost_weight: 0.3 }, restart_above: 4 }),
          );
          const learned = lessons.reduce((state, one) => policy.learn(state, one), policy.start());
          const state = policy.pend(learned, 'a@1');
          const decision = decisionOf(decide(three, question({}, { draw, seed }), policy, state));
          const stored = routeDecisionSchema.parse(JSON.parse(JSON.stringify(decision)));
          expect(renderDecision(replayDecision(stored))).toBe(renderDecision(decision));
          expect(differingFields(decision, replayDecision(stored))).toEqual([]);
        },
      ),
      { numRuns: 100 },
    );
  });

  const busy = (name: string, running: number, waiting = 0): Contender =>
    contender(
      name,
      { entry: { ...contender(name, {}, { limits: { concurrency: 4 } }).entry, load: { running, waiting } } },
      {},
    );

  it('lets the less busy of equals have the greater chance, and replays whatever the load was', () => {
    const decision = decisionOf(decide([busy('a', 0), busy('b', 2), busy('c', 3, 3)]));
    expect(decision.spread?.utilisations).toEqual([0, 0.5, 1.5]);
    expect(decision.spread?.weighed).toEqual([1 / 3, 1 / 3, 1 / 3].map((one) => expect.closeTo(one, 9) as number));
    // Of two of three the busiest never has it, the idle one always: 0.9 · 2/3 + 0.1 / 3, and so on.
    const chances = decision.eligible.map(({ propensity }) => propensity);
    expect(chances).toEqual([19 / 30, 10 / 30, 1 / 30].map((one) => expect.closeTo(one, 9) as number));
    const loads = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(loads, fc.double({ min: 0, max: 0.9999999, noNaN: true }), ([a = 0, b = 0, c = 0], draw) => {
        const made = decisionOf(decide([busy('a', a), busy('b', b), busy('c', c)], question({}, { draw })));
        const stored = routeDecisionSchema.parse(JSON.parse(JSON.stringify(made)));
        expect(renderDecision(replayDecision(stored))).toBe(renderDecision(made));
        expect(made.eligible.reduce((sum, { propensity }) => sum + propensity, 0)).toBeCloseTo(1, 12);
      }),
    );
  });

  it('leaves the chances of arms that are no equals as the policy gave them, however busy they are', () => {
    const policy = createPolicy(policyOptionsSchema.parse({ name: 'epsilon-greedy', epsilon: 0.1, decay: 1 }));
    const learned = [1, 1, 1].reduce(
      (state, reward) => policy.learn(state, { key: 'a@1', features: {}, reward }),
      policy.start(),
    );
    // Of one model, three passes could be luck; of two, they tell them apart.
    const other = { ...busy('b', 0), arm: { agent: 'b', version: '1', model: 'n' } };
    const decision = decisionOf(decide([busy('a', 3), other], question(), policy, learned));
    expect(decision.eligible.map(({ propensity }) => propensity)).toEqual(decision.spread?.weighed);
  });

  it('reads a record of an earlier Arbiter, which did not look at load, and replays it as it was', () => {
    const { spread: _, ...old } = decisionOf(decide(three));
    const read = routeDecisionSchema.parse(JSON.parse(JSON.stringify(old)));
    expect(read.spread).toBeNull();
    expect(renderDecision(replayDecision(read))).toBe(renderDecision(read));
  });

  it('weighs another policy under the load of the moment: the log’s own has the weight 1', () => {
    const policy = createPolicy(policyOptionsSchema.parse({ name: 'thompson', floor: 0.05 }));
    for (const draw of [0, 0.4, 0.7, 0.99]) {
      const decision = decisionOf(decide([busy('a', 0), busy('b', 2), busy('c', 3)], question({}, { draw }), policy));
      const { propensity, target, uncovered } = sampleOf(decision, 1, policy);
      expect(target).toBe(propensity);
      expect(uncovered).toBe(0);
    }
  });

  it('waits for the least busy of equals where all are at work', () => {
    const all = [busy('a', 4, 4), busy('b', 4, 0)];
    expect(decide(all)).toMatchObject({ kind: 'no-arm' });
    const decision = decisionOf(decide(all, question({ waits: true })));
    expect(decision.eligible.map(({ propensity }) => propensity)).toEqual([
      expect.closeTo(0.05, 9),
      expect.closeTo(0.95, 9),
    ]);
  });

  it('says which field was changed behind its back', () => {
    const decision = decisionOf(decide(three));
    expect(differingFields({ ...decision, draw: 0.9 }, replayDecision({ ...decision, draw: 0.9 }))).toEqual([
      'chosen',
      'plan',
    ]);
    const [first, ...rest] = decision.eligible;
    const forged = { ...decision, eligible: [{ ...first!, propensity: 0.9 }, ...rest] };
    expect(differingFields(forged, replayDecision(forged))).toEqual(['eligible']);
  });

  it('gives a sample of what another policy would have earned', () => {
    const other = createPolicy(policyOptionsSchema.parse({ name: 'epsilon-greedy', epsilon: 0.3, decay: 1 }));
    const policy = createPolicy(policyOptionsSchema.parse({ name: 'ucb1', floor: 0.3 }));
    const learned = [1, 1, 1, 0].reduce(
      (state, reward) => policy.learn(state, { key: 'b@1', features: {}, reward }),
      policy.start(),
    );
    const decision = decisionOf(decide(three, question({}, { draw: 0 }), policy, learned));
    expect(recallRequest(decision).state.arms['b@1']).toEqual(learned.arms['b@1']);
    const { propensities } = weighRecorded(decision, other);
    const sample = sampleOf(decision, 1, other);
    const at = decision.eligible.findIndex((one) => one.arm.agent === decision.chosen);
    expect(sample.propensity).toBe(decision.eligible[at]!.propensity);
    expect(sample.target).toBe(propensities[at]);
    expect(sample.uncovered).toBe(0);
    expect(() => sampleOf({ ...decision, chosen: 'z' }, 1, other)).toThrow(/z was not eligible/);
  });

  it('keeps the agent that has a session’s caches, and says so of the others', () => {
    const session = { session: 's', agent: 'c' };
    const decision = decisionOf(decide(three, question({}, { session })));
    expect(decision).toMatchObject({ chosen: 'c', affinity: { ...session, kept: true } });
    expect(decision.eligible).toMatchObject([{ propensity: 1 }]);
    expect(decision.masked.map((one) => [one.agent, one.masks[0]!.mask])).toEqual([
      ['a', 'affinity'],
      ['b', 'affinity'],
    ]);
    expect(renderDecision(replayDecision(decision))).toBe(renderDecision(decision));
  });

  it('draws among all where the session’s agent cannot be asked, or there is none', () => {
    const session = { session: 's', agent: 'c' };
    const tried = decisionOf(decide(three, question({ tried: ['c'] }, { session })));
    expect(tried).toMatchObject({ affinity: { ...session, kept: false }, eligible: [{}, {}] });
    expect(tried.chosen).not.toBe('c');
    const gone = decisionOf(decide(three, question({}, { session: { session: 's', agent: 'z' } })));
    expect(gone).toMatchObject({ affinity: { agent: 'z', kept: false }, eligible: [{}, {}, {}] });
    const first = decisionOf(decide(three, question({}, { session: { session: 's', agent: null } })));
    expect(first).toMatchObject({ affinity: { session: 's', agent: null, kept: false }, eligible: [{}, {}, {}] });
    expect(decisionOf(decide(three)).affinity).toBeNull();
  });

  it('keeps it though too many stand before it to be weighed', () => {
    const many = Array.from({ length: 100 }, (_, at) => contender(`a${at}`));
    const decision = decisionOf(decide(many, question({}, { session: { session: 's', agent: 'a99' } })));
    expect(decision).toMatchObject({ chosen: 'a99', outranked: 67 });
    expect(decision.masked).toHaveLength(32);
  });

  it('weighs the 32 of which most may be hoped, and counts the others', () => {
    const many = Array.from({ length: 100 }, (_, at) => contender(`a${at}`));
    const estimateOf = (): Estimate => estimate;
    const policy = createPolicy(policyOptionsSchema.parse({ name: 'ucb1' }));
    let state = policy.start();
    for (let at = 0; at < 40; at += 1) {
      for (const _ of [1, 2, 3]) state = policy.learn(state, { key: `a${at}@1`, features: {}, reward: 0 });
    }
    const decision = decisionOf(decide(many, question(), policy, state, estimateOf));
    expect(decision.eligible).toHaveLength(32);
    expect(decision.masked).toHaveLength(0);
    expect(decision.outranked).toBe(68);
    expect(decision.eligible.filter((one) => one.state !== null)).toHaveLength(0);
  });

  it('takes an arm whose price nobody knows for as dear as the dearest, never for free', () => {
    const unpriced = contender('u', { costMicroUsd: null });
    const decision = decisionOf(
      decide([contender('a', { costMicroUsd: 900_000 }), unpriced], question(), undefined, undefined, () => ({
        ...estimate,
        costMicroUsd: null,
      })),
    );
    expect(decision.eligible.map((one) => one.cost_micro_usd)).toEqual([900_000, 900_000]);
  });

  it('refuses two versions of one agent', () => {
    const twice = [contender('a'), contender('a', { arm: { agent: 'a', version: '2', model: 'm' } })];
    expect(() => decide(twice)).toThrow(/two versions of one agent/);
  });
});

describe('masks', () => {
  const cases: readonly [MaskName, Contender, Partial<TaskNeed>][] = [
    ['retired', contender('a', {}, { status: 'retired' }), {}],
    ['drained', contender('a', {}, { status: 'draining' }), {}],
    ['health', contender('a', {}, { status: 'offline' }), {}],
    ['health', contender('a', { entry: { ...contender('a').entry, status: 'offline' } }), {}],
    ['not-named', contender('a'), { named: ['b'] }],
    ['tried', contender('a'), { tried: ['a'] }],
    ['lacking', contender('a', { lacks: 'lacks the variable KEY' }), {}],
    [
      'capability',
      contender('a', {}, { capabilities: { task_types: ['research'] } }),
      { need: agentNeedSchema.parse({ task_type: 'code-editing' }) },
    ],
    [
      'language',
      contender('a', {}, { capabilities: { languages: ['python'] } }),
      { need: agentNeedSchema.parse({ languages: ['rust'] }) },
    ],
    [
      'context-length',
      contender('a', {}, { limits: { context_tokens: 8000 } }),
      { need: agentNeedSchema.parse({ context_tokens: 9000 }) },
    ],
    ['residency', contender('a', {}, { residency: ['us'] }), { need: agentNeedSchema.parse({ residency: ['eu'] }) }],
    ['price-unknown', contender('a', { costMicroUsd: null }), { budgetMicroUsd: 1 }],
    ['budget', contender('a'), { budgetMicroUsd: 199_999 }],
    ['breaker-open', contender('a', { openUntilMs: nowMs + 5000 }), {}],
    ['load', contender('a', { entry: { ...contender('a').entry, load: { running: 1, waiting: 0 } } }), {}],
    ['rollout', contender('a', { withheld: 'canary at 10 %, this task is not among them' }), {}],
  ];

  it.each(cases)('%s, with a reason and what would lift it', (mask, one, task) => {
    const routed = decide([one], question(task));
    if (routed.kind !== 'no-arm') throw new Error('was eligible');
    expect(routed.refusal.masked).toHaveLength(1);
    const [found, ...others] = routed.refusal.masked[0]!.masks;
    expect(others).toEqual([]);
    expect(found).toMatchObject({ mask });
    expect(found!.detail).not.toBe('');
    expect(found!.mend).not.toBe('');
  });

  it('leave eligible what meets them exactly', () => {
    const one = contender('a', { openUntilMs: nowMs }, { residency: ['eu'], limits: { context_tokens: 9000 } });
    const need = agentNeedSchema.parse({ residency: ['eu'], context_tokens: 9000 });
    expect(decisionOf(decide([one], question({ need, budgetMicroUsd: 200_000, named: ['a'] }))).chosen).toBe('a');
  });

  it('name every reason, not the first alone', () => {
    const routed = decide([contender('a', { openUntilMs: nowMs + 1, withheld: 'w' })], question({ tried: ['a'] }));
    expect(routed.kind === 'no-arm' && routed.refusal.masked[0]!.masks.map((one) => one.mask)).toEqual([
      'tried',
      'breaker-open',
      'rollout',
    ]);
  });

  it('say when waiting helps: the first breaker that closes, where nothing else keeps the arm out', () => {
    const open = (name: string, afterMs: number, changes: Partial<Contender> = {}): Contender =>
      contender(name, { openUntilMs: nowMs + afterMs, ...changes });
    const all = decide([open('a', 9000), open('b', 5000), open('c', 1000, { withheld: 'w' })]);
    expect(all).toMatchObject({ kind: 'no-arm', refusal: { retryAtMs: nowMs + 5000 } });
    expect(decide([contender('a')], question({ tried: ['a'] }))).toMatchObject({ refusal: { retryAtMs: null } });
    expect(decide([])).toMatchObject({ kind: 'no-arm', refusal: { masked: [], retryAtMs: null } });
  });
});
