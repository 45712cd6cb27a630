import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from 'pg';
import { createMemoryRoutes } from '../../src/adapters/memory/memory-routes.js';
import { relearn, teach } from '../../src/app/routing/teach.js';
import { makeUlid } from '../../src/core/ids.js';
import type { RouteDecision } from '../../src/core/routing/decision.js';
import { policyOptionsSchema } from '../../src/core/routing/policy-options.js';
import type { RouteStore, RoutedOutcome } from '../../src/ports/route-store.js';
import { type Crowd, crowdPlaces } from '../store/places.js';

const places = await crowdPlaces(8, createMemoryRoutes, ({ routes }) => routes);

let counted = 0;
const nextId = (): string => {
  counted += 1;
  const bytes = new Uint8Array(10);
  bytes.set([counted >> 8, counted & 255], 8);
  return makeUlid(1_764_000_000_000 + counted, bytes);
};

function aDecision(more: Partial<RouteDecision> = {}): RouteDecision {
  const options = policyOptionsSchema.parse({ name: 'thompson' });
  return {
    id: nextId(),
    task_id: nextId(),
    attempt: 1,
    parent: null,
    cause: 'first',
    at_ms: 1_764_000_000_000 + counted,
    surface: 'code-editing',
    complexity: 'standard',
    features: { words: 0.5 },
    scope: 'code-editing/standard/r',
    policy: { id: 'thompson', version: '1', options, seed: 7 },
    draw: 0.25,
    eligible: [
      {
        arm: { agent: 'pi', version: '1', model: '' },
        propensity: 1,
        score: 0.5,
        success: 0.5,
        evidence: 0,
        cost_micro_usd: 100,
        latency_ms: 1000,
        prior: { success: 0.5, evidence: 0 },
        state: null,
        pending: 0,
      },
    ],
    masked: [{ agent: 'codex', masks: [{ mask: 'lacking', detail: 'lacks its key', mend: 'set it' }] }],
    need: null,
    affinity: null,
    spread: null,
    outranked: 0,
    chosen: 'pi',
    planner: { id: 'test', options: {} },
    plan: { kind: 'single', agent: 'pi' },
    predicted: { success: 0.5, cost_micro_usd: 100, latency_ms: 1000 },
    prices: 'p',
    ...more,
  };
}

function anOutcome(decision: RouteDecision, more: Partial<RoutedOutcome> = {}): RoutedOutcome {
  return {
    decisionId: decision.id,
    arm: 'pi@1',
    agent: 'pi',
    verdict: 'PASS',
    reward: 1,
    costMicroUsd: 120,
    latencyMs: 900,
    failure: null,
    atMs: 1_764_000_100_000,
    revision: 1,
    mends: 0,
    ...more,
  };
}

const settle = (store: RouteStore, decision: RouteDecision, outcome: RoutedOutcome) =>
  store.settle(outcome, decision.scope, (memory, before) => teach(memory, { decision, outcome, before }));

