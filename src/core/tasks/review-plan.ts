import { type Estimate, outlookFromEstimates } from '../routing/cascade/difficulty.js';
import { type CascadeReview, reviewCascade } from '../routing/cascade/review-cascade.js';
import type { RouteDecision } from '../routing/decision.js';
import { planCorrelation, planningOfDecision } from './plan-route.js';
import { remainingBounds } from './spend.js';
import type { Task } from './task.js';

/** What is known now and was not when a cascade was planned. */
export interface KnownNow {
  /** Agents of the plan whose candidates were judged and did not pass. */
  readonly refused: readonly string[];
  /** What is believed of the agents of the plan by now. */
  readonly believed: readonly Estimate[];
}

/**
 * Looks at what is left of a task's cascade again, by what is known now and the money left. Null where there is nothing to
 * look at: another plan, no step left, or a planner that is not known here.
 * @throws CASCADE_INPUT_INVALID
 */
export function reviewPlan(task: Task, decision: RouteDecision, { refused, believed }: KnownNow): CascadeReview | null {
  const planning = planningOfDecision(decision);
  const steps = task.ladder.slice(task.rung);
  if (decision.plan.kind !== 'cascade' || planning === null || steps.length === 0) return null;
  const { false_accept, false_reject, cost_weight, latency_weight, harm } = planning;
  return reviewCascade(outlookFromEstimates(believed, planCorrelation), {
    steps,
    refused,
    verifier: { false_accept, false_reject },
    trade: { cost_weight, latency_weight },
    harm,
    left: remainingBounds(task.request.bounds, task.spend).micro_usd,
  });
}
