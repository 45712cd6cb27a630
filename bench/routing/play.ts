import { type Contender, contenders } from './contenders.js';
import { lateLearnerRegret } from './late-learner.js';
import type { Matrix } from './matrix.js';
import { splitRunOracle } from './oracle.js';
import type { Run } from './replay.js';
import { type Sample, drawSample } from './sample.js';
import { type Scene, type SettingName, delaySteps, isWarmStarted, sceneOf, settingNames } from './scenes.js';
import { type Spread, meanOf, spreadOf } from './statistics.js';

/** What is drawn for each seed. */
export const drawn = { arms: 10, tasks: 500, calibration: 100 };
/** A change counts as answered when at least half of a window of so many steps is. */
const windowSteps = 50;

/** One contender in one setting, over all seeds. Rewards and regrets are points: hundredths of one success a task. */
export interface Standing {
  readonly contender: string;
  readonly reward: Spread;
  /** Dollars a task; null where arms have no price. */
  readonly costUsd: Spread | null;
  /** To the best single arm in hindsight (of each half, where something changes; the best mix, where money binds). */
  readonly regret: Spread;
  /** To the oracle that knows other runs of the same task; null where a setting changes what there is to know. */
  readonly oracleRegret: Spread | null;
  /** Steps from a change to the end of the first window in which it is answered: median over seeds, and how many did. */
  readonly answered: { readonly median: number; readonly seeds: number; readonly of: number } | null;
  /** Mean regret so far, in tasks, at 51 evenly spread steps. */
  readonly curve: readonly number[];
}

/** A setting on one matrix. */
export interface Played {
  readonly setting: SettingName;
  readonly steps: number;
  readonly calibration: number;
  readonly arms: number;
  readonly standings: readonly Standing[];
  /** Least regret that any policy can have that learns nothing for the delay; null where nothing is delayed. */
  readonly blindRegret: Spread | null;
  /** Least regret of a learner without priors whose outcomes are late, and how many arms it asks; null elsewhere. */
  readonly lateRegret: { readonly regret: Spread; readonly tried: number } | null;
  /** Mean reward of the split-run oracle. */
  readonly oracle: Spread | null;
}

interface Trial {
  readonly sample: Sample;
  readonly scene: Scene;
  readonly oracle: number | null;
  readonly seed: number;
}

/** Plays every setting that the matrix allows, with these seeds. */
export function playAll(matrix: Matrix, seeds: readonly number[], tell: (line: string) => void): readonly Played[] {
  const [plain, reserved] = [false, true].map((isReserved) =>
    seeds.map((seed) => {
      const sample = drawSample(matrix, seed, { ...drawn, isReserved });
      return { seed, sample, oracle: 100 * splitRunOracle(sample.steps) };
    }),
  );
  return settingNames.flatMap((setting) => {
    const trials = ((isWarmStarted(setting) ? reserved : plain) ?? []).flatMap(({ seed, sample, oracle }): Trial[] => {
      const scene = sceneOf(setting, sample, seed);
      const isChanged = setting === 'drift' || setting === 'arrival' || setting === 'budgeted';
      return scene === null ? [] : [{ sample, scene, oracle: isChanged ? null : oracle, seed }];
    });
    if (trials.length < seeds.length) {
      tell(
        `${matrix.name}, ${setting}: left out, ${seeds.length - trials.length} of ${seeds.length} samples hold arms without a price`,
      );
      return [];
    }
    tell(`${matrix.name}, ${setting}`);
    return [playSetting(setting, trials)];
  });
}

function playSetting(setting: SettingName, trials: readonly Trial[]): Played {
  const [first] = trials;
  const oracles = trials.flatMap(({ oracle }) => (oracle === null ? [] : [oracle]));
  return {
    setting,
    steps: first?.sample.steps.length ?? 0,
    calibration: first?.sample.calibration.length ?? 0,
    arms: first?.sample.arms.length ?? 0,
    standings: contenders.flatMap((contender) => standingOf(contender, trials)),
    blindRegret: setting === 'delayed' || setting === 'blind' ? spreadOf(trials.map(blindRegret)) : null,
    lateRegret: setting === 'delayed' ? lateRegret(trials) : null,
    oracle: oracles.length > 0 ? spreadOf(oracles) : null,
  };
}

