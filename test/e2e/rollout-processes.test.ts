import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RolloutStatus } from '../../src/app/rollout/operations.js';
import { init } from '../../src/app/init/init.js';
import { submitTask } from '../../src/app/tasks/submit-task.js';
import { demoSpec, productFiles } from '../../src/app/demo/demo-files.js';
import { rebuildRollout } from '../../src/core/rollout/apply-rollout-event.js';
import { admitByRollout } from '../../src/core/rollout/admit.js';
import type { Rollout } from '../../src/core/rollout/rollout.js';
import { agentProfileSchema } from '../../src/core/registry/agent-profile.js';
import { request } from '../../src/core/tasks/fixtures/routed.js';
import { recordedAttemptSchema } from '../../src/core/tasks/recording.js';
import { isEnded } from '../../src/core/tasks/task.js';
import type { RouteDecision } from '../../src/core/routing/decision.js';
import type { OpenRuntime } from '../../src/ports/runtime.js';
import { type CrashHome, createCrashHome, sendSignal, until } from '../crash/crash-home.js';
import { quickConfig } from './world.js';

// Rollouts among real processes: a worker that is killed in the middle, a person who vetoes from another terminal.
const execute = promisify(execFile);
let home: CrashHome;
let runtime: OpenRuntime;
let repository: string;
let remove: () => Promise<void>;

beforeAll(async () => {
  home = createCrashHome({ ARBITER_FSYNC: 'off' });
  const scratch = await home.ports.scratch.createRepository('rollout-processes');
  ({ directory: repository, remove } = scratch);
  await scratch.commit('product', productFiles);
  const quiet = { stage: () => undefined, note: () => undefined };
  await init.run(home.ports, { repository }, { progress: quiet, signal: new AbortController().signal });
  const base = await scratch.commit('govern', {
    '.caws/arbiter.yaml': `${quickConfig}routing: { plans: [single], policy: { name: thompson } }\n`,
    '.caws/specs/POST-001.yaml': demoSpec,
  });
  await scratch.branch('patch', base);
  const source = (productFiles['src/postage.js'] ?? '').replace('grams < 500', 'grams <= 500');
  const test = (productFiles['test/postage.test.js'] ?? '').replace(
    "  it('charges a parcel'",
    "  it('charges 500 grams', () => assert.equal(postage(500), 390));\n  it('charges a parcel'",
  );
  const head = await scratch.commit('patch', { 'src/postage.js': source, 'test/postage.test.js': test });
  const { stdout: patch } = await execute('git', ['-C', repository, 'diff', '--no-color', '--binary', base, head]);
  await scratch.branch('main', base);
  const file = join(home.home, 'good.json');
  const attempts = [recordedAttemptSchema.parse({ patch, delay_ms: 300 })];
  writeFileSync(file, JSON.stringify({ version: 1, agent: 'pi', model: 'recorded', attempts }));
  runtime = await home.open();
  const limits = { concurrency: 4 };
  await runtime.agents.put(agentProfileSchema.parse({ name: 'pi', kind: 'replay', file, limits }));
}, 120_000);
afterAll(async () => {
  await home.close();
  await remove();
});

