import { createRandom } from '../../src/core/random.js';
import { type Sample, indexOfBest, shuffle } from './sample.js';

// Which arm comes when in the blind steps is luck: mean over so many orders.
const orders = 100;
// Outcomes of the mean of all that an arm is credited with: a first success makes no arm perfect.
const shrinkage = 2;

/**
 * Regret in points of a learner without priors, as good as one can be: in the blind steps it asks `tried` arms in turn
 * (none can be told from another), while their outcomes come in it takes whichever did best so far, and from the step on
 * at which the outcome of its own first choice comes (twice the delay) it is granted the best arm in hindsight. Until
 * then nothing that it chooses can teach it anything in time: the greatest mean is the best choice there is.
 */
export function lateLearnerRegret(
  { steps, arms }: Sample,
  reference: readonly number[],
  { delay, tried, seed }: { readonly delay: number; readonly tried: number; readonly seed: number },
): number {
  const random = createRandom(seed);
  const all = arms.map((_, arm) => arm);
  let lost = 0;
  for (let order = 0; order < orders; order += 1) {
    const asked = shuffle(all, random).slice(0, tried);
    const rewardOf = (at: number, arm: number): number => steps[at]?.reward[asked[arm] ?? 0] ?? 0;
    const known = asked.map(() => ({ outcomes: 0, reward: 0 }));
    const means = (): readonly number[] => {
      const outcomes = known.reduce((sum, one) => sum + one.outcomes, 0);
      const mean = outcomes === 0 ? 0 : known.reduce((sum, one) => sum + one.reward, 0) / outcomes;
      return known.map((one) => (one.reward + shrinkage * mean) / (one.outcomes + shrinkage));
    };
    for (let at = 0; at < Math.min(2 * delay, steps.length); at += 1) {
      const come = at - 1 - delay;
      const learned = known[come % asked.length];
      if (come >= 0 && learned !== undefined) {
        learned.outcomes += 1;
        learned.reward += rewardOf(come, come % asked.length);
      }
      const arm = at < delay ? at % asked.length : indexOfBest(means());
      lost += (reference[at] ?? 0) - rewardOf(at, arm);
    }
  }
  return (100 * lost) / orders / steps.length;
}
