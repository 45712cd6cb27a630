import { defaultPolicyOptions } from '../../src/core/routing/default-policy.js';
import { type PolicyOptions, policyOptionsSchema } from '../../src/core/routing/policy-options.js';
import { type Run, replayPolicy } from './replay.js';
import { type Sample, armMeans, indexOfBest } from './sample.js';
import type { Scene } from './scenes.js';
import { mixFor } from './scenes.js';
import { meanOf } from './statistics.js';

/** Somebody who chooses: name as on the page, and what it does in a scene. Null where it cannot be asked. */
export interface Contender {
  readonly name: string;
  readonly play: (scene: Scene, sample: Sample, seed: number) => Run | null;
}

const policies: readonly (readonly [string, PolicyOptions])[] = [
  ['default policy', defaultPolicyOptions],
  ['epsilon-greedy', policyOptionsSchema.parse({ name: 'epsilon-greedy' })],
  ['UCB1, c = 1', policyOptionsSchema.parse({ name: 'ucb1', width: 1 })],
  ['UCB1, c = 0.25', policyOptionsSchema.parse({ name: 'ucb1' })],
  ['KL-UCB', policyOptionsSchema.parse({ name: 'kl-ucb' })],
  ['Thompson', policyOptionsSchema.parse({ name: 'thompson' })],
  ['SquareCB', policyOptionsSchema.parse({ name: 'square-cb', gamma: 100 })],
];

/** All who are replayed. */
export const contenders: readonly Contender[] = [
  ...policies.map(([name, options]): Contender => ({
    name,
    play: (scene, _, seed) => playPolicy(options, scene, seed),
  })),
  {
    name: 'best single, by calibration',
    play: (scene) => (scene.calibrated === null ? null : always(scene, scene.calibrated)),
  },
  { name: 'best single, in hindsight', play: (scene) => always(scene, bestThroughout(scene)) },
  { name: 'cheapest', play: (scene, sample) => (sample.isPriced ? always(scene, cheapest(scene)) : null) },
  { name: 'random', play: random },
];

function playPolicy(options: PolicyOptions, scene: Scene, seed: number): Run {
  const { course } = scene;
  const typical = meanOf(armMeans(course.steps, 'cost'));
  const first = course.priors.map(() => typical);
  if (course.maxUsd === undefined) return replayPolicy(options, course, seed, first);
  const { maxUsd, steps } = course;
  // Paced: a dollar costs what it costs on the hull of what is believed, at what is left for each task that is left.
  const priceOf = (at: number, spentUsd: number, reward: readonly number[], cost: readonly number[]): number =>
    mixFor((maxUsd - spentUsd) / (steps.length - at), reward, cost).price;
  return replayPolicy(options, { ...course, priceOf }, seed, first);
}

function open(scene: Scene): readonly number[] {
  return scene.course.from.flatMap((from, arm) => (from === 0 ? [arm] : []));
}

function bestThroughout(scene: Scene): number {
  const means = armMeans(scene.course.steps, 'reward');
  return indexOfBest(means.map((mean, arm) => (open(scene).includes(arm) ? mean : -1)));
}

function cheapest(scene: Scene): number {
  const means = armMeans(scene.course.steps, 'cost');
  return indexOfBest(means.map((mean, arm) => (open(scene).includes(arm) ? -mean : Number.NEGATIVE_INFINITY)));
}

function always(scene: Scene, arm: number): Run {
  return stopped(
    scene,
    scene.course.steps.map(() => arm),
    (step) => scene.course.steps[step]?.reward[arm] ?? 0,
    (step) => scene.course.steps[step]?.cost[arm] ?? 0,
  );
}

/** Any arm that is there, evenly: expected reward and cost, without the luck of draws. */
function random(scene: Scene): Run {
  const { steps, from } = scene.course;
  const there = (at: number): readonly number[] => from.flatMap((first, arm) => (first <= at ? [arm] : []));
  const mean = (of: 'reward' | 'cost') => (at: number) => meanOf(there(at).map((arm) => steps[at]?.[of][arm] ?? 0));
  return stopped(
    scene,
    steps.map(() => -1),
    mean('reward'),
    mean('cost'),
  );
}

/** Ends where the money does. */
function stopped(
  { course }: Scene,
  chosen: readonly number[],
  reward: (at: number) => number,
  cost: (at: number) => number,
): Run {
  let spent = 0;
  const fits = chosen.findIndex((_, at) => (spent += cost(at)) > (course.maxUsd ?? Number.POSITIVE_INFINITY));
  const kept = chosen.slice(0, fits < 0 ? chosen.length : fits);
  return { chosen: kept, reward: kept.map((_, at) => reward(at)), cost: kept.map((_, at) => cost(at)) };
}
