import { defaultPolicyOptions } from '../../src/core/routing/default-policy.js';
import { type PolicyOptions, policyOptionsSchema } from '../../src/core/routing/policy-options.js';
import type { Matrix } from './matrix.js';
import { drawn } from './play.js';
import { replayPolicy } from './replay.js';
import { type Sample, drawSample } from './sample.js';
import { type SettingName, sceneOf } from './scenes.js';
import { type Spread, meanOf, spreadOf } from './statistics.js';

/** One way of choosing, cold and with outcomes late: regret in points over the seeds. */
export interface Tried {
  readonly what: string;
  readonly cold: Spread;
  readonly delayed: Spread;
}

/** Replays of each seed, with other draws: one alone is off by half a point. */
export const streams = 4;

const changed = (changes: object): PolicyOptions => policyOptionsSchema.parse({ ...defaultPolicyOptions, ...changes });
const ways: readonly (readonly [string, PolicyOptions])[] = [
  ['default policy', defaultPolicyOptions],
  ['without optimism', changed({ optimism: 0 })],
  ['optimism of 2', changed({ optimism: 2 })],
  ['optimism of 8', changed({ optimism: 8 })],
  ['width of 0.02', changed({ width: 0.02 })],
  ['width of 0.1', changed({ width: 0.1 })],
  ['never starting again', changed({ restart_above: null })],
  ['KL-UCB, as optimistic', policyOptionsSchema.parse({ ...defaultPolicyOptions, name: 'kl-ucb' })],
  ['epsilon-greedy, ε₀ of 0.05', policyOptionsSchema.parse({ name: 'epsilon-greedy', epsilon: 0.05 })],
  ['Thompson', policyOptionsSchema.parse({ name: 'thompson' })],
];

/** All of them, on these seeds. */
export function tryAll(matrix: Matrix, seeds: readonly number[]): readonly Tried[] {
  const samples = seeds.map((seed) => ({ seed, sample: drawSample(matrix, seed, { ...drawn, isReserved: false }) }));
  return ways.map(([what, options]) => {
    const regrets = (setting: SettingName): Spread =>
      spreadOf(samples.map(({ seed, sample }) => meanRegret(options, setting, sample, seed)));
    return { what, cold: regrets('cold'), delayed: regrets('delayed') };
  });
}

function meanRegret(options: PolicyOptions, setting: SettingName, sample: Sample, seed: number): number {
  const scene = sceneOf(setting, sample, seed);
  if (scene === null) return Number.NaN;
  const { course, reference } = scene;
  const free = course.priors.map(() => 0);
  // beyond every seed of a sample, so that no stream is another sample's
  const stream = (at: number): number => seed + at * 100_003;
  return meanOf(
    Array.from({ length: streams }, (_, at) => {
      const { reward } = replayPolicy(options, course, stream(at), free);
      return 100 * meanOf(reference.map((best, step) => best - (reward[step] ?? 0)));
    }),
  );
}
