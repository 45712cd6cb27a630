import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryRoutes } from '../../src/adapters/memory/memory-routes.js';
import { agentProfileSchema } from '../../src/core/registry/agent-profile.js';
import { agentNeedSchema } from '../../src/core/registry/capability-match.js';
import { makeUlid } from '../../src/core/ids.js';
import { type Question, decideRoute } from '../../src/core/routing/decide-route.js';
import type { RouteDecision } from '../../src/core/routing/decision.js';
import type { Estimate } from '../../src/core/routing/estimate.js';
import type { Contender } from '../../src/core/routing/judge-arm.js';
import { layField } from '../../src/core/routing/lay-field.js';
import { createPolicy } from '../../src/core/routing/policies/create-policy.js';
import { type PolicyOptions, policyOptionsSchema } from '../../src/core/routing/policy-options.js';
import { differingFields, renderDecision, replayDecision } from '../../src/core/routing/replay-decision.js';
import { complexitySchema, surfaceSchema } from '../../src/core/routing/surface.js';
import { type Planning, createPlanner, plannerOf } from '../../src/core/tasks/plan-route.js';
import type { RouteStore } from '../../src/ports/route-store.js';
import { type Crowd, crowdPlaces } from '../store/places.js';

const places = await crowdPlaces(2, createMemoryRoutes, ({ routes }) => routes);
const nowMs = 1_764_000_000_000;
let counted = 0;
const nextId = (): string => {
  counted += 1;
  const bytes = new Uint8Array(10);
  bytes.set([counted >> 16, (counted >> 8) & 255, counted & 255], 7);
  return makeUlid(nowMs, bytes);
};

const share = fc.double({ min: 0, max: 1, noNaN: true });
const count = fc.nat({ max: 1_000_000 });

/** An agent that may be asked, or is kept out by one thing or another. */
const agent = fc.record({
  success: share,
  evidence: fc.double({ min: 0, max: 50, noNaN: true }),
  cost: fc.option(count, { freq: 8 }),
  latency: fc.double({ min: 0, max: 1e6, noNaN: true }),
  status: fc.constantFrom('available', 'available', 'available', 'draining'),
  lacks: fc.constantFrom(null, null, null, null, 'lacks the variable KEY'),
  running: fc.nat({ max: 2 }),
  rewards: fc.array(share, { maxLength: 6 }),
  pending: fc.nat({ max: 2 }),
});

const options: fc.Arbitrary<PolicyOptions> = fc
  .record({
    name: fc.constantFrom('epsilon-greedy', 'ucb1', 'kl-ucb', 'thompson', 'lin-ucb', 'lin-ts', 'square-cb'),
    floor: fc.double({ min: 0, max: 0.3, noNaN: true }),
    cost: fc.double({ min: 0, max: 2, noNaN: true }),
    latency: fc.double({ min: 0, max: 1, noNaN: true }),
    discount: fc.constantFrom(1, 0.999, 0.95),
    restart: fc.constantFrom(null, 4),
  })
  .map(({ name, floor, cost, latency, discount, restart }) =>
    policyOptionsSchema.parse({
      name,
      floor,
      discount,
      restart_above: restart,
      trade: { cost_weight: cost, latency_weight: latency },
      ...(/lin|square/.test(name) ? { features: ['hardness', 'words'] } : {}),
    }),
  );

const planning: fc.Arbitrary<Planning> = fc.record({
  kinds: fc.subarray<Planning['kinds'][number]>(['single', 'cascade', 'race', 'hybrid'], { minLength: 1 }),
  steps: fc.integer({ min: 1, max: 4 }),
  candidates: fc.integer({ min: 1, max: 3 }),
  false_accept: fc.double({ min: 0, max: 0.3, noNaN: true }),
  false_reject: fc.double({ min: 0, max: 0.3, noNaN: true }),
  cost_weight: fc.double({ min: 0, max: 2, noNaN: true }),
  latency_weight: fc.double({ min: 0, max: 1, noNaN: true }),
  harm: fc.constant(1),
  budget_micro_usd: fc.option(count),
});

