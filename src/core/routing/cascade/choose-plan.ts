import type { RoutePlan } from '../plan.js';
import type { Trade } from '../policy-options.js';
import { type Estimate, outlookFromEstimates } from './difficulty.js';
import { type Foreseen, foreseePlan } from './foresee.js';
import { frontOfSequences } from './front.js';
import { type Outlook, checkOutlook, meanOf, narrowOutlook, refuse } from './outlook.js';
import { type Verifier, stopBelow } from './verifier.js';

export type PlanKind = RoutePlan['kind'];

/** What a plan is chosen for. */
export interface Wanted {
  readonly kinds: readonly PlanKind[];
  readonly trade: Trade;
  /** Loss from landing something bad, in units of one success. */
  readonly harm: number;
  /** Most that the plan may be expected to cost, in micro-dollars; null: no limit. */
  readonly budget: number | null;
  /** Agent that the plan begins with (the policy's choice); null: any. */
  readonly first: string | null;
  /** Steps of a cascade at most. */
  readonly longest: number;
}

/** A plan, what is expected of it, and its utility: landed − harm·wrong − λ·dollars − μ·minutes. */
export interface ChosenPlan {
  readonly plan: RoutePlan;
  readonly foreseen: Foreseen;
  readonly utility: number;
  /** False where no plan was: this is then the cheapest. */
  readonly isWithinBudget: boolean;
}

/** Arms that are planned with, and sequences of one length kept: bounds the time of a decision. */
const breadth = 8;
const width = 12;
/** Agents of a race or a parallel plan at most, beside each other on one machine. */
const abreast = 3;

/**
 * The plan of greatest utility among the asked kinds; ties go to the cheaper one, then to the one found first (single,
 * cascade, race, hybrid, parallel). Beyond eight arms only those are planned with that are best for their price. A cascade
 * carries the success below which its cheapest step is not worth its price.
 * @throws CASCADE_INPUT_INVALID for no kind, a first agent that is unknown, and as `outlookFromTrials`
 */
export function choosePlan(whole: Outlook, verifier: Verifier, wanted: Wanted): ChosenPlan {
  checkOutlook(whole);
  const offers = whole.agents.map((agent, index): Offer => {
    const success = meanOf(whole, whole.success[index] ?? []);
    const cost = meanOf(whole, whole.cost[index] ?? []);
    return { agent, success, cost, price: priceOf(agent, whole, wanted) };
  });
  const outlook = narrowOutlook(whole, shortlist(offers, wanted.first));
  const plans = wanted.kinds.flatMap((kind) => plansOf(kind, outlook, verifier, wanted));
  const weighed = plans.map((plan) => {
    const foreseen = foreseePlan(plan, outlook, verifier);
    const isWithinBudget = wanted.budget === null || foreseen.cost <= wanted.budget;
    return { plan, foreseen, utility: utilityOf(foreseen, wanted), isWithinBudget };
  });
  const affordable = weighed.filter((each) => each.isWithinBudget);
  const [best] =
    affordable.length > 0
      ? affordable.toSorted((a, b) => b.utility - a.utility || a.foreseen.cost - b.foreseen.cost)
      : weighed.toSorted((a, b) => a.foreseen.cost - b.foreseen.cost);
  if (best === undefined) throw refuse(`no plan of kind ${wanted.kinds.join(', ') || '(none)'} can be made`);
  return best;
}

/**
 * As `choosePlan`, from averages alone (`outlookFromEstimates`): the arms that are not planned with cost next to nothing,
 * so that a thousand can be given.
 * @throws CASCADE_INPUT_INVALID as `choosePlan` and `outlookFromEstimates`; a number out of its domain in any estimate
 */
export function planFromEstimates(
  estimates: readonly Estimate[],
  correlation: number,
  verifier: Verifier,
  wanted: Wanted,
): ChosenPlan {
  const { cost_weight, latency_weight } = wanted.trade;
  const offers = estimates.map(({ agent, success, cost, latencyMs }): Offer => {
    if (!(success >= 0 && success <= 1 && cost >= 0 && latencyMs >= 0))
      throw refuse(`${agent} has success ${success}, cost ${cost} and latency ${latencyMs}`);
    return { agent, success, cost, price: (cost_weight * cost) / 1e6 + (latency_weight * latencyMs) / 60_000 };
  });
  const kept = shortlist(offers, wanted.first).flatMap((index) => estimates.slice(index, index + 1));
  return choosePlan(outlookFromEstimates(kept, correlation), verifier, wanted);
}

