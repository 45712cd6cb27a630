import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RolloutReport } from '../../src/app/rollout/rollout-report.js';
import type { RouteDecision } from '../../src/core/routing/decision.js';
import type { OpenRuntime } from '../../src/ports/runtime.js';
import { type Ground, layGround, openServed, run, setAgents, settled, spend } from './routing-ground.js';
import { runCommand } from './run-command.js';
import { createWorld, quickConfig } from './world.js';

// A routing policy is brought in with its options: by a word or a file, against what the repository is configured with.
const world = createWorld({ ARBITER_FSYNC: 'off' });
let runtime: OpenRuntime;
let ground: Ground;

const cli = (...argv: string[]) => runCommand(world.ports, ground.repository.directory, argv);
async function json<T>(...argv: string[]): Promise<T> {
  const { out, err } = await cli(...argv, '--json');
  if (out === '') throw new Error(`nothing was printed: ${err}`);
  return JSON.parse(out) as T;
}
const promote = (id: string): Promise<RolloutReport> =>
  json<RolloutReport>('rollout', 'promote', id, '--as', 'ada', '--reason', 'a test');
const start = (...more: string[]): Promise<RolloutReport> =>
  json<RolloutReport>('rollout', 'start', '--kind', 'policy', '--shadow-decisions', '0', '--as', 'ada', ...more);

async function decided(): Promise<RouteDecision> {
  const task = await run(world, runtime, ground);
  expect(task.state).toBe('accepted');
  await settled(runtime, task.id);
  const [first] = await runtime.routes.ofTask(task.id);
  if (first === undefined) throw new Error('the task was to be routed');
  expect((await cli('route', 'replay', first.decision.id)).code).toBe(0);
  return first.decision;
}

beforeAll(async () => {
  ground = await layGround(world, 'routing: { plans: [single], policy: { name: thompson, floor: 0.03 } }\n');
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

it('decides with all its options when it was accepted, is replayed, and becomes the configured one by a person alone', async () => {
  const { rollout } = await start('--candidate', 'ucb1:width=0.3,optimism=2');
  const { id, subject, brought } = rollout;
  expect(subject.incumbent).toMatch(/^thompson@1\.[0-9a-f]{8}$/);
  expect(subject.candidate).toMatch(/^ucb1@1\.[0-9a-f]{8}$/);
  // What the word does not say of trade and floor is as the configured policy has it.
  const candidate = { name: 'ucb1', width: 0.3, optimism: 2, floor: 0.03 };
  expect(brought).toMatchObject({ what: 'policies', incumbent: { name: 'thompson', floor: 0.03 }, candidate });
  expect((await cli('rollout', 'status', id)).out).toContain('"width":0.3');
  for (const _ of [1, 2, 3]) await promote(id);
  expect((await decided()).policy.options).toMatchObject(candidate);
  const accepted = await promote(id);
  expect(accepted.rollout).toMatchObject({
    state: 'finished',
    comparison: { tally: { candidate: { outcomes: 1, reward: 1 }, incumbent: { outcomes: 0 } } },
  });
  expect((await decided()).policy.options).toMatchObject(candidate);

  const { adopt } = accepted;
  expect(adopt).toBe('routing:\n  policy: {"name":"ucb1","floor":0.03,"optimism":2,"width":0.3}\n');
  const { out } = await cli('rollout', 'status', id);
  expect(out).toMatch(/a person puts into \.caws\/arbiter\.yaml:\n {4}routing:\n {6}policy: \{"name":"ucb1",/);
  await ground.repository.commit('adopt', { '.caws/arbiter.yaml': `${quickConfig}${adopt ?? ''}` });
  const adopted = await decided();
  expect(adopted.policy.options).toEqual(brought?.what === 'policies' ? brought.candidate : null);

  // The veto outranks what is configured, until somebody starts another rollout or configures something else.
  await cli('rollout', 'abort', id, '--as', 'eve', '--reason', 'too dear');
  expect((await decided()).policy).toMatchObject({ id: 'thompson', options: { floor: 0.03 } });
}, 300_000);

it('is named by a file, by a key that was told, and by its name alone; a slip of the pen is told', async () => {
  const file = 'policy.yaml';
  writeFileSync(join(ground.repository.directory, file), 'name: thompson\nfloor: 0.2\ntrade:\n  cost_weight: 0.5\n');
  const { rollout } = await start('--candidate', file);
  expect(rollout.brought).toMatchObject({ candidate: { name: 'thompson', floor: 0.2, trade: { cost_weight: 0.5 } } });
  expect(rollout.subject.incumbent).toMatch(/^ucb1@1\./);
  const { candidate } = rollout.subject;
  await cli('rollout', 'abort', rollout.id, '--reason', 'a test');
  const again = await start('--incumbent', candidate, '--candidate', 'kl-ucb@1');
  expect(again.rollout).toMatchObject({
    subject: { incumbent: candidate, candidate: 'kl-ucb@1' },
    brought: { incumbent: { floor: 0.2 }, candidate: { name: 'kl-ucb', floor: 0, width: 0.25 } },
  });
  await cli('rollout', 'abort', again.rollout.id, '--reason', 'a test');
  const refused = async (...words: string[]) => {
    const said = await cli('rollout', 'start', '--kind', 'policy', ...words);
    expect(said.code).toBe(3);
    return said.err;
  };
  expect(await refused('--candidate', 'thompson:width=1')).toMatch(
    /thompson cannot be made of this: : Unrecognized key/,
  );
  expect(await refused('--candidate', 'ucb1:width=0.3,optimism=2')).toMatch(/is the policy that is there/);
  expect(await refused('--candidate', 'missing.json')).toMatch(/missing\.json/);
  writeFileSync(join(ground.repository.directory, file), 'floor: 0.2\n');
  expect(await refused('--candidate', file)).toMatch(/"" is not a routing policy here/);
}, 120_000);