const asked = fc.record({
  surface: fc.constantFrom(...surfaceSchema.options),
  complexity: fc.constantFrom(...complexitySchema.options),
  features: fc.record({ hardness: share, words: share }),
  draw: fc.double({ min: 0, max: 0.9999999, noNaN: true }),
  seed: fc.integer({ min: 0, max: 0xffff_ffff }),
  budgetMicroUsd: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: count }),
  // With what JSON has to escape, and what a column of text must not lose.
  prices: fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !text.includes('\u0000')),
  session: fc.option(fc.record({ session: fc.constantFrom('s', 's:2'), agent: fc.constantFrom(null, 'a0', 'a1') })),
});

type Asked = typeof asked extends fc.Arbitrary<infer Value> ? Value : never;
type Agent = typeof agent extends fc.Arbitrary<infer Value> ? Value : never;

/** The decision on such a question; null where nobody may be asked. */
function decide(agents: readonly Agent[], how: PolicyOptions, plans: Planning, question: Asked): RouteDecision | null {
  const policy = createPolicy(how);
  const { features, budgetMicroUsd, surface, complexity, ...rest } = question;
  let state = policy.start();
  for (const [index, { rewards, pending }] of agents.entries()) {
    const key = `a${index}@1`;
    for (const reward of rewards) state = policy.learn(state, { key, features, reward });
    for (let n = 0; n < pending; n += 1) state = policy.pend(state, key);
  }
  const contenders = agents.map(({ cost, status, lacks, running }, index): Contender => {
    const name = `a${index}`;
    return {
      arm: { agent: name, version: '1', model: 'm' },
      entry: {
        profile: agentProfileSchema.parse({ name, kind: 'cli', status, limits: { concurrency: 4 } }),
        status: status === 'draining' ? 'draining' : 'available',
        load: { running, waiting: 0 },
        health: { heard_ms: nowMs, probation: 0 },
        performance: new Map(),
      },
      costMicroUsd: cost,
      lacks,
      withheld: null,
      openUntilMs: null,
    };
  });
  const estimates = new Map<string, Estimate>(
    agents.map(({ success, evidence, cost, latency }, index) => [
      `a${index}`,
      { prior: { success: Math.min(0.99, Math.max(0.01, success)), evidence }, costMicroUsd: cost, latencyMs: latency },
    ]),
  );
  const task = { need: agentNeedSchema.parse({}), named: [], tried: [], budgetMicroUsd, nowMs };
  const estimateOf = ({ agent: name }: { agent: string }): Estimate => {
    const found = estimates.get(name);
    if (found === undefined) throw new Error(`nobody is named ${name}`);
    return found;
  };
  const whole: Question = {
    ...rest,
    id: nextId(),
    task_id: nextId(),
    attempt: 1,
    parent: null,
    cause: 'first',
    at_ms: nowMs,
    surface,
    complexity,
    features,
    scope: `${surface}/${complexity}/r`,
    task,
  };
  const routed = decideRoute(
    policy,
    state,
    layField(contenders, estimateOf, state, task, how.trade),
    whole,
    createPlanner(plans),
  );
  return routed.kind === 'decided' ? routed.decision : null;
}

describe.each(places)('a decision in the record of the router: $name', ({ skip, open }) => {
  describe.skipIf(skip)('', () => {
    let crowd: Crowd<RouteStore>;
    beforeAll(async () => {
      crowd = await open();
    });
    afterAll(() => crowd.close());

    it('is read by another process as it was made, and made again from that to the byte, whatever was asked', async () => {
      const [writer, reader] = crowd.stores;
      if (writer === undefined || reader === undefined) throw new Error('the crowd is too small');
      let decided = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(agent, { minLength: 1, maxLength: 8 }),
          options,
          planning,
          asked,
          async (agents, how, plans, question) => {
            const decision = decide(agents, how, plans, question);
            if (decision === null) return;
            decided += 1;
            await writer.record(decision, 'r');
            const [read, ofTask] = [await reader.read(decision.id), await reader.ofTask(decision.task_id)];
            expect(renderDecision(read.decision)).toBe(renderDecision(decision));
            expect(ofTask.map((one) => renderDecision(one.decision))).toEqual([renderDecision(decision)]);
            const again = replayDecision(read.decision, plannerOf(read.decision) ?? undefined);
            expect(differingFields(read.decision, again)).toEqual([]);
            expect(renderDecision(again)).toBe(renderDecision(decision));
          },
        ),
        { numRuns: 200 },
      );
      // Where nobody could be asked there is nothing to be made again: those are few.
      expect(decided).toBeGreaterThan(100);
    }, 120_000);
  });
});
