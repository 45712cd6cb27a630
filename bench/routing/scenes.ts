import { createRandom } from '../../src/core/random.js';
import type { Course, Prior } from './replay.js';
import { type Sample, type Step, armMeans, indexOfBest } from './sample.js';

/** The settings of the replay, in the order of the page. */
export const settingNames = [
  'cold',
  'warm',
  'delayed',
  'blind',
  'delayed-warm',
  'priced',
  'delayed-priced',
  'drift',
  'arrival',
  'budgeted',
] as const;
export type SettingName = (typeof settingNames)[number];

/** One seed's replay: the course, and what it is measured against. */
export interface Scene {
  readonly course: Course;
  /** Best single arm in hindsight at each step: one for the whole course, or one each half where something changes. */
  readonly reference: readonly number[];
  /** Where something changes: the step, and the arm that it happens to. */
  readonly event: { readonly at: number; readonly arm: number } | null;
  /** Best by the calibration tasks, of those that are there from the start. */
  readonly calibrated: number | null;
}

export const delaySteps = 200;
const unknown: Prior = { success: 0.5, evidence: 0 };

/** Whether a setting begins with calibration tasks. */
export function isWarmStarted(setting: SettingName): boolean {
  return setting === 'warm' || setting === 'delayed-warm';
}

function priorsFor(setting: SettingName, sample: Sample): readonly Prior[] | null {
  if (setting === 'priced' || setting === 'delayed-priced') return sample.byPrice;
  const calibration = armMeans(sample.calibration, 'reward');
  if (!isWarmStarted(setting) || calibration.length === 0) return sample.arms.map(() => unknown);
  return calibration.map((success) => ({ success, evidence: sample.calibration.length }));
}

const delayedSettings: readonly SettingName[] = ['delayed', 'delayed-warm', 'delayed-priced'];

/** The scene of a setting; null where a budget, or a belief by price, is asked of arms without prices. */
export function sceneOf(setting: SettingName, sample: Sample, seed: number): Scene | null {
  const half = Math.floor(sample.steps.length / 2);
  const calibration = armMeans(sample.calibration, 'reward');
  const priors = priorsFor(setting, sample);
  if (priors === null) return null;
  const plain: Course = {
    steps: sample.steps,
    priors,
    delay: delayedSettings.includes(setting) ? delaySteps : 0,
    blindUntil: setting === 'blind' ? delaySteps : 0,
    from: sample.arms.map(() => 0),
  };
  const best = indexOfBest(armMeans(sample.steps, 'reward'));
  if (setting === 'budgeted') return sample.isPriced ? budgeted(plain, best, calibration) : null;
  if (setting === 'drift') {
    const arm = indexOfBest(armMeans(sample.steps.slice(0, half), 'reward'));
    return changed({ ...plain, steps: halve(sample.steps, arm, half, seed) }, { at: half, arm }, calibration);
  }
  if (setting === 'arrival') {
    const from = plain.from.map((_, arm) => (arm === best ? half : 0));
    return changed({ ...plain, from }, { at: half, arm: best }, calibration);
  }
  const reference = sample.steps.map((step) => step.reward[best] ?? 0);
  return { course: plain, reference, event: null, calibrated: bestOf(calibration) };
}

/** Null where there were no calibration tasks. */
function bestOf(calibration: readonly number[]): number | null {
  return calibration.length > 0 ? indexOfBest(calibration) : null;
}

/** From half-time on every second success of this arm fails (a graded reward is halved). */
function halve(steps: readonly Step[], arm: number, half: number, seed: number): readonly Step[] {
  const coin = createRandom(seed ^ 0x5eed);
  return steps.map((step, at) => {
    const isLost = coin.uniform() < 0.5;
    if (at < half) return step;
    const reward = step.reward.map((value, index) => {
      if (index !== arm) return value;
      return value === 1 ? (isLost ? 0 : 1) : value / 2;
    });
    return { ...step, reward };
  });
}

function changed(course: Course, event: { at: number; arm: number }, calibration: readonly number[]): Scene {
  const halves = [course.steps.slice(0, event.at), course.steps.slice(event.at)];
  const reference = halves.flatMap((steps, late) => {
    const isOpen = (arm: number): boolean => late === 1 || course.from[arm] === 0;
    const best = indexOfBest(armMeans(steps, 'reward').map((mean, arm) => (isOpen(arm) ? mean : -1)));
    return steps.map((step) => step.reward[best] ?? 0);
  });
  const calibrated = bestOf(calibration.map((mean, arm) => (course.from[arm] === 0 ? mean : -1)));
  return { course, reference, event, calibrated };
}

/** Half of what the best arm would cost for all steps. The reference is the best mix of arms for that, in hindsight. */
function budgeted(plain: Course, best: number, calibration: readonly number[]): Scene {
  const cost = armMeans(plain.steps, 'cost');
  const reward = armMeans(plain.steps, 'reward');
  const maxUsd = ((cost[best] ?? 0) * plain.steps.length) / 2;
  const mix = mixFor(maxUsd / plain.steps.length, reward, cost);
  const course = { ...plain, maxUsd };
  return { course, reference: plain.steps.map(() => mix.reward), event: null, calibrated: bestOf(calibration) };
}

/**
 * The best mean reward for a mean cost, by mixing two arms (or one arm and leaving tasks undone), and the price of a
 * dollar there: the slope of the upper hull of the points (cost, reward) and (0, 0).
 */
export function mixFor(
  allowance: number,
  reward: readonly number[],
  cost: readonly number[],
): { reward: number; price: number } {
  const points = [{ cost: 0, reward: 0 }, ...reward.map((value, arm) => ({ cost: cost[arm] ?? 0, reward: value }))];
  const affordable = points.filter((point) => point.cost <= allowance);
  const dear = points.filter((point) => point.cost > allowance);
  let best = { reward: Math.max(...affordable.map((point) => point.reward)), price: 0 };
  for (const low of affordable) {
    for (const high of dear) {
      const price = (high.reward - low.reward) / (high.cost - low.cost);
      const mixed = low.reward + price * (allowance - low.cost);
      if (mixed > best.reward) best = { reward: mixed, price };
    }
  }
  return best;
}
