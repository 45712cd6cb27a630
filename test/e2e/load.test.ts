import { afterAll, beforeAll, expect, it } from 'vitest';
import { routeExplain, routeReplay } from '../../src/app/routing/operations.js';
import { cancelTask } from '../../src/app/tasks/answer-task.js';
import { chancesOfTwo } from '../../src/core/registry/load.js';
import type { OpenRuntime } from '../../src/ports/runtime.js';
import { type Ground, eventsOf, layGround, only, openServed, setAgents, settled, submit } from './routing-ground.js';
import { createWorld } from './world.js';

// Load in the router's choice: real tasks in real lanes, on agents that are recordings and take their time.
const world = createWorld({ ARBITER_FSYNC: 'off' });
const names = ['one', 'two', 'three', 'four'];
let runtime: OpenRuntime;
let ground: Ground;

beforeAll(async () => {
  // By the policy alone each has the same chance, whatever it has to do.
  ground = await layGround(
    world,
    'routing: { plans: [single], policy: { name: epsilon-greedy, epsilon: 1, decay: 1 } }\n',
  );
  runtime = await openServed(world);
  const slow = { patch: ground.patches.whole, delay_ms: 300_000 };
  await setAgents(world, runtime, Object.fromEntries(names.map((name) => [name, [slow]])));
  for (const agent of await runtime.agents.list()) {
    await runtime.agents.put({ ...agent, limits: { ...agent.limits, concurrency: 8 } });
  }
});
afterAll(async () => {
  await runtime.close();
  await world.close();
});

it('equal agents share tasks by what each has to do at the moment, and the record says so', async () => {
  const given = new Map(names.map((name) => [name, 0]));
  const ids: string[] = [];
  for (let task = 0; task < 8; task += 1) {
    const id = await submit(world, runtime, ground);
    ids.push(id);
    while (only(await eventsOf(runtime, id), 'worker-chosen').length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const [recorded] = await runtime.routes.ofTask(id);
    const { eligible = [], spread, chosen = '' } = recorded?.decision ?? {};
    // What was looked at is what earlier choices have come to, those that wait in a lane included.
    const busy = eligible.map(({ arm }) => (given.get(arm.agent) ?? 0) / 8);
    expect(spread?.utilisations).toEqual(busy);
    expect(spread?.weighed).toEqual(names.map(() => expect.closeTo(1 / 4, 12) as number));
    const chances = chancesOfTwo([0.25, 0.25, 0.25, 0.25], busy, 0.9);
    expect(eligible.map(({ propensity }) => propensity)).toEqual(
      chances.map((one) => expect.closeTo(one, 9) as number),
    );
    given.set(chosen, (given.get(chosen) ?? 0) + 1);
  }
  // Two each would be even. More than four to one agent: in one run of 8,000, and in one of nine by the policy alone.
  expect(Math.max(...given.values())).toBeLessThanOrEqual(4);
  const last = ids.at(-1) ?? '';
  const { replays } = await routeReplay.run(world.ports, { id: last }, world.context);
  expect(replays).toMatchObject([{ same: true, differs: [] }]);
  const { decisions } = await routeExplain.run(world.ports, { id: last }, world.context);
  const line = decisions[0]?.words.find((words) => words.startsWith('load among equals'));
  for (const name of names) expect(line).toMatch(new RegExp(`${name} is [\\d.]+ % busy: 25\\.0 % became [\\d.]+ %`));
  for (const id of ids) await cancelTask(runtime, id, 'a test', Date.now());
  for (const id of ids) await settled(runtime, id);
});
