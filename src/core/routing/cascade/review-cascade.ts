import { foreseePlan } from './foresee.js';
import { type Outlook, meanOf } from './outlook.js';
import { outlookAfterRefusals } from './belief.js';
import { type Verifier, stopBelow } from './verifier.js';

/** What the rest of a cascade is judged by, beside the outlook that it was planned with. */
export interface CascadeLeft {
  /** Steps that are left, in the plan's order; at least one. */
  readonly steps: readonly string[];
  /** Agents whose candidates did not pass. One that broke down says nothing of how hard the task is. */
  readonly refused: readonly string[];
  readonly verifier: Verifier;
  readonly trade: { readonly cost_weight: number; readonly latency_weight: number };
  /** Loss from landing something bad, in units of one success. */
  readonly harm: number;
  /** Micro-dollars that the task may still spend; null: no bound. */
  readonly left: number | null;
}

/** What is expected of the next step, and what it would have to be. Costs in micro-dollars. */
export interface StepOutlook {
  readonly agent: string;
  /** Given that the refused ones did not pass. */
  readonly success: number;
  readonly stop_below: number;
  readonly cost: number;
}

/** `next` null: stop, for `because`; else the step to go on with, which may lie behind others that are passed over. */
export type CascadeReview =
  | { readonly next: StepOutlook; readonly passed: readonly string[] }
  | { readonly next: null; readonly because: 'not-worth-it' | 'money'; readonly best: StepOutlook };

/**
 * Looks at the rest of a cascade again with what is known now: every way through the steps that are left, in their order, is
 * foreseen under the outlook after the refusals. Goes on with the first step of the way that is worth most (ties: the one
 * that comes first in the plan), as long as any is worth more than its price and harm, and that step's expected cost fits the
 * money left. For a single step this is success ≥ `stopBelow`.
 * @throws CASCADE_INPUT_INVALID for an agent of which nothing is known
 */
export function reviewCascade(outlook: Outlook, given: CascadeLeft): CascadeReview {
  const { steps, refused, verifier, harm, left } = given;
  const now = outlookAfterRefusals(outlook, verifier, refused);
  const told = steps.map((agent) => stepOf(now, agent, given));
  const fits = ({ cost }: StepOutlook): boolean => left === null || cost <= left;
  const ways = waysThrough(told).filter((way) => way.every(fits));
  let best: { readonly way: readonly StepOutlook[]; readonly utility: number } | null = null;
  for (const way of ways) {
    const plan = { kind: 'cascade' as const, steps: way.map(({ agent }) => agent), stop_below: 0 };
    const { landed, wrong, cost, latencyMs } = foreseePlan(plan, now, verifier);
    const utility = landed - harm * wrong - priceOf(cost, latencyMs, given);
    const isWithin = left === null || cost <= left;
    if (isWithin && utility > 0 && (best === null || utility > best.utility)) best = { way, utility };
  }
  const next = best?.way[0];
  if (next !== undefined) return { next, passed: steps.slice(0, steps.indexOf(next.agent)) };
  const likeliest = told.reduce((top, one) => (marginOf(one) > marginOf(top) ? one : top));
  // One that were worth it and did fit would have been gone on with.
  return { next: null, because: marginOf(likeliest) > 0 ? 'money' : 'not-worth-it', best: likeliest };
}

function marginOf({ success, stop_below }: StepOutlook): number {
  return success - stop_below;
}

/** Every choice of steps that keeps their order, those that begin earlier first. Few: a cascade has eight steps at most. */
function waysThrough(steps: readonly StepOutlook[]): readonly (readonly StepOutlook[])[] {
  return steps.flatMap((step, index) => [[step], ...waysThrough(steps.slice(index + 1)).map((way) => [step, ...way])]);
}

function stepOf(outlook: Outlook, agent: string, given: CascadeLeft): StepOutlook {
  const arm = outlook.agents.indexOf(agent);
  const mean = (columns: readonly (readonly number[])[]): number => meanOf(outlook, columns[arm] ?? []);
  const cost = mean(outlook.cost);
  const price = priceOf(cost, mean(outlook.latencyMs), given);
  return { agent, success: mean(outlook.success), stop_below: stopBelow(given.verifier, price, given.harm), cost };
}

/** λ·dollars + μ·minutes, in units of one success. */
function priceOf(cost: number, latencyMs: number, { trade }: CascadeLeft): number {
  return (trade.cost_weight * cost) / 1e6 + (trade.latency_weight * latencyMs) / 60_000;
}