describe.each(places)('the record of the router: $name', ({ skip, open }) => {
  describe.skipIf(skip)('', () => {
    let crowd: Crowd<RouteStore>;
    const store = (index = 0): RouteStore => crowd.stores[index % crowd.stores.length] ?? createMemoryRoutes();
    beforeAll(async () => {
      crowd = await open();
    });
    afterAll(() => crowd.close());

    it('takes one decision an attempt: the first stands, and only that is pending', async () => {
      const first = aDecision({ scope: 's/one/' });
      const again = aDecision({ scope: 's/one/', task_id: first.task_id });
      expect(await store(0).record(first, 'r')).toEqual(first);
      expect(await store(1).record(again, 'r')).toEqual(first);
      expect(await store(2).ofTask(first.task_id)).toEqual([{ decision: first, repository: 'r', outcomes: [] }]);
      expect((await store(3).recall('s/one/', ['pi@1'])).memory).toEqual({ arms: {}, pending: { 'pi@1': 1 } });
      await expect(store().read(again.id)).rejects.toMatchObject({ code: 'DECISION_UNKNOWN' });
      expect(await store().unsettled(1000)).toContain(first.task_id);
    });

    it('finds the last decision of a session, of another task and in the same repository', async () => {
      const [session, repository] = ['TICKET-1', `r-${nextId()}`];
      const of = (more: Partial<RouteDecision>) =>
        aDecision({ affinity: { session, agent: null, kept: false }, scope: 's/session/', ...more });
      const ask = (beside: string, name = session) => store(1).lastOfSession({ session: name, repository, beside });
      expect(await ask(nextId())).toBeNull();
      const first = await store().record(of({}), repository);
      const last = await store().record(of({}), repository);
      const again = await store().record(of({ task_id: last.task_id, attempt: 2 }), repository);
      await store().record(of({}), 'another');
      await store().record(of({ affinity: null }), repository);
      await store().record(of({ affinity: { session: 'TICKET-2', agent: null, kept: false } }), repository);
      expect(await ask(nextId())).toEqual({ decision: again, repository, outcomes: [] });
      expect((await ask(last.task_id))?.decision).toEqual(first);
      const pass = anOutcome(again);
      await settle(store(), again, pass);
      expect((await ask(nextId()))?.outcomes).toEqual([pass]);
      expect(await ask(nextId(), 'TICKET-3')).toBeNull();
    });

    it('learns an outcome once, whoever tells it how often; a later revision takes its place, an earlier one none', async () => {
      const decision = await store().record(aDecision({ scope: 's/two/' }), 'r');
      const fail = anOutcome(decision, { verdict: 'WAIVER_REQUIRED', reward: 0.4 });
      const tellings = await Promise.all(crowd.stores.map((one) => settle(one, decision, fail)));
      expect(tellings.filter((told) => told === 'learned')).toHaveLength(1);
      expect((await store().recall('s/two/', ['pi@1'])).memory).toMatchObject({
        arms: { 'pi@1': { pulls: 1, weight: 1, reward: 0.4 } },
        pending: {},
      });
      const pass = anOutcome(decision, { revision: 2 });
      expect(await settle(store(1), decision, pass)).toBe('learned');
      expect(await settle(store(2), decision, fail)).toBe('known');
      const { memory } = await store(3).recall('s/two/', ['pi@1']);
      expect(memory.arms['pi@1']).toMatchObject({ pulls: 1, weight: 1, reward: 1 });
      expect((await store().read(decision.id)).outcomes).toEqual([pass]);
      expect(await store().unsettled(1000)).not.toContain(decision.task_id);
    });

    it('loses no update of one arm: eight at once, and the memory is the sum', async () => {
      const scope = 's/three/';
      const decisions = Array.from({ length: 64 }, () => aDecision({ scope }));
      await Promise.all(decisions.map((decision, index) => store(index).record(decision, 'r')));
      expect((await store().recall(scope, ['pi@1'])).memory.pending).toEqual({ 'pi@1': 64 });
      await Promise.all(
        decisions.map((decision, index) =>
          settle(store(index * 3), decision, anOutcome(decision, { reward: index % 2 })),
        ),
      );
      const { memory } = await store().recall(scope, ['pi@1']);
      expect(memory.arms['pi@1']).toMatchObject({ pulls: 64, weight: 64, reward: 32 });
      expect(memory.pending).toEqual({});
      const sums = await store().tally(['pi@1', 'other@1']);
      const mine = sums.filter(({ repository }) => repository === 'r');
      expect(mine.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThanOrEqual(64);
      expect(mine.every(({ costMicroUsd, count }) => costMicroUsd === 120 * count)).toBe(true);
    });

    it('lets go of a choice that came to nothing, and teaches nothing by it', async () => {
      const decision = await store().record(aDecision({ scope: 's/four/' }), 'r');
      await settle(store(), decision, anOutcome(decision, { verdict: null, reward: null, revision: 0 }));
      expect((await store().recall('s/four/', ['pi@1'])).memory).toEqual({ arms: {}, pending: {} });
      // A verdict that comes all the same is learned.
      await settle(store(), decision, anOutcome(decision));
      expect((await store().recall('s/four/', ['pi@1'])).memory).toMatchObject({
        arms: { 'pi@1': { pulls: 1 } },
        pending: {},
      });
    });

    it('makes a memory that cannot be read again from its outcomes, equal to the one that was there', async () => {
      const scope = 's/five/';
      const discounted = policyOptionsSchema.parse({ name: 'thompson', discount: 0.99, restart_above: 5 });
      const decisions = Array.from({ length: 9 }, () =>
        aDecision({ scope, policy: { id: 'thompson', version: '1', options: discounted, seed: 7 } }),
      );
      for (const [index, decision] of decisions.entries()) {
        await store().record(decision, 'r');
        if (index < 7) await settle(store(), decision, anOutcome(decision, { reward: (index * 0.37) % 1 }));
      }
      const [first] = decisions;
      if (first !== undefined) await settle(store(), first, anOutcome(first, { reward: 0.9, revision: 2 }));
      const { memory } = await store().recall(scope, ['pi@1']);
      expect(memory.pending).toEqual({ 'pi@1': 2 });
      if (crowd.ownerUrl !== null) {
        const client = new Client({ connectionString: crowd.ownerUrl });
        await client.connect();
        await client.query(`update arbiter.route_memory set state = '{"pulls":"many"}' where scope = $1`, [scope]);
        await client.end();
        expect((await store().recall(scope, ['pi@1'])).unreadable).toEqual(['pi@1']);
        const last = decisions.at(-1);
        if (last !== undefined) expect(await settle(store(), last, anOutcome(last))).toBe('unreadable');
      }
      await store(5).mend(scope, 'pi@1', relearn);
      expect((await store().recall(scope, ['pi@1'])).memory).toEqual(memory);
    });

    it('keeps sums equal to what the outcomes add up to, after any history of outcomes and revisions by several at once', async () => {
      const where = ['trivial', 'complex'] as const;
      const lesson = fc.record({
        arm: fc.nat({ max: 2 }),
        at: fc.nat({ max: 1 }),
        rewards: fc.array(fc.option(fc.double({ min: 0, max: 1, noNaN: true })), { minLength: 1, maxLength: 4 }),
        cost: fc.nat({ max: 1_000_000 }),
      });
      let run = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(lesson, { minLength: 1, maxLength: 12 }), async (lessons) => {
          run += 1;
          const arms = [0, 1, 2].map((n) => `s${run}.${n}@1`);
          const settling = lessons.map(async ({ arm: n, at, rewards, cost }, index) => {
            const arm = arms[n] ?? '';
            const complexity = where[at] ?? 'standard';
            const made = await store(index).record(aDecision({ scope: `sums/${complexity}/`, complexity }), `r${run}`);
            await Promise.all(
              rewards.map((reward, revision) => {
                const told = { arm, agent: arm.slice(0, -2), reward, revision, costMicroUsd: cost + revision };
                return settle(store(index + revision), made, anOutcome(made, told));
              }),
            );
          });
          await Promise.all(settling);
          const wanted = new Map<string, readonly number[]>();
          for (const { arm, at, rewards, cost } of lessons) {
            const reward = rewards.at(-1) ?? null;
            if (reward === null) continue;
            const key = `${arms[arm]} ${where[at]}`;
            const [count = 0, sum = 0, money = 0] = wanted.get(key) ?? [];
            wanted.set(key, [count + 1, sum + Math.round(reward * 1e6), money + cost + rewards.length - 1]);
          }
          const summed = new Map<string, readonly number[]>();
          for (const { arm, complexity, count, reward, costMicroUsd, repository } of await store().tally(arms)) {
            expect(repository).toBe(`r${run}`);
            const key = `${arm} ${complexity}`;
            const [n = 0, sum = 0, money = 0] = summed.get(key) ?? [];
            summed.set(key, [n + count, sum + Math.round(reward * 1e6), money + costMicroUsd]);
          }
          // Half a millionth is rounded up here and to the even one there.
          for (const [key, [count = 0, sum = 0, money = 0]] of wanted) {
            const [n = 0, found = 0, cost = 0] = summed.get(key) ?? [];
            expect([key, n, cost]).toEqual([key, count, money]);
            expect(Math.abs(found - sum)).toBeLessThanOrEqual(count);
          }
          expect([...summed.keys()].toSorted()).toEqual([...wanted.keys()].toSorted());
          expect(await store().checkSums({ mends: false })).toEqual([]);
        }),
        { numRuns: 20 },
      );
      for (const { scope, arm } of await store().remembered()) {
        expect([scope, arm, await store().mend(scope, arm, relearn, { only: 'look' })]).toEqual([scope, arm, false]);
      }
    });

    it('remembers a choice that came to nothing yet when its memory is made again', async () => {
      const decision = await store().record(aDecision({ scope: 's/six/' }), 'r');
      expect(await store().mend('s/six/', 'pi@1', relearn)).toBe(false);
      expect((await store().recall('s/six/', ['pi@1'])).memory.pending).toEqual({ 'pi@1': 1 });
      await settle(store(), decision, anOutcome(decision));
      const told: string[] = [];
      for await (const page of store().outcomes()) told.push(...page.map((one) => `${one.decisionId} ${one.arm}`));
      expect(told).toContain(`${decision.id} pi@1`);
      expect(told.map((one) => one.slice(0, 26))).toEqual(told.map((one) => one.slice(0, 26)).toSorted());
    });

    it('finds a sum that somebody spoiled, names it, and sets it right', async () => {
      if (crowd.ownerUrl === null) return;
      const decision = await store().record(aDecision({ scope: 's/seven/', complexity: 'trivial' }), 'spoiled');
      await settle(store(), decision, anOutcome(decision));
      const client = new Client({ connectionString: crowd.ownerUrl });
      await client.connect();
      await client.query(`update arbiter.route_sums set outcomes = 100 where repository = 'spoiled'`);
      await client.end();
      const named = [
        { arm: 'pi@1', surface: 'code-editing', complexity: 'trivial', repository: 'spoiled', kept: 100, afresh: 1 },
      ];
      expect(await store().checkSums({ mends: false })).toEqual(named);
      expect(await store(1).checkSums({ mends: true })).toEqual(named);
      expect(await store().checkSums({ mends: false })).toEqual([]);
    });

    it('never changes what is recorded', async () => {
      if (crowd.ownerUrl === null) return;
      const client = new Client({ connectionString: crowd.ownerUrl });
      await client.connect();
      for (const statement of ['delete from arbiter.route_decisions', 'update arbiter.route_outcomes set reward = 1']) {
        await expect(client.query(statement)).rejects.toThrow('never changed');
      }
      await client.end();
    });
  });
});
