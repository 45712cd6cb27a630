import { afterAll, beforeAll, expect, it } from 'vitest';
import { routeEvaluate, routeExplain, routeReplay } from '../../src/app/routing/operations.js';
import { agentProfileSchema } from '../../src/core/registry/agent-profile.js';
import type { Task } from '../../src/core/tasks/task.js';
import type { OpenRuntime } from '../../src/ports/runtime.js';
import { arbiter } from './cli.js';
import { type Ground, layGround, openServed, run, setAgents, settled } from './routing-ground.js';
import { createWorld } from './world.js';

// Tasks of one session keep their agent, whose caches hold what it has read.
const world = createWorld({ ARBITER_FSYNC: 'off' });
const names = ['one', 'two', 'three'];
const cli = (...argv: string[]) => arbiter(argv, { home: world.home, env: { ARBITER_FSYNC: 'off', CI: 'true' } });
let runtime: OpenRuntime;
let ground: Ground;

const decisionOf = async ({ id }: Pick<Task, 'id'>) => (await settled(runtime, id))[0]?.decision;
const inSession = (session: string): Promise<Task> => run(world, runtime, ground, { session });
const declare = async (name: string, status: 'available' | 'draining'): Promise<void> => {
  const agent = (await runtime.agents.list()).find((one) => one.name === name);
  await runtime.agents.put(agentProfileSchema.parse({ ...agent, status }));
};

beforeAll(async () => {
  ground = await layGround(
    world,
    'routing: { plans: [single], policy: { name: epsilon-greedy, epsilon: 1, decay: 1 } }\n',
  );
  runtime = await openServed(world);
  await setAgents(world, runtime, Object.fromEntries(names.map((name) => [name, [{ patch: ground.patches.whole }]])));
});
afterAll(async () => {
  await runtime.close();
  await world.close();
});

it('a session keeps its agent while that can be asked, and says so', async () => {
  const first = await inSession('TICKET-1');
  const begun = await decisionOf(first);
  expect(begun).toMatchObject({ affinity: { session: 'TICKET-1', agent: null, kept: false }, eligible: [{}, {}, {}] });
  const agent = begun?.chosen ?? '';
  const words = 'A parcel of exactly 500 grams costs 390 cents';
  const at = ['-C', ground.repository.directory, '--spec', 'POST-001', '--session', 'TICKET-1', '--json'];
  const { task: second } = JSON.parse(cli('run', words, ...at).out) as { task: Task };
  expect(second).toMatchObject({ state: 'accepted', ladder: [agent] });
  const kept = await decisionOf(second);
  expect(kept).toMatchObject({ affinity: { session: 'TICKET-1', agent, kept: true }, eligible: [{ propensity: 1 }] });
  expect(kept?.masked.map((one) => one.agent).toSorted()).toEqual(names.filter((name) => name !== agent).toSorted());
  expect(kept?.masked).toMatchObject([{ masks: [{ mask: 'affinity' }] }, { masks: [{ mask: 'affinity' }] }]);
  const { decisions } = await routeExplain.run(world.ports, { id: second.id }, world.context);
  expect(decisions[0]?.words.join('\n')).toContain(`session TICKET-1: ${agent} has its caches and is kept`);
  const { replays } = await routeReplay.run(world.ports, { id: second.id }, world.context);
  expect(replays).toMatchObject([{ same: true }]);

  // Another session, and a task of none, draw among all.
  expect(await decisionOf(await inSession('TICKET-2'))).toMatchObject({
    affinity: { agent: null },
    eligible: [{}, {}, {}],
  });
  const alone = await decisionOf(await run(world, runtime, ground));
  expect(alone).toMatchObject({ affinity: null, eligible: [{}, {}, {}] });

  // What cannot be asked is not waited for; the session goes on with whoever takes its place.
  await declare(agent, 'draining');
  const moved = await decisionOf(await inSession('TICKET-1'));
  expect(moved).toMatchObject({ affinity: { agent, kept: false }, eligible: [{}, {}] });
  await declare(agent, 'available');
  expect(await decisionOf(await inSession('TICKET-1'))).toMatchObject({
    chosen: moved?.chosen,
    affinity: { agent: moved?.chosen, kept: true },
  });

  const input = routeEvaluate.input.parse({ policy: { name: 'ucb1' } });
  expect(await routeEvaluate.run(world.ports, input, world.context)).toMatchObject({
    kept: 2,
    open: 0,
    report: { decisions: 4 },
  });
});

it('a session lets go of an agent whose work was refused', async () => {
  await setAgents(world, runtime, { poor: [{ patch: ground.patches.wrong }] });
  const refused = await inSession('TICKET-3');
  expect(refused.state).toBe('rejected');
  await settled(runtime, refused.id);
  const next = await decisionOf(await inSession('TICKET-3'));
  expect(next).toMatchObject({ affinity: { session: 'TICKET-3', agent: null, kept: false } });
  expect(cli('route', 'explain', next?.id ?? '').out).toContain('session TICKET-3: nobody has its caches');
});
