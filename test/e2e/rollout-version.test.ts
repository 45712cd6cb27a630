import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { changeRollout } from '../../src/app/rollout/change-rollout.js';
import type { RolloutStatus } from '../../src/app/rollout/operations.js';
import type { DriftReport } from '../../src/app/rollout/watch-drift.js';
import type { RolloutReport } from '../../src/app/rollout/rollout-report.js';
import { settleVersions } from '../../src/app/rollout/settle-versions.js';
import type { AgentShown } from '../../src/app/registry/show-agent.js';
import { openRegistry } from '../../src/app/registry/open-registry.js';
import { recordedAttemptSchema, type Recording } from '../../src/core/tasks/recording.js';
import { admitByRollout } from '../../src/core/rollout/admit.js';
import { Fault } from '../../src/core/fault.js';
import type { RecordedDecision } from '../../src/ports/route-store.js';
import type { OpenRuntime } from '../../src/ports/runtime.js';
import { type Ground, layGround, openServed, run, settled, spend } from './routing-ground.js';
import { runCommand } from './run-command.js';
import { createWorld } from './world.js';

// A new version of an agent is brought in by a rollout: it stands beside the one in use, works on its share of real tasks,
// and is swapped in when it is accepted, or retired when it was taken back. Nobody adds a second agent for that.
const world = createWorld({ ARBITER_FSYNC: 'off' });
let runtime: OpenRuntime;
let ground: Ground;

