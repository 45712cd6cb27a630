import type { RoutePlan } from '../plan.js';
import type { Trade } from '../policy-options.js';
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
const breadth = 10;
const width = 40;
/** Agents of a race or a parallel plan at most, beside each other on one machine. */
const abreast = 3;

/**
 * The plan of greatest utility among the asked kinds; ties go to the cheaper one, then to the one found first (single,
 * cascade, race, hybrid, parallel). Beyond ten arms only those are planned with that are best for their price. A cascade
 * carries the success below which its cheapest step is not worth its price.
 * @throws CASCADE_INPUT_INVALID for no kind, a first agent that is unknown, and as `outlookFromTrials`
 */
export function choosePlan(whole: Outlook, verifier: Verifier, wanted: Wanted): ChosenPlan {
  const outlook = shortlist(checkOutlook(whole), wanted);
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

/** The leader, then arms that no other beats in success and cost, then by their utility alone. */
function shortlist(outlook: Outlook, wanted: Wanted): Outlook {
  if (outlook.agents.length <= breadth) return outlook;
  const arms = outlook.agents.map((agent, index) => ({
    index,
    agent,
    success: meanOf(outlook, outlook.success[index] ?? []),
    cost: meanOf(outlook, outlook.cost[index] ?? []),
    price: priceOf(agent, outlook, wanted),
  }));
  let best = -1;
  const isEfficient = new Set<string>();
  for (const arm of arms.toSorted((a, b) => a.cost - b.cost || b.success - a.success)) {
    if (arm.success > best) isEfficient.add(arm.agent);
    best = Math.max(best, arm.success);
  }
  const rank = (arm: { agent: string }): number =>
    arm.agent === wanted.first ? 0 : isEfficient.has(arm.agent) ? 1 : 2;
  const kept = arms
    .toSorted((a, b) => rank(a) - rank(b) || b.success - b.price - (a.success - a.price) || a.index - b.index)
    .slice(0, breadth)
    .map((arm) => arm.index)
    .toSorted((a, b) => a - b);
  return narrowOutlook(outlook, kept);
}
