import { digestText } from '../digest.js';
import type { OffPolicySample } from '../routing/off-policy.js';
import type { Candidate, Policy, PolicyState } from '../routing/policy.js';
import { type ForeignDecision, type ForeignLine, faultOfDecision } from './foreign-log.js';

/** What the policy made of one decision of the log. */
export interface ShadowDecision {
  readonly decision: ForeignDecision;
  /** Whom the policy favours; of equals the first. */
  readonly favoured: string;
  /** Probability with which the policy would have chosen what the log’s did. */
  readonly target: number;
  readonly reward: number | null;
  /** Null without an outcome or without propensities. */
  readonly sample: OffPolicySample | null;
}

interface Open {
  readonly decision: ForeignDecision;
  readonly favoured: string;
  readonly propensities: readonly number[];
  readonly beliefs: readonly number[];
  reward: number | null;
}

/** A line that cannot be taken, for what stands or does not stand above it. Lines count from 1. */
export interface Misfit {
  readonly line: number;
  readonly reason: string;
}

/**
 * Lets a policy decide beside a log, in the log's order, from nothing: for each decision it says whom it would ask, from
 * what it has learned of the outcomes above. It learns what the log's choices came to, a memory for each surface.
 */
export function replayForeign(
  policy: Policy,
  lines: readonly { readonly line: number; readonly value: ForeignLine }[],
): { readonly decisions: readonly ShadowDecision[]; readonly misfits: readonly Misfit[] } {
  const open = new Map<string, Open>();
  const memories = new Map<string, PolicyState>();
  const misfits: Misfit[] = [];
  for (const { line, value } of lines) {
    const reason =
      value.type === 'decision' ? decide(policy, memories, open, value) : settle(policy, memories, open, value);
    if (reason !== null) misfits.push({ line, reason });
  }
  return { decisions: [...open.values()].map(toShadow), misfits };
}

function decide(
  policy: Policy,
  memories: Map<string, PolicyState>,
  open: Map<string, Open>,
  decision: ForeignDecision,
): string | null {
  if (open.has(decision.id)) return `id: a line above is decision ${JSON.stringify(decision.id)} already`;
  const fault = faultOfDecision(decision);
  if (fault !== null) return fault;
  const state = memories.get(decision.surface) ?? policy.start();
  const arms = decision.candidates.map(toArm);
  const seed = Number.parseInt(digestText(`shadow/${decision.id}`).slice(0, 8), 16);
  const { propensities } = policy.weigh(state, { arms, features: decision.features, seed });
  const beliefs = arms.map((arm) => policy.believe(state, arm).success);
  const favoured = arms[propensities.indexOf(Math.max(...propensities))]?.key ?? '';
  open.set(decision.id, { decision, favoured, propensities, beliefs, reward: null });
  memories.set(decision.surface, policy.pend(state, decision.chosen));
  return null;
}

function settle(
  policy: Policy,
  memories: Map<string, PolicyState>,
  open: Map<string, Open>,
  { decision: id, reward }: Extract<ForeignLine, { type: 'outcome' }>,
): string | null {
  const found = open.get(id);
  if (found === undefined) return `decision: no line above tells of ${JSON.stringify(id)}`;
  if (found.reward !== null) return `decision: a line above tells what ${JSON.stringify(id)} came to`;
  found.reward = reward;
  const { surface, chosen, features } = found.decision;
  memories.set(surface, policy.learn(memories.get(surface) ?? policy.start(), { key: chosen, features, reward }));
  return null;
}

/** Nothing is believed of an agent beforehand but an even chance. */
function toArm({ agent, cost_micro_usd, latency_ms }: ForeignDecision['candidates'][number]): Candidate {
  return { key: agent, success: 0.5, evidence: 0, cost: cost_micro_usd, latency: latency_ms };
}

function toShadow({ decision, favoured, propensities, beliefs, reward }: Open): ShadowDecision {
  const { candidates, chosen } = decision;
  const at = candidates.findIndex(({ agent }) => agent === chosen);
  const target = propensities[at] ?? 0;
  const propensity = candidates[at]?.propensity;
  const summed = (value: (index: number) => number): number =>
    propensities.reduce((sum, share, index) => sum + share * value(index), 0);
  const isSample = reward !== null && propensity !== undefined;
  const sample: OffPolicySample | null = isSample
    ? {
        propensity,
        target,
        reward,
        predicted: beliefs[at] ?? 0,
        expected: summed((index) => beliefs[index] ?? 0),
        uncovered: summed((index) => (candidates[index]?.propensity === 0 ? 1 : 0)),
      }
    : null;
  return { decision, favoured, target, reward, sample };
}
