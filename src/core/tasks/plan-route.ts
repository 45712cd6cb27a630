import { z } from 'zod';
import { type Wanted, choosePlan } from '../routing/cascade/choose-plan.js';
import { type Estimate, outlookFromEstimates } from '../routing/cascade/difficulty.js';
import { type Foreseen, foreseePlan } from '../routing/cascade/foresee.js';
import type { Planner } from '../routing/decide-route.js';
import type { Outlook } from '../routing/cascade/outlook.js';
import type { Verifier } from '../routing/cascade/verifier.js';
import type { EligibleArm, RouteDecision } from '../routing/decision.js';

const share = z.number().min(0).max(1);

const level = z.number().nonnegative();

/** What a plan is made by, beside the arms. Recorded with its decision, so that both are made again from the record. */
const planningSchema = z.strictObject({
  kinds: z.array(z.enum(['single', 'cascade', 'race', 'hybrid', 'parallel'])).min(1),
  steps: z.number().int().min(1).max(8),
  /** Candidates that a person asked for side by side; 1: none. */
  candidates: z.number().int().min(1).max(8),
  false_accept: share,
  false_reject: share,
  cost_weight: level,
  latency_weight: level,
  /** Loss from landing something bad, in units of one success. */
  harm: level,
  budget_micro_usd: z.number().int().nonnegative().nullable(),
});
export type Planning = z.infer<typeof planningSchema>;

/** How far agents fail at the same tasks: `measureCorrelation` of 41 agents of the OpenHands Index, on the 1,089 tasks that each of them tried. */
export const planCorrelation = 0.73;
/** Standard deviation of the logarithm of a run's time, where only its mean is known. */
const latencySpread = 0.6;

/** Raised when the same arms and planning could give another plan. */
const plannerId = 'arbiter-plans 1';

/**
 * The plan that begins with the agent that was drawn: several side by side where a person asked for candidates, else the
 * best of the kinds that are allowed. @throws CASCADE_INPUT_INVALID where no plan of these kinds can be made
 */
export function createPlanner(planning: Planning): Planner {
  return {
    id: plannerId,
    options: { ...planning },
    plan(chosen, eligible) {
      const outlook = outlookFromEstimates(estimatesOf(eligible), planCorrelation);
      const verifier = { false_accept: planning.false_accept, false_reject: planning.false_reject };
      if (planning.candidates > 1) return planCandidates(planning.candidates, chosen, eligible, outlook, verifier);
      const { plan, foreseen } = choosePlan(outlook, verifier, wantedOf(planning, chosen, eligible.length));
      const told = plan.kind === 'cascade' && plan.steps.length === 1 ? single(chosen) : plan;
      return { plan: told, predicted: predictedOf(foreseen) };
    },
  };
}

/** The planner of a recorded decision; null where it was not one of these. */
export function plannerOf({ planner: { id, options } }: Pick<RouteDecision, 'planner'>): Planner | null {
  const planning = planningOfDecision({ planner: { id, options } });
  return planning === null ? null : createPlanner(planning);
}

/** What the plan of a recorded decision was made by; null where its planner was not one of these. */
export function planningOfDecision({ planner: { id, options } }: Pick<RouteDecision, 'planner'>): Planning | null {
  const planning = planningSchema.safeParse(options);
  return id === plannerId && planning.success ? planning.data : null;
}

function wantedOf(planning: Planning, { arm }: EligibleArm, arms: number): Wanted {
  const { kinds, harm, budget_micro_usd: budget, steps: longest, cost_weight, latency_weight } = planning;
  const possible = arms > 1 ? kinds : (['single'] as const);
  return { kinds: possible, trade: { cost_weight, latency_weight }, harm, budget, first: arm.agent, longest };
}

function predictedOf({ landed, cost, latencyMs }: Foreseen): Planned['predicted'] {
  const success = Math.min(1, Math.max(0, landed));
  return { success, cost_micro_usd: Math.round(cost), latency_ms: Math.round(latencyMs) };
}

type Planned = ReturnType<Planner['plan']>;

function single({ arm }: EligibleArm): { readonly kind: 'single'; readonly agent: string } {
  return { kind: 'single', agent: arm.agent };
}

/** What is believed of arms, as an outlook is made from it. */
export function estimatesOf(arms: readonly EligibleArm[]): readonly Estimate[] {
  return arms.map(estimateOf);
}

function estimateOf({ arm, success, cost_micro_usd: cost, latency_ms: latencyMs }: EligibleArm) {
  return { agent: arm.agent, success, cost, latencyMs, latencySpread };
}

/** The chosen agent and the best of the others, round and round where there are fewer agents than candidates. */
function planCandidates(
  count: number,
  chosen: EligibleArm,
  eligible: readonly EligibleArm[],
  outlook: Outlook,
  verifier: Verifier,
): Planned {
  const others = eligible.filter((arm) => arm !== chosen).toSorted((a, b) => b.score - a.score);
  const order = [chosen, ...others];
  const agents = Array.from({ length: count }, (_, index) => (order[index % order.length] ?? chosen).arm.agent);
  // An agent that is asked twice is foreseen once: how often it fails at what it failed at before is not known.
  const foreseen = foreseePlan({ kind: 'parallel', agents: [...new Set(agents)] }, outlook, verifier);
  return { plan: { kind: 'parallel', agents }, predicted: predictedOf(foreseen) };
}
