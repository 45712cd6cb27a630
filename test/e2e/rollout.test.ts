import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgentShown } from '../../src/app/registry/show-agent.js';
import type { RolloutObserved } from '../../src/app/rollout/observe-lines.js';
import type { RolloutStatus } from '../../src/app/rollout/operations.js';
import type { RolloutReport } from '../../src/app/rollout/rollout-report.js';
import { admitByRollout } from '../../src/core/rollout/admit.js';
import { runCommand } from './run-command.js';
import { createWorld } from './world.js';

// Through the door that a user uses: start, tell outcomes, see it climb or be taken back, promote, abort.
const world = createWorld({ ARBITER_FSYNC: 'off' });
const cli = (...argv: string[]) => runCommand(world.ports, world.home, argv);
const json = async <T>(...argv: string[]): Promise<T> => {
  const { out, err } = await cli(...argv, '--json');
  if (out === '') throw new Error(`nothing was printed: ${err}`);
  return JSON.parse(out) as T;
};
const statusOf = async (id: string): Promise<RolloutStatus> => json<RolloutStatus>('rollout', 'status', id);

/** Lines for the next tasks, each for the side whose it is in the present stage. */
let told = 0;
function outcomes(
  { rollout }: RolloutReport,
  count: number,
  rewardOf: (side: 'incumbent' | 'candidate', task: number) => number,
  more: object = {},
): string {
  const lines = Array.from({ length: count }, () => {
    told += 1;
    const task_id = `task-${told}`;
    const side = admitByRollout(task_id, rollout);
    const reward = rewardOf(side, told);
    const outcome = {
      type: 'outcome',
      task_id,
      key: rollout.subject[side],
      surface: 'code-editing',
      reward,
      at_ms: told,
    };
    return JSON.stringify({ ...outcome, ...more });
  });
  const file = join(world.home, `outcomes-${told}.jsonl`);
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}
const start = (candidate: string, ...more: string[]) =>
  json<RolloutReport>('rollout', 'start', '--incumbent', 'pi@1', '--candidate', candidate, '--as', 'ada', ...more);

const versionsOf = async (name: string): Promise<AgentShown['versions']> =>
  (await json<AgentShown>('agents', 'show', name)).versions;

beforeAll(async () => {
  expect((await cli('agents', 'add', 'pi', '--command', '/bin/true', '{prompt}')).code).toBe(0);
});
afterAll(() => world.close());

