import { armKey } from './arm.js';
import { type Planner, conclude, planSingle } from './decide-route.js';
import type { RouteDecision } from './decision.js';
import type { OffPolicySample } from './off-policy.js';
import { createPolicy } from './policies/create-policy.js';
import type { Candidate, Policy, PolicyState, WeighRequest, Weighed } from './policy.js';
import { refuseInput } from './routing-fault.js';
import { type Believed, spreadLoad } from './spread-load.js';

/** What the policy was told and remembered when it decided, read back from the record. */
export function recallRequest({ eligible, features, policy }: RouteDecision): {
  readonly state: PolicyState;
  readonly request: WeighRequest;
} {
  const keyed = eligible.map((one) => [armKey(one.arm), one] as const);
  const arms = keyed.map(([key, one]): Candidate => ({
    key,
    ...one.prior,
    cost: one.cost_micro_usd,
    latency: one.latency_ms,
  }));
  const state = {
    arms: Object.fromEntries(keyed.flatMap(([key, one]) => (one.state === null ? [] : [[key, one.state]]))),
    pending: Object.fromEntries(keyed.flatMap(([key, one]) => (one.pending === 0 ? [] : [[key, one.pending]]))),
  };
  return { state, request: { arms, features, seed: policy.seed } };
}

/**
 * Decides again from the record alone: same arms, same memory, same draw. By the same version of the policies the result
 * is the record to the byte (`renderDecision`). @throws ROUTING_INPUT_INVALID
 */
export function replayDecision(record: RouteDecision, planner: Planner = planSingle): RouteDecision {
  const policy = createPolicy(record.policy.options);
  const { state, request } = recallRequest(record);
  const { propensities: weighed, scores } = policy.weigh(state, request);
  const believed = record.eligible.map((one, at) => {
    const arm = request.arms[at];
    if (arm === undefined) throw new RangeError('the request has an arm for each that was eligible');
    return { ...one, score: scores[at] ?? 0, ...policy.believe(state, arm) };
  });
  const spread = record.spread === null ? null : { ...record.spread, weighed };
  const propensities = underLoad(weighed, believed, record);
  const eligible = believed.map((one, at) => ({ ...one, propensity: propensities[at] ?? 0 }));
  const named = { ...record.policy, id: policy.options.name, version: policy.version };
  return conclude({ ...record, policy: named, eligible, spread }, planner);
}

/** What a policy's chances come to under the load of a recorded decision, equals told by what was believed then. */
function underLoad(
  weighed: readonly number[],
  believed: readonly Believed[],
  { spread, policy }: RouteDecision,
): readonly number[] {
  return spread === null ? weighed : spreadLoad(weighed, believed, spread, policy.options.trade);
}

/** Names of the fields in which two decisions differ, sorted; empty: they are the same to the byte. */
export function differingFields(one: RouteDecision, other: RouteDecision): string[] {
  const left = new Map(Object.entries(one));
  const right = new Map(Object.entries(other));
  return [...new Set([...left.keys(), ...right.keys()])]
    .filter((name) => renderValue(left.get(name)) !== renderValue(right.get(name)))
    .sort();
}

/** A decision as text: keys sorted, numbers in their shortest exact form. The same decision gives the same bytes. */
export function renderDecision(decision: RouteDecision): string {
  return renderValue(decision);
}

function renderValue(value: unknown): string {
  return (
    JSON.stringify(value, (_, inner: unknown) =>
      inner !== null && typeof inner === 'object' && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    ) ?? 'undefined'
  );
}

/**
 * How another policy would have weighed a recorded decision, from what the log's policy remembered then, and under the
 * load of that moment: load is no policy's own, so that it moves the chances of each in the same way.
 */
export function weighRecorded(record: RouteDecision, policy: Policy): Weighed {
  const { state, request } = recallRequest(record);
  const { propensities, scores } = policy.weigh(state, request);
  return { propensities: underLoad(propensities, record.eligible, record), scores };
}

/**
 * A recorded decision and its reward as off-policy evaluation takes it: the other policy's probability of what was chosen,
 * and the recorded beliefs as the model. @throws ROUTING_INPUT_INVALID
 */
export function sampleOf(record: RouteDecision, reward: number, policy: Policy): OffPolicySample {
  const { propensities } = weighRecorded(record, policy);
  const at = record.eligible.findIndex((one) => one.arm.agent === record.chosen);
  const chosen = record.eligible[at];
  if (chosen === undefined)
    throw refuseInput(`${record.chosen} was not eligible`, 'the record was changed: leave it out');
  const total = (of: (at: number) => number): number => propensities.reduce((sum, _, index) => sum + of(index), 0);
  return {
    propensity: chosen.propensity,
    target: propensities[at] ?? 0,
    reward,
    predicted: chosen.success,
    expected: total((index) => (propensities[index] ?? 0) * (record.eligible[index]?.success ?? 0)),
    uncovered: total((index) => (record.eligible[index]?.propensity === 0 ? (propensities[index] ?? 0) : 0)),
  };
}
