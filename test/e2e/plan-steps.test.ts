import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routeExplain } from '../../src/app/routing/operations.js';
import type { RecordedDecision } from '../../src/ports/route-store.js';
import type { OpenRuntime } from '../../src/ports/runtime.js';
import {
  type Ground,
  type Past,
  eventsOf,
  follow,
  layGround,
  only,
  openServed,
  run,
  setAgents,
  settled,
  spend,
  submit,
  tellPast,
} from './routing-ground.js';
import { createWorld } from './world.js';

// Plans as they are carried out, after a past that the agents of these tests are given.
const world = createWorld({ ARBITER_FSYNC: 'off' });
let runtime: OpenRuntime;
const greedy = '{ name: epsilon-greedy, epsilon: 0.01, decay: 1, floor: 0, trade: { cost_weight: 0.1 } }';
const routing = (kinds: string): string => `routing: { plans: [${kinds}], policy: ${greedy} }\n`;
const past = (agent: string, more: Partial<Past> = {}): Past => {
  return { agent, reward: 1, costMicroUsd: 0, latencyMs: 2000, ...more };
};

/** A decision of some task at this ground among the agents that there are: what a past may be told about. */
async function firstDecision(ground: Ground): Promise<RecordedDecision> {
  const task = await run(world, runtime, ground);
  const [decision] = await settled(runtime, task.id);
  if (decision === undefined) throw new Error('nothing was decided');
  return decision;
}

/** Runs tasks until one began with that agent: a greedy policy draws another one once in two hundred. */
async function beginningWith(ground: Ground, agent: string, micro_usd: number): Promise<string> {
  const bounds = { micro_usd, tokens: null, turns: null, wall_ms: 600_000 };
  for (let tries = 0; tries < 5; tries += 1) {
    const id = await submit(world, runtime, ground, { bounds });
    while (only(await eventsOf(runtime, id), 'work-started').length === 0)
      await new Promise((resolve) => setTimeout(resolve, 20));
    if (only(await eventsOf(runtime, id), 'worker-chosen')[0]?.ladder[0] === agent) return id;
    await follow(world, runtime, id);
  }
  throw new Error(`${agent} was never first`);
}

beforeAll(async () => {
  runtime = await openServed(world);
});
afterAll(async () => {
  await runtime.close();
  await world.close();
});

describe('a cascade', () => {
  it('goes on where the next step is worth its price, and says by which figures', async () => {
    const ground = await layGround(world, routing('cascade'));
    const { whole, wrong } = ground.patches;
    await setAgents(world, runtime, { ada: [{ patch: wrong }], bea: [{ patch: whole }] });
    const first = await firstDecision(ground);
    await tellPast(runtime, first, past('ada'), 60);
    await tellPast(runtime, first, past('bea', { costMicroUsd: 2000 }), 12);
    await tellPast(runtime, first, past('bea', { costMicroUsd: 2000, reward: 0 }), 6);
    const task = await follow(world, runtime, await beginningWith(ground, 'ada', 1_000_000));
    expect(task).toMatchObject({ state: 'accepted', rung: 1, ladder: ['ada', 'bea'] });
    const [review] = only(await eventsOf(runtime, task.id), 'plan-reviewed');
    expect(review).toMatchObject({ next: 'bea', because: 'worth-it', about: 'bea' });
    expect(review?.success).toBeGreaterThan(review?.stop_below ?? 1);
    await settled(runtime, task.id);
    const { decisions } = await routeExplain.run(world.ports, { id: task.id }, world.context);
    expect(decisions[0]?.words.join('\n')).toMatch(/before its next step: the cascade goes on with bea: success \d/);
  });

  it('stops where others have shown meanwhile that the next agent is not worth its price', async () => {
    const ground = await layGround(world, routing('cascade'));
    const { whole, wrong } = ground.patches;
    await setAgents(world, runtime, { cid: [{ patch: wrong, delay_ms: 8000 }], dan: [{ patch: whole }] });
    const first = await firstDecision(ground);
    await tellPast(runtime, first, past('cid'), 60);
    await tellPast(runtime, first, past('dan', { costMicroUsd: 2000 }), 6);
    await tellPast(runtime, first, past('dan', { costMicroUsd: 2000, reward: 0 }), 3);
    const id = await beginningWith(ground, 'cid', 1_000_000);
    expect((await runtime.tasks.read(id)).task.ladder).toEqual(['cid', 'dan']);
    await tellPast(runtime, first, past('dan', { reward: 0 }), 120);
    const task = await follow(world, runtime, id);
    expect(task).toMatchObject({ state: 'rejected', rung: 1, attempt: 1, reason: { code: 'CASCADE_STOPPED' } });
    expect(task.reason?.message).toMatch(/^FAIL.*the cascade stops before dan: the best of them is dan, success \d/);
    const [review] = only(await eventsOf(runtime, id), 'plan-reviewed');
    expect(review).toMatchObject({ next: null, because: 'not-worth-it' });
    expect(review?.success).toBeLessThan(review?.stop_below ?? 0);
  });

  it('stops where the next step does not fit the money that is left', async () => {
    const ground = await layGround(world, routing('cascade'));
    const { whole, wrong } = ground.patches;
    await setAgents(world, runtime, {
      eve: [{ patch: wrong, spend: spend(250_000) }],
      fay: [{ patch: whole, spend: spend(1000) }],
    });
    const first = await firstDecision(ground);
    await tellPast(runtime, first, past('eve'), 40);
    await tellPast(runtime, first, past('fay', { costMicroUsd: 200_000 }), 40);
    // So that eve stays ahead by a margin, though the first task may have been the one that eve fails.
    await tellPast(runtime, first, past('fay', { costMicroUsd: 200_000, reward: 0 }), 8);
    const task = await follow(world, runtime, await beginningWith(ground, 'eve', 300_000));
    expect(task).toMatchObject({ state: 'rejected', attempt: 1, reason: { code: 'CASCADE_STOPPED' } });
    expect(task.reason?.message).toMatch(/fay is not asked: \$0\.\d+ is more than the \$0\.0500 that are left/);
    expect(task.reason?.mend).toContain('--budget-usd');
    expect(only(await eventsOf(runtime, task.id), 'plan-reviewed')).toMatchObject([
      { next: null, because: 'money', left_micro_usd: 50_000, steps: ['fay'] },
    ]);
  });
});

