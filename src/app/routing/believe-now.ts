import { armKey } from '../../core/routing/arm.js';
import type { Estimate } from '../../core/routing/cascade/difficulty.js';
import type { RouteDecision } from '../../core/routing/decision.js';
import { createPolicy } from '../../core/routing/policies/create-policy.js';
import { estimatesOf } from '../../core/tasks/plan-route.js';
import { agentsOf } from '../../core/routing/plan.js';
import { type ContenderWorld, listContenders } from './list-contenders.js';

/**
 * What is believed of the agents of a decision's plan by now: as at the decision, with all outcomes that came since. Of one
 * that is no longer there, or is at another version, what the decision recorded.
 */
export async function believeNow(
  world: ContenderWorld,
  { decision, repository }: { readonly decision: RouteDecision; readonly repository: string },
  nowMs: number,
): Promise<readonly Estimate[]> {
  const { surface, complexity, scope, eligible, plan, policy } = decision;
  const kind = { surface, complexity, repository };
  const { contenders, estimateOf } = await listContenders(world, { kind, nowMs, taskId: decision.task_id });
  const planned = eligible.filter(({ arm }) => agentsOf(plan).includes(arm.agent));
  const { memory } = await world.routes.recall(
    scope,
    planned.map(({ arm }) => armKey(arm)),
  );
  const { believe } = createPolicy(policy.options);
  return planned.flatMap((recorded) => {
    const found = contenders.find(({ arm }) => armKey(arm) === armKey(recorded.arm));
    const [before] = estimatesOf([recorded]);
    if (before === undefined) return [];
    if (found === undefined) return [before];
    const cost = found.costMicroUsd ?? recorded.cost_micro_usd;
    const { prior, latencyMs } = estimateOf(found.arm);
    const key = armKey(found.arm);
    const { success } = believe(memory, { key, ...prior, cost, latency: latencyMs });
    return [{ ...before, success, cost, latencyMs }];
  });
}