async function submit(): Promise<string> {
  const words = 'A parcel of exactly 500 grams costs 390 cents';
  const { task } = await submitTask(home.ports, runtime, request({ words, repository, spec: 'POST-001' }));
  return task.id;
}
async function say(...argv: string[]): Promise<string> {
  const { code, out } = await home.run(...argv);
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}: ${home.said(10)}`);
  return out;
}
async function startRollout(candidate: string): Promise<string> {
  const out = await say('rollout', 'start', '--candidate', candidate, '--shadow-decisions', '0', '--json');
  const { rollout } = JSON.parse(out) as { rollout: Rollout };
  return rollout.id;
}
const promote = async (id: string): Promise<string> => say('rollout', 'promote', id, '--reason', 'a test');
/** The first decision about a task, once there is one. */
async function decisionOf(id: string): Promise<RouteDecision> {
  await until(`${id} is routed`, 60_000, async () => (await runtime.routes.ofTask(id)).length > 0);
  const [first] = await runtime.routes.ofTask(id);
  if (first === undefined) throw new Error('it was to be routed');
  return first.decision;
}
const isAtEnd = async (ids: readonly string[]): Promise<boolean> => {
  const tasks = await Promise.all(ids.map(async (id) => (await runtime.tasks.read(id)).task));
  return tasks.every(({ state }) => isEnded(state));
};

/** Waits until a rollout was told more than so much, or nothing can come any more. */
const told = (id: string, seen: number, ids: readonly string[]): Promise<void> =>
  until('the rollout was told something', 60_000, async () => {
    const story = await runtime.rollouts.story(id);
    return story.length > seen || isAtEnd(ids);
  });

it('survives kill -9 of its worker: every task counts once, for its side, with the e-values that its story tells', async () => {
  const id = await startRollout('pi@2');
  for (const _ of [1, 2]) await promote(id);
  const before = rebuildRollout(id, await runtime.rollouts.story(id));
  expect(before.stage).toBe('canary-50');
  const ids = await Promise.all(Array.from({ length: 8 }, submit));
  for (let kills = 0; kills < 3; kills += 1) {
    const seen = (await runtime.rollouts.story(id)).length;
    const worker = home.start('up', '--foreground');
    const gone = new Promise((resolve) => worker.once('exit', resolve));
    // In the middle of things: something was counted, or time enough to have begun.
    await told(id, seen, ids);
    if (worker.pid !== undefined) sendSignal(worker.pid, 'SIGKILL');
    await gone;
    const { rollout } = await runtime.rollouts.read(id);
    expect(rollout).toEqual(rebuildRollout(id, await runtime.rollouts.story(id)));
  }
  const worker = home.start('up', '--foreground');
  await until('every task has ended', 120_000, async () => isAtEnd(ids));
  const counted = async (): Promise<readonly string[]> =>
    (await runtime.rollouts.story(id)).flatMap((event) => (event.type === 'outcome-observed' ? [event.task_id] : []));
  await until('every task is counted', 60_000, async () => (await counted()).length >= ids.length);
  expect((await counted()).toSorted()).toEqual(ids.toSorted());
  const story = await runtime.rollouts.story(id);
  for (const event of story) {
    if (event.type === 'outcome-observed') expect(event.side).toBe(admitByRollout(event.task_id, before));
  }
  const { rollouts, kept } = JSON.parse(await say('rollout', 'status', id, '--json')) as RolloutStatus;
  expect(kept).toBe('equal');
  const { incumbent, candidate } = rollouts[0]?.rollout.comparison.tally ?? { incumbent: null, candidate: null };
  expect([
    (incumbent?.outcomes ?? 0) + (candidate?.outcomes ?? 0),
    (incumbent?.faults ?? 0) + (candidate?.faults ?? 0),
  ]).toEqual([8, 0]);
  await say('rollout', 'abort', id, '--reason', 'the test is over');
  if (worker.pid !== undefined) sendSignal(worker.pid, 'SIGTERM');
}, 300_000);

it('a veto from another terminal holds for the next decision, and what was accepted is taken out of use at once', async () => {
  const worker = home.start('up', '--foreground');
  const id = await startRollout('pi@3');
  for (const _ of [1, 2, 3]) await promote(id);
  expect((await decisionOf(await submit())).chosen).toBe('pi@3');
  await promote(id);
  expect((await decisionOf(await submit())).eligible).toMatchObject([{ arm: { agent: 'pi', version: '3' } }]);
  // Tasks come in while the person says no.
  const ids: string[] = [];
  const stop = new AbortController();
  const coming = (async () => {
    while (!stop.signal.aborted) {
      ids.push(await submit());
      await sleep(400);
    }
  })();
  await sleep(1500);
  await say('rollout', 'abort', id, '--reason', 'it broke the build', '--as', 'eve');
  await sleep(1500);
  stop.abort();
  await coming;
  const { rollout } = await runtime.rollouts.read(id);
  expect(rollout).toMatchObject({ state: 'rolled-back', settled: 'retired', ended: { cause: 'veto', by: 'eve' } });
  const saidMs = rollout?.ended?.at_ms ?? 0;
  const decisions = await Promise.all(ids.map(decisionOf));
  const [before, after] = [
    decisions.filter(({ at_ms }) => at_ms < saidMs),
    decisions.filter(({ at_ms }) => at_ms > saidMs + 1000),
  ];
  expect(Math.min(before.length, after.length)).toBeGreaterThan(0);
  const versions = (some: readonly RouteDecision[]): ReadonlySet<string> =>
    new Set(some.flatMap(({ eligible }) => eligible.map(({ arm }) => arm.version)));
  expect([...versions(before)]).toEqual(['3']);
  expect([...versions(after)]).toEqual(['1']);
  if (worker.pid !== undefined) sendSignal(worker.pid, 'SIGTERM');
}, 120_000);
