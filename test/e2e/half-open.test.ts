import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agentBreaker } from '../../src/app/registry/open-registry.js';
import { cancelTask } from '../../src/app/tasks/answer-task.js';
import { laneOf } from '../../src/app/tasks/lanes.js';
import { closedBreaker } from '../../src/core/registry/breaker.js';
import type { OpenRuntime } from '../../src/ports/runtime.js';
import {
  type Ground,
  follow,
  layGround,
  openServed,
  recordAgent,
  run,
  setAgents,
  settled,
  submit,
  waitForTrial,
} from './routing-ground.js';
import { createWorld } from './world.js';

// One trial at a time is what a half-open breaker lets through, over all tasks.
const world = createWorld({ ARBITER_FSYNC: 'off' });
let runtime: OpenRuntime;
let ground: Ground;

beforeAll(async () => {
  ground = await layGround(world, '');
  runtime = await openServed(world);
});
afterAll(async () => {
  await runtime.close();
  await world.close();
});

/** A task for the same agent in another of its lanes: in the same one it would wait until the other has ended. */
async function submitBeside(other: string, request: { readonly agents: readonly [string] }): Promise<string> {
  const agent = await runtime.agents.find(request.agents[0]);
  if (agent === null) throw new Error(`there is no agent ${request.agents[0]}`);
  for (;;) {
    const id = await submit(world, runtime, ground, { agents: [...request.agents] });
    if (laneOf(agent, id) !== laneOf(agent, other)) return id;
    await cancelTask(runtime, id, 'a test', Date.now());
  }
}

/** An agent whose breaker is half open, and the task that has begun its trial. */
async function startTrial(agent: string, more: { readonly agents?: [string] } = {}): Promise<string> {
  await setAgents(world, runtime, { [agent]: [{ patch: ground.patches.whole, delay_ms: 8000 }] });
  const ended = { ...closedBreaker, trips: 1, open_until_ms: Date.now() - 1000, because: 'overload' as const };
  await runtime.registry.changeBreaker(agentBreaker(agent), () => ended);
  const first = await submit(world, runtime, ground, more);
  await waitForTrial(runtime, agent, first);
  return first;
}

/** The trial goes well; then the breaker is closed, and everybody may ask. */
async function endTrial(agent: string, first: string, more: { readonly agents?: [string] } = {}): Promise<void> {
  expect(await follow(world, runtime, first)).toMatchObject({ state: 'accepted', ladder: [agent] });
  await settled(runtime, first);
  recordAgent(world, agent, [{ patch: ground.patches.whole }]);
  expect(await run(world, runtime, ground, more)).toMatchObject({ state: 'accepted', ladder: [agent] });
}

const told = { state: 'failed', attempt: 0, reason: { code: 'AGENTS_RESTING' } };

describe('a breaker that is half open', () => {
  it('lets one task try the agent; another one is told when it may', async () => {
    const first = await startTrial('recovering');
    expect(await run(world, runtime, ground)).toMatchObject(told);
    await endTrial('recovering', first);
  });

  it('lets one of two tasks that name the agent try it; the other is told when it may', async () => {
    const named = { agents: ['trying'] as [string] };
    const first = await startTrial('trying', named);
    expect(await follow(world, runtime, await submitBeside(first, named))).toMatchObject(told);
    await endTrial('trying', first, named);
  });
});
