import type { EligibleArm, RouteDecision } from '../../core/routing/decision.js';
import { groupEquals } from '../../core/routing/spread-load.js';
import type { ClassedFault } from '../../core/registry/error-class.js';
import { explainFault, explainPlan, explainReview, showMoney } from '../../core/tasks/explain-event.js';
import { readDecision } from '../../core/tasks/steps-of-decision.js';
import type { TaskEvent } from '../../core/tasks/task-event.js';
import type { RoutedOutcome } from '../../ports/route-store.js';

const causes: Readonly<Record<RouteDecision['cause'], string>> = {
  first: 'the first choice for the task',
  fallback: 'another choice, since an agent could not go on',
  escalation: 'another choice, since a candidate was refused',
  rollout: 'a choice of the rollout',
};

/**
 * Why this agent and why not the others, with the numbers that it was decided by; then what came of it, as the task's story
 * tells it where that is known.
 */
export function explainDecision(
  decision: RouteDecision,
  outcomes: readonly RoutedOutcome[],
  story: readonly TaskEvent[] = [],
): string[] {
  const { eligible, chosen, masked, plan, policy } = decision;
  const best = eligible.reduce((top, arm) => (arm.score > top.score ? arm : top));
  const others = eligible.filter(({ arm }) => arm.agent !== chosen).toSorted((a, b) => b.propensity - a.propensity);
  const winner = eligible.find(({ arm }) => arm.agent === chosen);
  const { steps, reviews } = readDecision(story, decision.id);
  const tell = (outcome: RoutedOutcome): string =>
    tellOutcome(outcome, steps.find(({ agent }) => agent === outcome.agent)?.fault ?? null);
  return [
    `${causes[decision.cause]}: ${decision.surface}, ${decision.complexity}, by ${policy.id} ${policy.version}`,
    ...tellNeed(decision),
    ...tellSession(decision),
    ...(winner === undefined ? [] : [`${chosen} was chosen: ${whyChosen(decision, winner, best)}`]),
    ...others.map((arm) => `not ${arm.arm.agent}: ${whyNot(arm, winner ?? best)}`),
    ...masked.map(
      ({ agent, masks }) => `not ${agent}: ${masks.map(({ detail, mend }) => `${detail} (${mend})`).join('; ')}`,
    ),
    ...tellSpread(decision),
    `plan: ${explainPlan(plan)}`,
    `predicted: ${figures(decision.predicted)}`,
    ...reviews.map((review) => `before its next step: ${explainReview(review)}`),
    outcomes.length === 0 ? 'actual: not known yet' : `actual: ${outcomes.map(tell).join('; ')}`,
  ];
}

function tellSession({ affinity }: RouteDecision): string[] {
  if (affinity === null) return [];
  const { session, agent, kept } = affinity;
  if (agent === null)
    return [`session ${session}: nobody has its caches, since it is new or its last task was refused`];
  return [`session ${session}: ${agent} has its caches ${kept ? 'and is kept' : 'and cannot be asked now'}`];
}

function tellNeed({ need }: RouteDecision): string[] {
  if (need === null) return [];
  const { task_type, languages, specialisations, residency, context_tokens: tokens } = need;
  const parts = [
    task_type ?? '',
    languages.join(' and '),
    specialisations.length === 0 ? '' : `good at ${specialisations.join(' and ')}`,
    residency.length === 0 ? '' : `models at ${residency.join(' or ')}`,
    tokens === 0 ? '' : `room for ${tokens} tokens`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? [] : [`asked for: ${parts.join(', ')}`];
}

/** Groups of equals whose chances load has moved, a line each. */
function tellSpread({ eligible, spread, policy }: RouteDecision): string[] {
  if (spread === null) return [];
  const nameAt = (at: number): string => eligible[at]?.arm.agent ?? '';
  return groupEquals(eligible, spread, policy.options.trade).flatMap((group) => {
    const moved = group.some((at) => Math.abs((eligible[at]?.propensity ?? 0) - (spread.weighed[at] ?? 0)) > 1e-9);
    if (!moved) return [];
    const parts = group.map((at) => {
      const [busy, before, after] = [spread.utilisations[at], spread.weighed[at], eligible[at]?.propensity];
      return `${nameAt(at)} is ${percent(busy ?? 0)} busy: ${percent(before ?? 0)} became ${percent(after ?? 0)}`;
    });
    return [`load among equals: of two of them the less busy one has it; ${parts.join(', ')}`];
  });
}

function whyChosen({ eligible, draw, affinity }: RouteDecision, arm: EligibleArm, best: EligibleArm): string {
  const count = eligible.length;
  if (affinity?.kept === true) return `its session keeps it, and nobody was drawn; ${belief(arm)}`;
  if (count === 1) return `nobody else could be asked; ${belief(arm)}`;
  const chance = `its chance was ${percent(arm.propensity)} of ${count} agents, and the draw (${draw.toFixed(4)}) fell on it`;
  const isBest = arm.arm.agent === best.arm.agent;
  return `${isBest ? 'the best by what is believed' : `to learn more of it, though ${best.arm.agent} looks better`}; ${chance}; ${belief(arm)}`;
}

function whyNot(arm: EligibleArm, winner: EligibleArm): string {
  const gap = winner.score - arm.score;
  const apart =
    gap > 0 ? `${gap.toFixed(3)} less worth` : `looks ${(-gap).toFixed(3)} better, but the draw fell elsewhere`;
  return `${apart}, chance ${percent(arm.propensity)}; ${belief(arm)}`;
}

function belief(arm: EligibleArm): string {
  const { success, evidence, cost_micro_usd: cost, latency_ms: latency, pending, score } = arm;
  const waits = pending === 0 ? '' : `, ${pending} still out`;
  return `success ${percent(success)} on the worth of ${evidence.toFixed(1)} outcomes${waits}, ${showMoney(cost)}, ${seconds(latency)}, score ${score.toFixed(3)}`;
}

function figures({ success, cost_micro_usd: cost, latency_ms: latency }: RouteDecision['predicted']): string {
  return `success ${percent(success)}, ${showMoney(cost)}, ${seconds(latency)}`;
}

function tellOutcome(
  { agent, verdict, reward, costMicroUsd, latencyMs, failure }: RoutedOutcome,
  fault: ClassedFault | null,
): string {
  const kind = fault === null ? '' : ` (${explainFault(fault)})`;
  const came =
    verdict === null ? 'stopped before a verdict' : verdict === 'FAULT' ? `fault ${failure ?? ''}${kind}` : verdict;
  const learned = reward === null ? 'nothing learned' : `reward ${reward.toFixed(2)}`;
  return `${agent} ${came}, ${learned}, ${showMoney(costMicroUsd)}, ${seconds(latencyMs)}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function seconds(ms: number): string {
  return ms < 90_000 ? `${(ms / 1000).toFixed(1)} s` : `${(ms / 60_000).toFixed(1)} min`;
}
