import type { Arm } from './arm.js';
import { armKey } from './arm.js';
import type { RouteDecision } from './decision.js';
import type { Estimate } from './estimate.js';
import { type Contender, type TaskNeed, breakerMask, standingMasks } from './judge-arm.js';
import type { Mask } from './mask.js';
import type { Candidate, PolicyState } from './policy.js';
import { believe } from './policies/memory.js';
import type { Trade } from './policy-options.js';
import { refuseInput } from './routing-fault.js';

type Masked = RouteDecision['masked'][number];

/** An arm that no standing mask keeps out, with what is expected of it. */
export interface Standing {
  readonly contender: Contender;
  readonly candidate: Candidate;
  /** What is said of it for as long as its breaker is open. */
  readonly breaker: Mask | null;
}

/**
 * All arms for one kind of task, masked and ranked once: what many decisions have in common while a registry snapshot
 * lasts, so that a decision over a thousand arms looks at few of them.
 */
export interface Field {
  /** The most promising first. */
  readonly ranked: readonly Standing[];
  readonly masked: readonly Masked[];
}

/**
 * Lays the field: standing masks, then arms by the most that may be hoped of them (belief, plus half a deviation per root
 * of evidence, less cost and time), equals in the order given. Of one agent at most one version may be among them.
 * @throws ROUTING_INPUT_INVALID
 */
export function layField(
  contenders: readonly Contender[],
  estimateOf: (arm: Arm) => Estimate,
  state: PolicyState,
  task: TaskNeed,
  trade: Trade,
): Field {
  checkVersions(contenders);
  let dearest: number | null = null;
  const standing: Standing[] = [];
  const hopes: number[] = [];
  const masked: Masked[] = [];
  for (const contender of contenders) {
    const masks = standingMasks(contender, task);
    if (masks.length > 0) {
      masked.push({ agent: contender.arm.agent, masks });
      continue;
    }
    const estimate = estimateOf(contender.arm);
    const cost = costOf(contender, estimate) ?? (dearest ??= dearestOf(contenders, estimateOf));
    const candidate = candidateOf(contender.arm, estimate, cost);
    standing.push({ contender, candidate, breaker: breakerMask(contender) });
    hopes.push(hopeOf(candidate, state, trade));
  }
  return { ranked: rank(standing, hopes), masked };
}

function checkVersions(contenders: readonly Contender[]): void {
  const agents = new Set<string>();
  for (const { arm } of contenders) agents.add(arm.agent);
  if (agents.size === contenders.length) return;
  throw refuseInput('two versions of one agent stand for choice', 'let the rollout choose between them first');
}

function costOf({ costMicroUsd }: Contender, estimate: Estimate): number | null {
  return costMicroUsd ?? estimate.costMicroUsd;
}

/** Where nobody knows what an arm costs: no less than the dearest, so that an unknown price never looks like a low one. */
function dearestOf(contenders: readonly Contender[], estimateOf: (arm: Arm) => Estimate): number {
  let most = 0;
  for (const contender of contenders) most = Math.max(most, costOf(contender, estimateOf(contender.arm)) ?? 0);
  return most;
}

function candidateOf(arm: Arm, { prior, latencyMs }: Estimate, cost: number): Candidate {
  const { success, evidence } = prior;
  return { key: armKey(arm), success, evidence, cost: Math.round(cost), latency: Math.round(latencyMs) };
}

/** Of the greatest hope first, equals in the order given. Numbers are sorted and not objects: a tenth of the time. */
function rank(standing: readonly Standing[], hopes: readonly number[]): readonly Standing[] {
  const order = Uint32Array.from(standing, (_, at) => at);
  const hopeAt = Float64Array.from(hopes);
  order.sort((a, b) => (hopeAt[b] as number) - (hopeAt[a] as number) || a - b);
  return Array.from(order, (at) => standing[at] as Standing);
}

function hopeOf(candidate: Candidate, state: PolicyState, trade: Trade): number {
  const { success, evidence } = believe(state.arms[candidate.key], candidate);
  const toll = (trade.cost_weight * candidate.cost) / 1e6 + (trade.latency_weight * candidate.latency) / 60_000;
  return success + 0.5 / Math.sqrt(evidence + 1) - toll;
}
