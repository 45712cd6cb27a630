import { armKey } from '../../core/routing/arm.js';
import type { RouteDecision } from '../../core/routing/decision.js';
import { createPolicy } from '../../core/routing/policies/create-policy.js';
import type { PolicyState } from '../../core/routing/policy.js';
import type { RoutedOutcome, Told } from '../../ports/route-store.js';

/** Key of the arm that the draw fell on: the one that is counted as pending. */
export function chosenKey({ eligible, chosen }: RouteDecision): string {
  const found = eligible.find(({ arm }) => arm.agent === chosen);
  return armKey(found?.arm ?? { agent: chosen, version: '' });
}

/**
 * The memory after an outcome of a decision, as the decision's own policy learns it: the first word is learned, a later
 * one revises it, and one without a reward only ends the waiting. Agents that a plan asked without their having been
 * drawn are learned of too, and were never pending.
 * @throws ROUTING_INPUT_INVALID
 */
export function teach(
  memory: PolicyState,
  {
    decision,
    outcome,
    before,
  }: { decision: RouteDecision; outcome: RoutedOutcome; before: Told['before'] | Pick<RoutedOutcome, 'reward'> },
): PolicyState {
  const policy = createPolicy(decision.policy.options);
  const { arm: key, reward } = outcome;
  if (before !== null && before.reward !== null) {
    const { features } = decision;
    return reward === null ? memory : policy.revise(memory, { key, features, reward, was: before.reward });
  }
  const waits = before === null && key === chosenKey(decision);
  const open = waits ? memory : policy.pend(memory, key);
  return reward === null ? policy.release(open, key) : policy.learn(open, { key, features: decision.features, reward });
}

/** The memory of one arm made again from all that it was told, with so many choices of it still open. */
export function relearn(told: readonly Told[], pending: number, arm: string): PolicyState {
  let memory: PolicyState = { arms: {}, pending: {} };
  for (const one of told) memory = teach(memory, one);
  return { arms: memory.arms, pending: pending === 0 ? {} : { [arm]: pending } };
}
