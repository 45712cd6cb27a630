import type { Arm } from './arm.js';
import { armKey } from './arm.js';
import type { RouteDecision } from './decision.js';
import type { Estimate } from './estimate.js';
import { type Contender, type TaskNeed, standingMasks } from './judge-arm.js';
import type { Candidate, PolicyState } from './policy.js';
import { believe } from './policies/memory.js';
import type { Trade } from './policy-options.js';
import { refuseInput } from './routing-fault.js';

type Masked = RouteDecision['masked'][number];

/** An arm that no standing mask keeps out, with what is expected of it. */
export interface Standing {
  readonly contender: Contender;
  readonly candidate: Candidate;
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
  const estimates = contenders.map(({ arm }) => estimateOf(arm));
  const costs = contenders.map(({ costMicroUsd }, at) => costMicroUsd ?? estimates[at]?.costMicroUsd ?? null);
  // nobody knows what it costs: then no less than the dearest, so that an unknown price never looks like a low one
  const dearest = costs.reduce<number>((most, cost) => Math.max(most, cost ?? 0), 0);
  const standing: { readonly one: Standing; readonly hope: number }[] = [];
  const masked: Masked[] = [];
  for (const [at, contender] of contenders.entries()) {
    const masks = standingMasks(contender, task);
    if (masks.length > 0) {
      masked.push({ agent: contender.arm.agent, masks });
      continue;
    }
    const candidate = candidateOf(contender.arm, estimates[at] ?? estimateOf(contender.arm), costs[at] ?? dearest);
    standing.push({ one: { contender, candidate }, hope: hopeOf(candidate, state, trade) });
  }
  if (new Set(contenders.map(({ arm }) => arm.agent)).size < contenders.length) {
    throw refuseInput('two versions of one agent stand for choice', 'let the rollout choose between them first');
  }
  return { ranked: standing.toSorted((a, b) => b.hope - a.hope).map(({ one }) => one), masked };
}

function candidateOf(arm: Arm, { prior, latencyMs }: Estimate, cost: number): Candidate {
  return { key: armKey(arm), ...prior, cost: Math.round(cost), latency: Math.round(latencyMs) };
}

function hopeOf(candidate: Candidate, state: PolicyState, trade: Trade): number {
  const { success, evidence } = believe(state.arms[candidate.key], candidate);
  const toll = (trade.cost_weight * candidate.cost) / 1e6 + (trade.latency_weight * candidate.latency) / 60_000;
  return success + 0.5 / Math.sqrt(evidence + 1) - toll;
}
