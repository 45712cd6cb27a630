import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rolloutPromote } from '../../src/app/rollout/decide-rollout.js';
import { rolloutStatus } from '../../src/app/rollout/operations.js';
import { rolloutStart } from '../../src/app/rollout/start-rollout.js';
import { agentProfileSchema } from '../../src/core/registry/agent-profile.js';
import { admitByRollout, placeOfTask } from '../../src/core/rollout/admit.js';
import type { Rollout } from '../../src/core/rollout/rollout.js';
import type { OpenRuntime } from '../../src/ports/runtime.js';
import { type Ground, layGround, openServed, run, setAgents, settled, spend } from './routing-ground.js';
import { createWorld } from './world.js';

// Rollouts in the loop: tasks are divided by them, and their verdicts are what the bets are played on.
const world = createWorld({ ARBITER_FSYNC: 'off' });
let runtime: OpenRuntime;
let ground: Ground;
const uniform = '{ name: epsilon-greedy, epsilon: 1, decay: 1 }';

beforeAll(async () => {
  ground = await layGround(world, `routing: { plans: [single], policy: ${uniform} }\n`);
  runtime = await openServed(world);
  await setAgents(world, runtime, {
    here: [{ patch: ground.patches.whole, spend: spend(700) }],
    next: [{ patch: ground.patches.whole, spend: spend(300) }],
  });
});
afterAll(async () => {
  await runtime.close();
  await world.close();
});

async function stateOf(id: string): Promise<Rollout> {
  const { rollouts, kept } = await rolloutStatus.run(world.ports, { id }, world.context);
  expect(kept).toBe('equal');
  if (rollouts[0] === undefined) throw new Error('there was to be one');
  return rollouts[0].rollout;
}

async function start(kind: 'agent' | 'policy', incumbent: string, candidate: string): Promise<string> {
  const options = { shadow_decisions: 1 };
  const input = rolloutStart.input.parse({ subject: { kind, incumbent, candidate }, options, by: 'ada' });
  return (await rolloutStart.run(world.ports, input, world.context)).rollout.id;
}

/** Runs a task to its end, and answers its one decision once its outcome is learned. */
async function decided() {
  const task = await run(world, runtime, ground);
  expect(task.state).toBe('accepted');
  await settled(runtime, task.id);
  const [first] = await runtime.routes.ofTask(task.id);
  if (first === undefined) throw new Error('the task was to be routed');
  return first.decision;
}

it('an agent acts in its shadow by the incumbent alone, then works on the tasks that are its, and both are counted', async () => {
  const [version] = (await runtime.agents.list()).map((profile) => profile.version);
  const id = await start('agent', `here@${version}`, `next@${version}`);
  const shadow = await decided();
  expect(shadow.chosen).toBe('here');
  expect(shadow.masked).toMatchObject([{ agent: 'next', masks: [{ mask: 'rollout' }] }]);
  expect(shadow.masked[0]?.masks[0]?.detail).toMatch(
    /\(shadow, 0 % of tasks go to next@.*\) gives this task to the incumbent/,
  );
  expect(await stateOf(id)).toMatchObject({ stage: 'canary-10', shadow: { decided: 1, agreed: 1 } });

  for (const stage of ['canary-25', 'canary-50']) {
    const { rollout } = await rolloutPromote.run(world.ports, { id, by: 'ada', why: 'a test' }, world.context);
    expect(rollout.stage).toBe(stage);
  }
  const before = await stateOf(id);
  const sides = new Set<string>();
  let tasks = 0;
  for (; sides.size < 2 && tasks < 20; tasks += 1) {
    const decision = await decided();
    const side = admitByRollout(decision.task_id, before);
    expect(decision.chosen).toBe(side === 'candidate' ? 'next' : 'here');
    sides.add(side);
  }
  const { comparison } = await stateOf(id);
  const { incumbent, candidate } = comparison.tally;
  expect(incumbent.outcomes + candidate.outcomes).toBe(
    before.comparison.tally.incumbent.outcomes + before.comparison.tally.candidate.outcomes + tasks,
  );
  expect(candidate.outcomes).toBeGreaterThan(0);
  expect([incumbent.reward, candidate.reward]).toEqual([incumbent.outcomes, candidate.outcomes]);
});

it('a candidate that cannot be asked keeps no task from being done: the incumbent does it, and it is not counted', async () => {
  const id = await start('agent', 'here@1', 'gone@1').catch((error: unknown) => error);
  expect(id).toMatchObject({ code: 'ROLLOUT_SUBJECT_UNKNOWN' });
  for (const { name } of await runtime.agents.list()) await runtime.agents.remove(name);
  await setAgents(world, runtime, { old: [{ patch: ground.patches.whole, spend: spend(700) }] });
  const lost = join(world.home, 'lost.json');
  await runtime.agents.put(agentProfileSchema.parse({ name: 'lost', kind: 'replay', file: lost }));
  const begun = await start('agent', 'old@1', 'lost@1');
  expect((await decided()).chosen).toBe('old');
  const before = (await stateOf(begun)).comparison.tally;
  for (let stage = ''; stage !== 'full';) {
    ({ stage } = (
      await rolloutPromote.run(world.ports, { id: begun, by: 'ada', why: 'a test' }, world.context)
    ).rollout);
  }
  expect((await decided()).chosen).toBe('old');
  expect((await stateOf(begun)).comparison.tally).toEqual(before);
});

it('a policy decides about the tasks that are its', async () => {
  const id = await start('policy', 'epsilon-greedy:epsilon=1,decay=1', 'thompson');
  const first = await decided();
  expect(first.policy.id).toBe('epsilon-greedy');
  expect((await stateOf(id)).shadow.decided).toBe(1);
  for (let step = 0; step < 3; step += 1) {
    await rolloutPromote.run(world.ports, { id, by: 'ada', why: 'a test' }, world.context);
  }
  expect((await decided()).policy).toMatchObject({ id: 'thompson', options: { name: 'thompson' } });
  const { comparison, stage } = await stateOf(id);
  expect(stage).toBe('full');
  // What was told once the first canary had begun counts unless the task would be the candidate's by then.
  const counts = placeOfTask(id, first.task_id) * 100 < 10 ? 0 : 1;
  expect(comparison.tally).toMatchObject({ incumbent: { outcomes: counts }, candidate: { outcomes: 1 } });
  // The second task of a session keeps the first one's agent: no policy decides, and none is the better for it.
  for (const kept of [false, true]) {
    const { id: task } = await run(world, runtime, ground, { session: 'TICKET-1' });
    expect((await settled(runtime, task))[0]?.decision.affinity?.kept).toBe(kept);
    expect((await stateOf(id)).comparison.tally.candidate.outcomes).toBe(2);
  }
});