const cli = async (...argv: string[]): Promise<string> => {
  const { code, out, err } = await runCommand(world.ports, world.home, argv);
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}: ${err}`);
  return out;
};
const json = async <T>(...argv: string[]): Promise<T> => JSON.parse(await cli(...argv, '--json')) as T;
const statusOf = (id: string): Promise<RolloutStatus> => json<RolloutStatus>('rollout', 'status', id);
const versionsOf = async (): Promise<AgentShown['versions']> =>
  (await json<AgentShown>('agents', 'show', 'pi')).versions;
const promote = (id: string): Promise<RolloutReport> =>
  json<RolloutReport>('rollout', 'promote', id, '--as', 'ada', '--reason', 'a test');
const start = (candidate: string, ...more: string[]): Promise<RolloutReport> =>
  json<RolloutReport>('rollout', 'start', '--candidate', candidate, '--as', 'ada', ...more);

function record(name: string, attempt: object): string {
  const recording: Recording = {
    version: 1,
    agent: name,
    model: 'recorded',
    attempts: [recordedAttemptSchema.parse(attempt)],
  };
  const file = join(world.home, `${name}.json`);
  writeFileSync(file, JSON.stringify(recording));
  return file;
}

/** Runs a task to its end, and answers its decisions once their outcomes are learned. */
async function decided(): Promise<readonly RecordedDecision[]> {
  const task = await run(world, runtime, ground);
  expect(task.state).toBe('accepted');
  return settled(runtime, task.id);
}

beforeAll(async () => {
  ground = await layGround(world, 'routing: { plans: [single], policy: { name: thompson } }\n');
  runtime = await openServed(world);
  const good = record('good', { patch: ground.patches.whole, spend: spend(700) });
  await cli('agents', 'add', 'pi', '--kind', 'replay', '--file', good, '--concurrency', '4');
});
afterAll(async () => {
  await runtime.close();
  await world.close();
});

it('a good version works on its share of the tasks, climbs by its outcomes, and is swapped in when it is accepted', async () => {
  const better = record('better', { patch: ground.patches.whole, spend: spend(300) });
  const { rollout } = await start(
    'pi@2',
    '--file',
    better,
    '--model',
    'newer',
    '--shadow-decisions',
    '1',
    '--least',
    '1',
  );
  expect(rollout).toMatchObject({ subject: { incumbent: 'pi@1', candidate: 'pi@2' }, settled: 'beside' });
  const { agents } = await json<{ agents: readonly object[] }>('agents', 'list');
  expect(agents).toMatchObject([{ profile: { name: 'pi', version: '1', model: null } }]);
  const again = await runCommand(world.ports, world.home, ['agents', 'swap', 'pi', '--profile-version', '2']);
  expect(again).toMatchObject({ code: 3, err: expect.stringMatching(/from pi@1 to pi@2 is running/) });

  // In its shadow it works on nothing, but where a person names it; that counts for neither side.
  const named = await run(world, runtime, ground, { agents: ['pi@2'] });
  expect(named).toMatchObject({ state: 'accepted', ladder: ['pi@2'], spend: { micro_usd: 300 } });
  const [shadow] = await decided();
  expect(shadow?.decision).toMatchObject({ chosen: 'pi', masked: [{ agent: 'pi@2', masks: [{ mask: 'rollout' }] }] });
  expect((await statusOf(rollout.id)).rollouts[0]?.rollout).toMatchObject({
    stage: 'canary-10',
    shadow: { agreed: 1 },
  });

  await promote(rollout.id);
  const { rollout: canary } = await promote(rollout.id);
  expect(canary.stage).toBe('canary-50');
  const seen = new Map<string, RecordedDecision>();
  for (let tasks = 0; seen.size < 2 && tasks < 20; tasks += 1) {
    const [first] = await decided();
    if (first === undefined) throw new Error('the task was to be routed');
    const side = admitByRollout(first.decision.task_id, canary);
    expect(first.decision.chosen).toBe(side === 'candidate' ? 'pi@2' : 'pi');
    seen.set(side, first);
  }
  expect(seen.get('candidate')?.outcomes).toMatchObject([
    { arm: 'pi@2', agent: 'pi@2', verdict: 'PASS', costMicroUsd: 300 },
  ]);
  const { tracked, rollouts } = await statusOf(rollout.id);
  const { arms } = await json<DriftReport>('rollout', 'drift');
  expect(arms).toContainEqual(
    expect.objectContaining({ arm: 'pi@2', surface: 'unknown', outcomes: 1, state: 'learning' }),
  );
  const { tally } = rollouts[0]?.rollout.comparison ?? {};
  const [mine, theirs] = [tally?.candidate.outcomes ?? 0, tally?.incumbent.outcomes ?? 0];
  expect(Math.min(mine, theirs)).toBeGreaterThan(0);
  expect(tracked).toMatchObject({
    sides: {
      incumbent: { counted: theirs, ended: theirs, plan_success: { times: theirs, of: theirs, share: 1 } },
      candidate: {
        counted: mine,
        first_step_success: { share: 1 },
        unplanned_fallback: { times: 0, interval: [0, expect.any(Number)] },
      },
    },
    uncounted: { named: 1 },
  });
  expect(await versionsOf()).toMatchObject([
    { version: '1', standing: 'in-use', rollout: { side: 'incumbent', percent: 50 } },
    { version: '2', standing: 'beside', model: 'newer', parent: '1', discount: 0.5, rollout: { percent: 50 } },
  ]);
  const shown = await cli('agents', 'show', 'pi');
  expect(shown).toMatch(
    /version 2 \(beside the one in use\), from 1 at 0\.5, candidate of rollout \w+ \(canary-50, 50 % of tasks\)/,
  );

  const lines = Array.from({ length: 400 }, (_, index) => {
    const task_id = `from-elsewhere-${index}`;
    const key = canary.subject[admitByRollout(task_id, canary)];
    return JSON.stringify({ type: 'outcome', task_id, key, surface: 'code-editing', reward: 1, at_ms: index });
  });
  const file = join(world.home, 'outcomes.jsonl');
  writeFileSync(file, lines.join('\n'));
  expect(await json('rollout', 'observe', file)).toMatchObject({ steps: [{ stage: 'full', ended: null }] });
  const accepted = await promote(rollout.id);
  expect(accepted.rollout).toMatchObject({ state: 'finished', settled: 'in-use' });
  expect(await versionsOf()).toMatchObject([
    { version: '1', standing: 'before' },
    { version: '2', standing: 'in-use', performance: [{ n: mine, success: 1 }], rollout: { state: 'finished' } },
  ]);
  const [after] = await decided();
  expect(after?.decision).toMatchObject({
    chosen: 'pi',
    masked: [],
    eligible: [{ arm: { agent: 'pi', version: '2' } }],
  });
  // What was learned of it while it stood beside the other is remembered.
  expect(after?.decision.eligible[0]?.state).not.toBeNull();
  expect((await cli('rollout', 'status', rollout.id)).split('\n').at(-2)).toMatch(
    /in-use: pi was swapped from version 1 to 2/,
  );
}, 300_000);

it('a bad version is taken back after two faults, keeps no task from being done, and breaks nothing of the one in use', async () => {
  const fails = { code: 'AGENT_FAILED', message: 'it crashed', again: false };
  const { rollout } = await start('pi@3', '--file', record('bad', { fails }), '--shadow-decisions', '0');
  for (let stage = ''; stage !== 'canary-50';) ({ stage } = (await promote(rollout.id)).rollout);
  const { rollout: canary } = (await statusOf(rollout.id)).rollouts[0] ?? { rollout };
  let faults = 0;
  let tasks = 0;
  for (; faults < 2 && tasks < 30; tasks += 1) {
    const decisions = await decided();
    const [first, second] = decisions.map(({ decision }) => decision);
    if (first === undefined || admitByRollout(first.task_id, canary) === 'incumbent') continue;
    faults += 1;
    expect([first.chosen, second?.chosen, second?.cause]).toEqual(['pi@3', 'pi', 'fallback']);
  }
  const { rollouts, tracked, kept } = await statusOf(rollout.id);
  expect(kept).toBe('equal');
  expect(rollouts[0]?.rollout).toMatchObject({ state: 'rolled-back', ended: { cause: 'error-spike', by: null } });
  expect(tracked?.sides.candidate).toMatchObject({
    counted: 2,
    plan_success: { times: 2, of: 2 },
    first_step_success: { times: 0, of: 2, share: 0 },
    unplanned_fallback: { times: 2, share: 1 },
  });
  // The fallback of the first; that of the second came after the end.
  expect(tracked?.uncounted).toMatchObject({ 'other-decision': 1 });
  const [next] = await decided();
  expect(next?.decision.chosen).toBe('pi');
  expect(await versionsOf()).toMatchObject([
    { version: '1' },
    { version: '2', standing: 'in-use' },
    { version: '3', standing: 'retired', rollout: { state: 'rolled-back', cause: 'error-spike' } },
  ]);
  const { status, breakers } = await json<AgentShown>('agents', 'show', 'pi');
  expect([status, breakers.filter(({ breaker }) => Object.keys(breaker.faults).length > 0)]).toEqual(['available', []]);
}, 300_000);

it('an acceptance whose swap was lost in a crash is finished by the next who looks, once, and never over a person’s word', async () => {
  const { id } = (await start('pi@4', '--shadow-decisions', '0')).rollout;
  const store = runtime.rollouts;
  await changeRollout(store, id, ({ stage }) =>
    stage === 'full' ? null : { type: 'stage-reached', at_ms: 1, stage: 'full', by: 'ada', why: 'a test' },
  );
  // The word is in the story; the process dies before the registry hears of it.
  await changeRollout(store, id, () => ({
    type: 'rollout-ended',
    at_ms: 2,
    state: 'finished',
    cause: 'accepted',
    by: 'ada',
    why: 'good',
  }));
  const lost = new Fault('STORE_UNAVAILABLE', 'the store went away', { mend: 'wait' });
  const registry = await openRegistry(runtime, world.ports.clock);
  const dying = { ...registry, swap: () => Promise.reject(lost) };
  const [one, other] = await Promise.all([
    openRegistry(runtime, world.ports.clock),
    openRegistry(runtime, world.ports.clock),
  ]);
  // A worker of this test sweeps too, and may have been faster.
  await settleVersions(store, dying, 3).catch((error: unknown) => expect(error).toBe(lost));
  await Promise.all([settleVersions(store, one, 4), settleVersions(store, other, 4)]);
  const steps = (await statusOf(id)).steps ?? [];
  expect(steps.filter(({ type }) => type === 'version-settled')).toMatchObject([
    { standing: 'beside' },
    { standing: 'in-use' },
  ]);
  expect((await versionsOf()).find(({ in_use }) => in_use)).toMatchObject({ version: '4', parent: '2' });
  await cli('agents', 'swap', 'pi', '--profile-version', '2');
  await settleVersions(store, one, 5);
  expect((await versionsOf()).find(({ in_use }) => in_use)?.version).toBe('2');
  // A veto that comes after that retires the candidate, and leaves what the person chose.
  await cli('rollout', 'abort', id, '--as', 'eve', '--reason', 'it broke the build');
  expect(await versionsOf()).toMatchObject([
    {},
    { version: '2', standing: 'in-use' },
    {},
    { version: '4', standing: 'retired' },
  ]);
}, 120_000);
