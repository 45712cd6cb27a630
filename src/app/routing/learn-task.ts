import { rewardOf } from '../../core/learning/reward.js';
import { armKey } from '../../core/routing/arm.js';
import type { RouteDecision } from '../../core/routing/decision.js';
import { type Stint, stintsOf } from '../../core/tasks/stints.js';
import { type Task, isEnded } from '../../core/tasks/task.js';
import type { RouteStore, RoutedOutcome } from '../../ports/route-store.js';
import type { RolloutStore } from '../../ports/rollout-store.js';
import type { TaskStore } from '../../ports/task-store.js';
import { tellRollouts } from '../rollout/in-the-loop.js';
import { findAgent } from '../../core/registry/snapshot.js';
import { agentOfStand } from '../../core/registry/stand.js';
import type { Registry } from '../registry/open-registry.js';
import { chosenKey, relearn, teach } from './teach.js';

export interface LearningWorld {
  readonly tasks: Pick<TaskStore, 'readEvents'>;
  readonly routes: RouteStore;
  readonly rollouts: RolloutStore;
  /** Told of the same outcomes: agents’ histories, health and breakers follow from them. */
  readonly registry: Pick<Registry, 'recordOutcome' | 'snapshot'>;
}

/**
 * Learns what the router's decisions of a task came to, from its story: the verdict is the reward, whatever the worker
 * said. May be done again at any time and by several: what was learned is known, a verdict that took the place of
 * another revises it, and a task that has ended without one lets go of what it kept pending. Rollouts are told once nothing
 * can revise it any more.
 */
export async function learnTask({ tasks, routes, rollouts, registry }: LearningWorld, task: Task): Promise<void> {
  const decisions = await routes.ofTask(task.id);
  if (decisions.length === 0) return;
  const stints = stintsOf((await tasks.readEvents(task.id)).map(({ event }) => event));
  for (const [index, { decision, outcomes }] of decisions.entries()) {
    const isOver = isEnded(task.state) || index < decisions.length - 1;
    for (const outcome of outcomesOf(decision, stints, task)) {
      // First, so that a crash in between leaves the outcome unsettled, and both are done again.
      if (isOver && outcome.arm === chosenKey(decision)) await tellRollouts(rollouts, decision, outcome);
      const known = outcomes.find(({ arm }) => arm === outcome.arm);
      if (known !== undefined && known.revision >= outcome.revision) continue;
      // The registry first: it takes an outcome once, so that one whose lesson was lost in a crash is told again.
      await observe(registry, decision, outcome);
      await settle(routes, decision, outcome);
    }
  }
}

async function observe(
  registry: LearningWorld['registry'],
  { surface, complexity, eligible }: RouteDecision,
  { decisionId, agent, verdict, reward, costMicroUsd, latencyMs, atMs, revision }: RoutedOutcome,
): Promise<void> {
  const version = eligible.find(({ arm }) => arm.agent === agent)?.arm.version;
  if (reward === null || version === undefined) return;
  const observation = {
    decision_id: `${decisionId}/${agent}`,
    revision,
    agent: agentOfStand(agent),
    version,
    surface,
    complexity,
    tags: [],
    passed: verdict === 'PASS',
    reward,
    cost_micro_usd: costMicroUsd,
    latency_ms: latencyMs,
    at_ms: atMs,
  };
  const endpoint = findAgent(registry.snapshot(), agent)?.profile.endpoint ?? null;
  // A fault is no answer of the endpoint: what it tripped stays open.
  if (verdict !== 'FAULT') await registry.recordOutcome(observation, endpoint?.base_url ?? null);
}

async function settle(routes: RouteStore, decision: RouteDecision, outcome: RoutedOutcome): Promise<void> {
  const { scope } = decision;
  const tell = () => routes.settle(outcome, scope, (memory, before) => teach(memory, { decision, outcome, before }));
  if ((await tell()) !== 'unreadable') return;
  await routes.mend(scope, outcome.arm, relearn);
  await tell();
}

/** Faults of this machine, of who took an agent away from its task, and an agent that was not asked: none is the worse for them. */
const ownFaults: ReadonlySet<string> = new Set([
  'AGENT_MISSING',
  'AGENT_RESTING',
  'CLONE_LOST',
  'SANDBOX_FAILED',
  'WORK_UNMEASURABLE',
]);

function outcomesOf(decision: RouteDecision, stints: readonly Stint[], task: Task): readonly RoutedOutcome[] {
  const own = stints.filter((stint) => stint.decision === decision.id);
  const told = own.flatMap((stint) => {
    const arm = keyOf(decision, stint.agent);
    return arm === null ? [] : [outcomeOf(decision, stint, arm)];
  });
  const chosen = chosenKey(decision);
  if (told.some(({ arm }) => arm === chosen) || !isEnded(task.state)) return told;
  return [...told, neverBegun(decision, chosen, task.updated_ms)];
}

function keyOf({ eligible }: RouteDecision, agent: string): string | null {
  const found = eligible.find(({ arm }) => arm.agent === agent);
  return found === undefined ? null : armKey(found.arm);
}

function outcomeOf({ id, surface }: RouteDecision, stint: Stint, arm: string): RoutedOutcome {
  const { agent, verdict, spend, latencyMs, failure, atMs, revision } = stint;
  const learns = verdict !== null && !(verdict === 'FAULT' && ownFaults.has(failure ?? ''));
  const reward = learns ? rewardOf(verdict, surface) : null;
  return {
    decisionId: id,
    arm,
    agent,
    verdict,
    reward,
    costMicroUsd: spend.micro_usd,
    latencyMs,
    failure,
    atMs,
    revision,
  };
}

function neverBegun({ id, chosen }: RouteDecision, arm: string, atMs: number): RoutedOutcome {
  const nothing = { verdict: null, reward: null, costMicroUsd: 0, latencyMs: 0, failure: null, revision: 0 };
  return { decisionId: id, arm, agent: chosen, atMs, ...nothing };
}
