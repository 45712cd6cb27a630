import { z } from 'zod';
import { chancesOfTwo } from '../registry/load.js';
import type { Arm } from './arm.js';
import type { Trade } from './policy-options.js';

const level = z.number().nonnegative();
const probability = z.number().min(0).max(1);

/**
 * How a decision's chances follow from the policy's and from load: all that is needed to make them again. Arms are equals
 * of the best among them where utilities differ by `tolerance` at most (of the same model: by `luck` deviations of what
 * luck makes of their outcomes, if that is more) and costs by a factor of `price` at most. Equals keep together the
 * chance that the policy gave them, and share it by their load.
 */
export const spreadSchema = z.strictObject({
  tolerance: level.describe('In units of one success.'),
  luck: level,
  price: z.number().min(1),
  share: probability.describe('In how many cases the less busy one of two has it; else who was drawn first.'),
  utilisations: z
    .array(level)
    .readonly()
    .describe('What each eligible arm had to do, as a share of what it may do at a time.'),
  weighed: z.array(probability).readonly().describe('The policy’s own chances, in the order of the eligible arms.'),
});
export type Spread = z.infer<typeof spreadSchema>;

/** What arms are held equal by, and how much of their common chance load may move. Judgement, not fitted. */
export const usualSpread: Pick<Spread, 'tolerance' | 'luck' | 'price' | 'share'> = {
  tolerance: 0.02,
  luck: 1,
  price: 1.5,
  share: 0.9,
};

/** What is believed of an arm that can be chosen. */
export interface Believed {
  readonly arm: Arm;
  readonly success: number;
  readonly evidence: number;
  readonly cost_micro_usd: number;
  readonly latency_ms: number;
}
type Nearness = Pick<Spread, 'tolerance' | 'luck' | 'price'>;

/** Places of the arms, equals together: each group is led by its best arm, the best group first. Every arm is in one. */
export function groupEquals(arms: readonly Believed[], near: Nearness, trade: Trade): readonly (readonly number[])[] {
  const utilities = arms.map(({ success, cost_micro_usd: cost, latency_ms: latency }) => {
    return success - (trade.cost_weight * cost) / 1e6 - (trade.latency_weight * latency) / 60_000;
  });
  const variances = arms.map(({ success, evidence }) => (success * (1 - success)) / (evidence + 1));
  const greatest = variances.reduce((most, variance) => Math.max(most, variance), 0);
  const order = placesFromTheBest(utilities);
  const isGrouped = arms.map(() => false);
  const groups: number[][] = [];
  // Plain loops that end early: this is done at every decision.
  for (let rank = 0; rank < order.length; rank += 1) {
    const best = order[rank] ?? 0;
    if (isGrouped[best] === true) continue;
    const group: number[] = [];
    const ofBest = variances[best] ?? 0;
    const reach = Math.max(near.tolerance, near.luck * Math.sqrt(ofBest + greatest));
    for (let place = rank; place < order.length; place += 1) {
      const at = order[place] ?? 0;
      const apart = (utilities[best] ?? 0) - (utilities[at] ?? 0);
      if (apart > reach) break;
      if (isGrouped[at] === true) continue;
      if (apart > near.tolerance) {
        if (!isOneModel(arms[best], arms[at])) continue;
        if (apart > near.luck * Math.sqrt(ofBest + (variances[at] ?? 0))) continue;
      }
      if (!isOfOnePrice(arms[best], arms[at], near.price)) continue;
      isGrouped[at] = true;
      group.push(at);
    }
    groups.push(group);
  }
  return groups;
}

/** By insertion, which for so few is quicker than a sort that asks a function. Equals in the order given. */
function placesFromTheBest(utilities: readonly number[]): number[] {
  const order: number[] = [];
  for (let at = 0; at < utilities.length; at += 1) {
    const utility = utilities[at] ?? 0;
    let place = at;
    for (; place > 0 && (utilities[order[place - 1] ?? 0] ?? 0) < utility; place -= 1)
      order[place] = order[place - 1] ?? 0;
    order[place] = at;
  }
  return order;
}

function isOneModel(one: Believed | undefined, other: Believed | undefined): boolean {
  return one !== undefined && one.arm.model !== '' && one.arm.model === other?.arm.model;
}

function isOfOnePrice(one: Believed | undefined, other: Believed | undefined, price: number): boolean {
  const [left, right] = [one?.cost_micro_usd ?? 0, other?.cost_micro_usd ?? 0];
  return left > right ? left <= price * right : right <= price * left;
}

/**
 * The policy's chances after load was looked at: within each group of equals by the power of two choices, in closed form,
 * so that what is recorded is the chance with which an arm was to be chosen. Groups keep their sums.
 */
export function spreadLoad(
  chances: readonly number[],
  arms: readonly Believed[],
  spread: Omit<Spread, 'weighed'>,
  trade: Trade,
): readonly number[] {
  const { share, utilisations } = spread;
  // Where all are equally busy nothing moves.
  if (utilisations.every((one) => one === utilisations[0])) return chances;
  const moved = [...chances];
  for (const group of groupEquals(arms, spread, trade)) {
    if (group.length === 1) continue;
    const before = group.map((at) => chances[at] ?? 0);
    const busy = group.map((at) => utilisations[at] ?? 0);
    const after = chancesOfTwo(before, busy, share);
    group.forEach((at, place) => void (moved[at] = after[place] ?? 0));
  }
  return moved;
}