describe('arbiter rollout', () => {
  it('starts in the shadow, leaves it by logged decisions, and refuses a second over the same tasks', async () => {
    const begun = await start('pi@2', '--shadow-decisions', '2', '--least', '5');
    expect(begun).toMatchObject({
      percent: 0,
      judgement: 'gathering',
      rollout: { stage: 'shadow', started: { by: 'ada' } },
    });
    const again = await cli('rollout', 'start', '--incumbent', 'pi@2', '--candidate', 'pi@3');
    expect(again.code).toBe(3);
    expect(again.err).toMatch(/rollout \w+ from pi@1 to pi@2 is running/);
    const shadow = { type: 'shadow', key: 'pi@2', surface: 'code-editing', agreed: true, at_ms: 5 };
    const file = join(world.home, 'shadow.jsonl');
    writeFileSync(file, ['a', 'b', 'b'].map((task_id) => JSON.stringify({ ...shadow, task_id })).join('\n'));
    const observed = await json<RolloutObserved>('rollout', 'observe', file);
    expect(observed).toMatchObject({ counted: 2, uncounted: { known: 1 }, steps: [{ line: 2, stage: 'canary-10' }] });
  });

  it('climbs on good outcomes, up to the top; a person accepts it there, and another vetoes it', async () => {
    const [report] = (await statusOf('pi@2')).rollouts;
    if (report === undefined) throw new Error('there was to be one');
    const { steps: climbed } = await json<RolloutObserved>(
      'rollout',
      'observe',
      outcomes(report, 1000, () => 1),
    );
    expect(climbed[0]).toMatchObject({ stage: 'canary-25', ended: null });
    const promote = () => json<RolloutReport>('rollout', 'promote', 'pi@2', '--as', 'bob', '--reason', 'it is good');
    for (let [top] = (await statusOf('pi@2')).rollouts; top?.rollout.stage !== 'full';) top = await promote();
    const accepted = await json<RolloutReport>(
      'rollout',
      'promote',
      'pi@2',
      '--as',
      'bob',
      '--reason',
      'good for a week',
    );
    expect(accepted).toMatchObject({
      percent: 100,
      judgement: 'finished',
      rollout: { ended: { cause: 'accepted', by: 'bob' } },
    });
    const late = await cli('rollout', 'promote', 'pi@2', '--reason', 'again');
    expect(late).toMatchObject({ code: 3, err: expect.stringMatching(/is finished: accepted, good for a week/) });
    const vetoed = await json<RolloutReport>(
      'rollout',
      'abort',
      'pi@2',
      '--as',
      'eve',
      '--reason',
      'it broke the build',
    );
    expect(vetoed).toMatchObject({
      percent: 0,
      judgement: 'rolled-back',
      rollout: { ended: { cause: 'veto', by: 'eve' } },
    });
    const { steps, kept } = await statusOf('pi@2');
    expect(kept).toBe('equal');
    const said = steps?.map((step) => [step.type, 'by' in step ? step.by : 'standing' in step ? step.standing : null]);
    expect(said?.slice(-4)).toEqual([
      ['rollout-ended', 'bob'],
      ['version-settled', 'in-use'],
      ['rollout-ended', 'eve'],
      ['version-settled', 'retired'],
    ]);
    expect(accepted.rollout.settled).toBe('in-use');
    expect(await versionsOf('pi')).toMatchObject([
      { version: '1', standing: 'in-use', rollout: { side: 'incumbent', state: 'rolled-back', percent: 100 } },
      { version: '2', standing: 'retired', parent: '1', rollout: { side: 'candidate', cause: 'veto', percent: 0 } },
    ]);
    const shown = await cli('rollout', 'status', 'pi@2');
    expect(shown.out).toMatch(/rolled-back \(veto\) by eve: it broke the build/);
  });

  it('takes a worse candidate back by itself, and leaves out what no side can be credited with', async () => {
    const begun = await start('pi@3', '--shadow-decisions', '0');
    expect(begun.rollout.stage).toBe('canary-10');
    const wrong = { ...begun, rollout: { ...begun.rollout, stage: 'full' as const } };
    const fallback = await json<RolloutObserved>(
      'rollout',
      'observe',
      outcomes(wrong, 30, () => 1),
    );
    expect(fallback.uncounted['other-side']).toBeGreaterThan(15);
    const { steps, uncounted } = await json<RolloutObserved>(
      ...['rollout', 'observe'],
      outcomes(begun, 400, (side) => (side === 'candidate' ? 0 : 1)),
    );
    expect(steps).toMatchObject([{ ended: 'regression' }]);
    expect(uncounted.ended).toBeGreaterThan(100);
    const shown = await cli('rollout', 'status', begun.rollout.id.slice(-8));
    expect(shown.out).toMatch(/rolled-back \(regression\) by its tests: mean reward 0\.\d+ of the candidate/);
    const again = await cli('rollout', 'abort', 'pi@3', '--reason', 'no');
    expect(again).toMatchObject({ code: 3, err: expect.stringMatching(/is rolled-back: regression/) });
  });

  it('takes one back after a few faults', async () => {
    const begun = await start('pi@4', '--shadow-decisions', '0');
    const promoted = await json<RolloutReport>(
      'rollout',
      'promote',
      begun.rollout.id,
      '--as',
      'ada',
      '--reason',
      'in a hurry',
    );
    const { steps } = await json<RolloutObserved>(
      'rollout',
      'observe',
      outcomes(promoted, 60, () => 0, { fault: true }),
    );
    expect(steps).toMatchObject([{ ended: 'error-spike' }]);
  });

  it('names what it cannot take, and goes on with the rest', async () => {
    const file = join(world.home, 'bad.jsonl');
    const good = { type: 'outcome', task_id: 't', key: 'nobody@1', surface: 'code-editing', reward: 1, at_ms: 1 };
    const lines = [
      '{',
      '',
      JSON.stringify({ ...good, reward: 2 }),
      JSON.stringify({ ...good, reward: null }),
      JSON.stringify(good),
    ];
    writeFileSync(file, Buffer.concat([Buffer.from(`${lines.join('\n')}\n`), Buffer.from([0xff, 0x0a])]));
    const { code, out } = await cli('rollout', 'observe', file, '--json');
    expect(code).toBe(1);
    const observed = JSON.parse(out) as RolloutObserved;
    expect(observed).toMatchObject({ counted: 0, uncounted: { 'no-rollout': 1 } });
    expect(observed.quarantined.map(({ line }) => line)).toEqual([1, 3, 4, 6]);
    expect(observed.quarantined[1]?.reason).toMatch(/^reward: /);
  });

  it.each([
    [['rollout', 'start', '--incumbent', 'pi', '--candidate', 'pi@2'], 3, /is no name@version/],
    [['rollout', 'start', '--incumbent', 'pi@1', '--candidate', 'pi@1'], 3, /the candidate is the incumbent/],
    [['rollout', 'start', '--incumbent', 'pi@1', '--candidate', 'ghost@2'], 3, /"ghost@2" is not an agent here/],
    [
      ['rollout', 'start', '--kind', 'policy', '--incumbent', 'thompson@1', '--candidate', 'x@1'],
      3,
      /not a routing policy/,
    ],
    [['rollout', 'start', '--incumbent', 'pi@8', '--candidate', 'pi@9', '--alpha', '0'], 3, /alpha/],
    [['rollout', 'status', 'nothing'], 3, /there is no rollout "nothing"/],
    [['rollout', 'observe', 'missing.jsonl'], 3, /missing\.jsonl/],
  ])('refuses %j', async (argv, code, message) => {
    const said = await cli(...argv);
    expect(said.err).toMatch(message);
    expect(said.code).toBe(code);
  });

  it('brings a policy in as well', async () => {
    const policies = ['--incumbent', 'thompson@1', '--candidate', 'lin-ucb@1', '--surface', 'code-editing'];
    const report = await json<RolloutReport>('rollout', 'start', '--kind', 'policy', ...policies);
    expect(report.rollout).toMatchObject({ subject: { kind: 'policy' }, surface: 'code-editing' });
    expect((await cli('rollout', 'status')).out).toMatch(/policy, code-editing {2}gathering {2}shadow, 0 % of tasks/);
  });
});