/** With as many arms as turn out best over all seeds: an upper bound of what choosing that number may give. */
function lateRegret(trials: readonly Trial[]): Played['lateRegret'] {
  const arms = trials[0]?.sample.arms.length ?? 0;
  const [best] = Array.from({ length: arms }, (_, at) => {
    const tried = at + 1;
    const regrets = trials.map(({ sample, scene, seed }) =>
      lateLearnerRegret(sample, scene.reference, { delay: delaySteps, tried, seed }),
    );
    return { tried, regret: spreadOf(regrets) };
  }).toSorted((a, b) => a.regret.mean - b.regret.mean);
  return best ?? null;
}

function standingOf(contender: Contender, trials: readonly Trial[]): Standing[] {
  const runs = trials.map(({ scene, sample, seed }) => contender.play(scene, sample, seed));
  const played = runs.flatMap((run) => (run === null ? [] : [run]));
  if (played.length < trials.length) return [];
  const of = <T>(make: (run: Run, trial: Trial) => T): T[] =>
    played.flatMap((run, at) => trials.slice(at, at + 1).map((trial) => make(run, trial)));
  const rewards = of((run, { scene }) => (100 * sumOf(run.reward)) / scene.course.steps.length);
  const references = trials.map(({ scene }) => 100 * meanOf(scene.reference));
  const isPriced = trials.every(({ sample }) => sample.isPriced);
  const oracleGaps = rewards.flatMap((reward, at) => {
    const oracle = trials[at]?.oracle ?? null;
    return oracle === null ? [] : [oracle - reward];
  });
  return [
    {
      contender: contender.name,
      reward: spreadOf(rewards),
      costUsd: isPriced ? spreadOf(of((run, { scene }) => sumOf(run.cost) / scene.course.steps.length)) : null,
      regret: spreadOf(rewards.map((reward, at) => (references[at] ?? 0) - reward)),
      oracleRegret: oracleGaps.length > 0 ? spreadOf(oracleGaps) : null,
      answered: answeredBy(of((run, trial) => stepsToAnswer(run, trial.scene))),
      curve: curveOf(of((run, { scene }) => regretSoFar(run, scene))),
    },
  ];
}

/** The arm that arrived is chosen, the arm that got worse is not; null where the change was none to this run. */
function stepsToAnswer(run: Run, { event, course }: Scene): number | null {
  if (event === null || run.chosen.includes(-1)) return null;
  const isArrival = (course.from[event.arm] ?? 0) > 0;
  const isRight = (arm: number): number => ((arm === event.arm) === isArrival ? 1 : 0);
  const before = run.chosen.slice(event.at - windowSteps, event.at);
  if (!isArrival && sumOf(before.map(isRight)) > windowSteps / 2) return null;
  for (let end = event.at + windowSteps; end <= run.chosen.length; end++) {
    if (sumOf(run.chosen.slice(end - windowSteps, end).map(isRight)) >= windowSteps / 2) return end - event.at;
  }
  return Number.POSITIVE_INFINITY;
}

function answeredBy(steps: readonly (number | null)[]): Standing['answered'] {
  const affected = steps.flatMap((each) => (each === null ? [] : [each])).toSorted((a, b) => a - b);
  if (affected.length === 0) return null;
  const seeds = affected.filter(Number.isFinite).length;
  return {
    median: affected[Math.ceil(affected.length / 2) - 1] ?? Number.POSITIVE_INFINITY,
    seeds,
    of: affected.length,
  };
}

function blindRegret({ scene, sample }: Trial): number {
  const blind = sample.steps.slice(0, delaySteps);
  const lost = blind.map((step, at) => (scene.reference[at] ?? 0) - meanOf(step.reward));
  return (100 * sumOf(lost)) / sample.steps.length;
}

function regretSoFar(run: Run, { reference }: Scene): readonly number[] {
  let lost = 0;
  return reference.map((value, at) => (lost += value - (run.reward[at] ?? 0)));
}

function curveOf(lines: readonly (readonly number[])[]): readonly number[] {
  return Array.from({ length: 51 }, (_, point) =>
    meanOf(lines.map((line) => (point === 0 ? 0 : (line[Math.round((point * line.length) / 50) - 1] ?? 0)))),
  );
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