describe('a hybrid whose hedge runs out', () => {
  it('begins the second, whose PASS stops the first within 100 ms; what both cost is the task’s', async () => {
    const ground = await layGround(world, routing('hybrid'));
    const { whole } = ground.patches;
    await setAgents(world, runtime, {
      gus: [{ patch: whole, spend: spend(900), plan_spend: spend(40) }],
      hal: [{ patch: whole, spend: spend(700) }],
    });
    const first = await firstDecision(ground);
    await tellPast(runtime, first, past('gus', { latencyMs: 1500 }), 200);
    await tellPast(runtime, first, past('hal', { costMicroUsd: 100, latencyMs: 1500 }), 40);
    await tellPast(runtime, first, past('hal', { costMicroUsd: 100, latencyMs: 1500, reward: 0 }), 4);
    await setAgents(world, runtime, {
      gus: [{ patch: whole, spend: spend(900), plan_spend: spend(40), delay_ms: 300_000 }],
      hal: [{ patch: whole, spend: spend(700) }],
    });
    const task = await follow(world, runtime, await beginningWith(ground, 'gus', 1_000_000));
    const plan = task.routing?.plan;
    if (plan?.kind !== 'hybrid') throw new Error(`the plan is ${plan?.kind}`);
    expect(plan).toMatchObject({ first: 'gus', second: 'hal' });
    expect(task).toMatchObject({ state: 'accepted', chosen: 1, attempt: 1 });
    const events = await eventsOf(runtime, task.id);
    const [begun] = only(events, 'work-started');
    const second = only(events, 'plan-proposed').find(({ candidate }) => candidate === 1);
    // The first had not passed when its hedge was over, and not before did the second begin.
    expect((second?.at_ms ?? 0) - (begun?.at_ms ?? 0)).toBeGreaterThanOrEqual(plan.hedge_ms);
    const [lost] = only(events, 'candidate-cancelled');
    expect(lost).toMatchObject({ candidate: 0, winner: 1 });
    expect(lost?.after_ms).toBeLessThanOrEqual(100);
    expect(task.spend.micro_usd).toBeGreaterThanOrEqual(740);
    const [decision] = await settled(runtime, task.id, 2);
    const outcome = (agent: string) => decision?.outcomes.find((one) => one.agent === agent);
    expect(outcome('hal')).toMatchObject({ verdict: 'PASS', reward: 1, costMicroUsd: 700 });
    expect(outcome('gus')).toMatchObject({ verdict: null, reward: null, costMicroUsd: 40 });
  }, 180_000);
});