function utilityOf(foreseen: Foreseen, { trade, harm }: Wanted): number {
  const price = (trade.cost_weight * foreseen.cost) / 1e6 + (trade.latency_weight * foreseen.latencyMs) / 60_000;
  return foreseen.landed - harm * foreseen.wrong - price;
}

function plansOf(kind: PlanKind, outlook: Outlook, verifier: Verifier, wanted: Wanted): readonly RoutePlan[] {
  const names = outlook.agents;
  const leaders = wanted.first === null ? names : [wanted.first];
  switch (kind) {
    case 'single':
      return leaders.map((agent) => ({ kind, agent }));
    case 'cascade':
      return cascades(outlook, verifier, wanted);
    case 'hybrid':
      return leaders.flatMap((first) => hybrids(first, names, outlook));
    case 'race':
    case 'parallel':
      return leaders.flatMap((first) => groups(first, names).map((agents) => ({ kind, agents })));
  }
}

function cascades(outlook: Outlook, verifier: Verifier, wanted: Wanted): readonly RoutePlan[] {
  const { longest, harm, first } = wanted;
  return frontOfSequences(outlook, verifier, { longest, width, harm, first }).sequences.map(({ steps }) => {
    const prices = steps.map((agent) => priceOf(agent, outlook, wanted));
    return { kind: 'cascade', steps: [...steps], stop_below: stopBelow(verifier, Math.min(...prices), harm) };
  });
}

/** The second starts when the first should be half done, or done: a hedge against a slow one, not a race. */
function hybrids(first: string, names: readonly string[], outlook: Outlook): readonly RoutePlan[] {
  const takes = meanOf(outlook, outlook.latencyMs[outlook.agents.indexOf(first)] ?? []);
  return names
    .filter((second) => second !== first)
    .flatMap((second) =>
      [takes / 2, takes].map((hedge): RoutePlan => ({ kind: 'hybrid', first, second, hedge_ms: Math.round(hedge) })),
    );
}

/** Sets of two and of three that begin with `first`, the others in the order of the arms. */
function groups(first: string, names: readonly string[]): string[][] {
  const others = names.filter((agent) => agent !== first);
  const grow = (group: string[], from: number): string[][] =>
    group.length === abreast
      ? []
      : others.slice(from).flatMap((agent, index) => {
          const larger = [...group, agent];
          return [larger, ...grow(larger, from + index + 1)];
        });
  return grow([first], 0);
}

function priceOf(agent: string, outlook: Outlook, { trade }: Wanted): number {
  const index = outlook.agents.indexOf(agent);
  const minutes = meanOf(outlook, outlook.latencyMs[index] ?? []) / 60_000;
  return (trade.cost_weight * meanOf(outlook, outlook.cost[index] ?? [])) / 1e6 + trade.latency_weight * minutes;
}

interface Offer {
  readonly agent: string;
  readonly success: number;
  readonly cost: number;
  /** λ·dollars + μ·minutes of this arm alone. */
  readonly price: number;
}

/** Indexes of those to plan with, ascending: the leader, arms that no other beats in success and cost, then by utility. */
function shortlist(offers: readonly Offer[], first: string | null): readonly number[] {
  const all = offers.map((_, index) => index);
  if (offers.length <= breadth) return all;
  const kept = all.filter((index) => offers[index]?.agent === first);
  take(kept, efficient(offers), offers);
  take(kept, all, offers);
  return kept.toSorted((a, b) => a - b);
}

/** Those that no other beats in success and cost. */
function efficient(offers: readonly Offer[]): readonly number[] {
  const costs = offers.map((offer) => offer.cost);
  const successes = offers.map((offer) => offer.success);
  let best = -1;
  return offers
    .map((_, index) => index)
    .toSorted((a, b) => (costs[a] ?? 0) - (costs[b] ?? 0) || (successes[b] ?? 0) - (successes[a] ?? 0))
    .filter((index) => {
      const success = successes[index] ?? 0;
      const isBetter = success > best;
      best = Math.max(best, success);
      return isBetter;
    });
}

/** Fills up with those of greatest utility, one scan each: there is room for few, and a thousand may stand here. */
function take(kept: number[], from: readonly number[], offers: readonly Offer[]): void {
  const utilities = offers.map(({ success, price }) => success - price);
  while (kept.length < breadth) {
    let best = -1;
    for (const index of from) {
      const isGreater = best < 0 || (utilities[index] ?? 0) > (utilities[best] ?? 0);
      if (isGreater && !kept.includes(index)) best = index;
    }
    if (best < 0) return;
    kept.push(best);
  }
}
