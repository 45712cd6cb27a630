import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { comparable, scoreSplit } from '../bench/routing/cascades.js';
import { drawChart } from '../bench/routing/chart.js';
import { type Matrix, readMatrix } from '../bench/routing/matrix.js';
import { lateLearnerRegret } from '../bench/routing/late-learner.js';
import { splitRunOracle } from '../bench/routing/oracle.js';
import { priorsByPrice } from '../bench/routing/price-prior.js';
import { replayPolicy } from '../bench/routing/replay.js';
import { type Step, armMeans, drawSample } from '../bench/routing/sample.js';
import { mixFor, sceneOf } from '../bench/routing/scenes.js';
import { createRandom } from '../src/core/random.js';
import { defaultPolicyOptions } from '../src/core/routing/default-policy.js';

const folder = mkdtempSync(join(tmpdir(), 'arbiter-bench-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

/** Tasks of one difficulty each, that arms of different strength and price try; the same seed, the same tasks. */
function made(tasks: number, strengths: readonly number[], prices: readonly (number | null)[], seed = 5): string {
  const random = createRandom(seed);
  return Array.from({ length: tasks }, (_, at) => {
    const ease = random.uniform();
    const r = strengths.map((strength) => (0.5 * ease + 0.5 * random.uniform() < strength ? 1 : 0));
    return `${JSON.stringify({ id: `t${at}`, group: at % 2 === 0 ? 'even' : 'odd', r, cost: prices })}\n`;
  }).join('');
}
const arms = file('arms.json', JSON.stringify(['cheap', { agent: 'middle' }, { arm: 'dear' }]));
const data = file('data.jsonl', made(240, [0.5, 0.6, 0.7], [0.05, 0.2, 1]));
const matrix = readMatrix('made', data, arms);

describe('a matrix', () => {
  it('is read with the names of its arms, and 0 dollars as not recorded', () => {
    expect(matrix.arms).toEqual(['cheap', 'middle', 'dear']);
    const free = readMatrix('free', file('free.jsonl', made(20, [0.5, 0.5, 0.5], [0, 1, null])), arms);
    expect(free.tasks[0]?.cost).toEqual([null, 1, null]);
  });

  const good = made(20, [0.5, 0.5, 0.5], [1, 1, 1]);
  it.each([
    ['no JSON', `${good}{`, /wrong\.jsonl:21: is no JSON/],
    ['a reward above 1', `${good}{"id":"x","r":[0,0,2]}`, /wrong\.jsonl:21: r\.2/],
    ['a negative cost', `${good}{"id":"x","r":[0,0,1],"cost":[1,-1,1]}`, /wrong\.jsonl:21: cost\.1/],
    ['a task with too few outcomes', `${good}{"id":"x","r":[0,0]}`, /wrong\.jsonl:21: r has 2 outcomes for 3 arms/],
    ['a task without an id', `${good}{"r":[0,0,1]}`, /wrong\.jsonl:21: id/],
    ['a task twice', `${good}${good.split('\n')[0]}`, /wrong\.jsonl:21: task even\/t0 stands here a second time/],
    ['too few tasks', '{"id":"x","r":[0,0,1]}', /holds 1 tasks/],
  ])('with %s is refused by its line', (_, text, told) => {
    expect(() => readMatrix('wrong', file('wrong.jsonl', text), arms)).toThrow(told);
  });

  it.each([
    ['{}', /no list of arms/],
    ['["a"]', /1 arms/],
    ['["a", "a", "b"]', /arm a stands there twice/],
    ['nothing', /is no JSON/],
  ])('with arms %s is refused', (text, told) => {
    expect(() => readMatrix('wrong', data, file('wrong.json', text))).toThrow(told);
  });
});

describe('a replay', () => {
  const sample = drawSample(matrix, 3, { arms: 10, tasks: 150, calibration: 40, isReserved: false });

  it('draws tasks and calibration apart, and the same for the same seed', () => {
    expect([sample.arms.length, sample.steps.length, sample.calibration.length]).toEqual([3, 150, 40]);
    expect(drawSample(matrix, 3, { arms: 10, tasks: 150, calibration: 40, isReserved: false })).toEqual(sample);
    expect(drawSample(matrix, 4, { arms: 10, tasks: 150, calibration: 40, isReserved: false })).not.toEqual(sample);
  });

  it('shows a policy only what has come: until then it cannot tell arms apart', () => {
    const zero = [0, 0, 0];
    const priors = zero.map(() => ({ success: 0.5, evidence: 0 }));
    const steps = sample.steps.map((step): Step => ({ ...step, reward: [0, 0, 1] }));
    const course = { steps, priors, delay: 0, blindUntil: 0, from: zero };
    const last = (run: { chosen: readonly number[] }, from: number) =>
      run.chosen.slice(from, from + 50).filter((arm) => arm === 2).length;
    expect(last(replayPolicy(defaultPolicyOptions, course, 1, zero), 20)).toBeGreaterThan(45);
    const late = replayPolicy(defaultPolicyOptions, { ...course, delay: 60 }, 1, zero);
    expect(last(late, 0)).toBeLessThan(30);
    expect(last(late, 90)).toBeGreaterThan(45);
    const later = replayPolicy(defaultPolicyOptions, { ...course, from: [0, 0, 100] }, 1, zero);
    expect(later.chosen.slice(0, 100)).not.toContain(2);
    expect(last(later, 100)).toBeGreaterThan(45);
  });

  it('halves what the best arm solves from half-time on, and nothing else', () => {
    const scene = sceneOf('drift', sample, 3)!;
    const { at, arm } = scene.event!;
    const before = armMeans(sample.steps.slice(at), 'reward');
    const after = armMeans(scene.course.steps.slice(at), 'reward');
    expect(after[arm]! / before[arm]!).toBeGreaterThan(0.3);
    expect(after[arm]! / before[arm]!).toBeLessThan(0.7);
    expect(after.filter((_, other) => other !== arm)).toEqual(before.filter((_, other) => other !== arm));
    expect(scene.course.steps.slice(0, at)).toEqual(sample.steps.slice(0, at));
  });

  it('mixes two arms for a budget, at the price of the hull', () => {
    expect(mixFor(0.5, [0.5, 0.8], [0.1, 0.9])).toEqual({
      reward: expect.closeTo(0.65, 12),
      price: expect.closeTo(0.375, 12),
    });
    expect(mixFor(2, [0.5, 0.8], [0.1, 0.9])).toEqual({ reward: 0.8, price: 0 });
    expect(mixFor(0.05, [0.5], [0.1])).toEqual({ reward: expect.closeTo(0.25, 12), price: expect.closeTo(5, 12) });
  });

  it('gives the oracle nothing of the run that it is scored by: on pure luck it gains nothing', () => {
    const random = createRandom(11);
    const luck = Array.from({ length: 4000 }, (): Step => {
      return { group: 'all', reward: [0, 1, 2, 3].map(() => (random.uniform() < 0.5 ? 1 : 0)), cost: [0, 0, 0, 0] };
    });
    expect(Math.abs(splitRunOracle(luck) - 0.5)).toBeLessThan(0.03);
    // Where the others tell which arm solves the task, it finds it.
    const known = luck.map((step, at) => ({ ...step, reward: [at % 3 === 0 ? 1 : 0, at % 3 === 0 ? 0 : 1, 0, 0] }));
    expect(splitRunOracle(known)).toBeGreaterThan(0.99);
  });
});

describe('a belief by price', () => {
  const names = Array.from({ length: 14 }, (_, arm) => ({ arm: `m${arm}`, output_price: 10 ** (arm / 7) }));
  const dearer = file('dearer.json', JSON.stringify(names));
  const strengths = names.map((_, arm) => 0.3 + arm / 40);
  const text = made(
    300,
    strengths,
    strengths.map(() => null),
  );
  const whole = readMatrix('dearer', file('dearer.jsonl', text), dearer);

  it('rises with the price as the other arms say, and is worth four outcomes', () => {
    const [cheap, dear] = priorsByPrice(whole, [2, 11])!;
    expect(dear!.success - cheap!.success).toBeGreaterThan(0.1);
    expect([cheap!.evidence, dear!.evidence]).toEqual([4, 4]);
    expect(cheap!.success).toBeLessThan(0.5);
    expect(dear!.success).toBeGreaterThan(0.5);
  });

  it('knows nothing of any outcome of the arms that it is about', () => {
    const tasks = whole.tasks.map((task) => ({
      ...task,
      r: task.r.map((r, arm) => (arm === 2 || arm === 11 ? 0 : r)),
    }));
    expect(priorsByPrice({ ...whole, tasks }, [2, 11])).toEqual(priorsByPrice(whole, [2, 11]));
  });

  it('is none where an arm has no price, or too few others do', () => {
    expect(
      priorsByPrice({ ...whole, prices: whole.prices.map((_, arm) => (arm === 2 ? null : 1)) }, [2, 11]),
    ).toBeNull();
    expect(priorsByPrice(whole, [0, 1, 2, 3, 4])).toBeNull();
    const scene = sceneOf(
      'delayed-priced',
      drawSample(whole, 1, { arms: 4, tasks: 100, calibration: 0, isReserved: false }),
      1,
    );
    expect(scene?.course).toMatchObject({ delay: 200, priors: [{ evidence: 4 }, { evidence: 4 }, {}, {}] });
    expect(
      sceneOf('priced', drawSample(matrix, 1, { arms: 3, tasks: 100, calibration: 0, isReserved: false }), 1),
    ).toBeNull();
  });
});

describe('a late learner', () => {
  const sample = drawSample(matrix, 3, { arms: 10, tasks: 200, calibration: 0, isReserved: false });
  const sure = { ...sample, steps: sample.steps.map((step): Step => ({ ...step, reward: [0, 0, 1] })) };
  const reference = sure.steps.map(() => 1);

  it('loses what blind turns lose, then finds the sure arm when its outcomes come, and nothing after twice the delay', () => {
    // two of three turns of 60 are lost, and then none or up to three until an outcome of the third arm has come
    const regret = lateLearnerRegret(sure, reference, { delay: 60, tried: 3, seed: 1 });
    expect(regret).toBeGreaterThanOrEqual((100 * 40) / 200);
    expect(regret).toBeLessThan((100 * 44) / 200);
  });

  it('that asks one arm alone loses all, where that is a wrong one, until twice the delay', () => {
    const regret = lateLearnerRegret(sure, reference, { delay: 60, tried: 1, seed: 1 });
    expect(regret / ((100 * 120) / 200)).toBeGreaterThan(0.5);
    expect(regret / ((100 * 120) / 200)).toBeLessThan(0.85);
  });
});

describe('plans', () => {
  it('learned on one half gain on the other, and never look at it', () => {
    const verifier = { false_accept: 0.1, false_reject: 0.05 };
    const split = scoreSplit(comparable(matrix, []), verifier, 1);
    expect(split.better.costUsd).toBeLessThan(split.better.best.costUsd);
    expect(split.perfect.success).toBeGreaterThan(split.better.success);
    expect(split.better.success).toBeGreaterThan(split.gated.success);
    const spoiled: Matrix = { ...matrix, tasks: matrix.tasks.map((task) => ({ ...task, r: [0, 0, 1] })) };
    expect(scoreSplit(comparable(spoiled, []), verifier, 1).better.success).toBeCloseTo(0, 1);
  });

  it('compare arms with a price alone', () => {
    const half = readMatrix('half', file('half.jsonl', made(40, [0.5, 0.6, 0.7], [null, 0.2, 1])), arms);
    expect(comparable(half, []).arms).toEqual(['middle', 'dear']);
    expect(comparable(half, ['dear']).arms).toEqual(['middle']);
  });
});

it('draws a chart that a browser can read, whatever the names', () => {
  const svg = drawChart({ title: 'a < b & c', x: 'x', y: 'y', lines: [{ name: '<script>', points: [[0, 1]] }] });
  expect(svg).toContain('a &lt; b &amp; c');
  expect(svg).not.toMatch(/<script|NaN/);
});

describe('the command', () => {
  const command = (...args: string[]): [string, string[]] => [
    process.execPath,
    ['node_modules/tsx/dist/cli.mjs', 'bench/routing/run.ts', ...args],
  ];

  it('replays any matrix, and gives the same bytes again', () => {
    const run = (): string =>
      execFileSync(...command('--data', data, '--arms', arms, '--seeds', '2', '--json'), {
        encoding: 'utf8',
        stdio: 'pipe',
      });
    const first = run();
    expect(run()).toBe(first);
    const { sets } = JSON.parse(first) as {
      sets: { set: string; played: { setting: string }[]; cascades: unknown[] }[];
    };
    expect(sets.map(({ set }) => set)).toEqual(['data']);
    expect(sets[0]?.played.map(({ setting }) => setting)).toContain('budgeted');
    expect(sets[0]?.cascades).toHaveLength(1);
  });

  it.each([
    [['--data', data], /--data and --arms go together/],
    [['--data', data, '--arms', arms, '--without', 'nobody'], /no arm of data has that name/],
    [['--data', data, '--arms', file('two.json', '["a","b"]')], /data\.jsonl:1: r has 3 outcomes for 2 arms/],
    [['--data', data, '--arms', arms, '--false-accept', '2'], /false_accept/],
  ])('refuses %j with exit 3', (args, told) => {
    const { status, stderr } = spawnSync(...command(...args), { encoding: 'utf8' });
    expect(stderr).toMatch(told);
    expect(status).toBe(3);
  });
});
