import { findAgent } from '../../core/registry/snapshot.js';
import type { Observation } from '../../core/registry/history.js';
import { agentOfStand } from '../../core/registry/stand.js';
import type { RouteDecision } from '../../core/routing/decision.js';
import type { RouteStore, RoutedOutcome } from '../../ports/route-store.js';
import type { Registry } from '../registry/open-registry.js';
import { relearn, teach } from './teach.js';

/** Who learns of an outcome: the agent's history in the registry, and the memory of the router. */
export interface Learners {
  readonly routes: Pick<RouteStore, 'settle' | 'mend'>;
  readonly registry: Pick<Registry, 'recordOutcome' | 'takeOutcome' | 'snapshot'>;
}

/**
 * Has both learn an outcome. `isHistory`: it is about the past, so that it says nothing of whether the agent and its
 * endpoint answer now.
 */
export async function settleOutcome(
  { routes, registry }: Learners,
  decision: RouteDecision,
  outcome: RoutedOutcome,
  isHistory: boolean,
): Promise<void> {
  // The registry first: it takes an outcome once, so that one whose lesson was lost in a crash is told again.
  const observation = observationOf(decision, outcome);
  const { agent, verdict } = outcome;
  if (observation !== null) await observe(registry, { observation, agent }, isHistory || verdict === 'FAULT');
  const { scope } = decision;
  const tell = () => routes.settle(outcome, scope, (memory, before) => teach(memory, { decision, outcome, before }));
  if ((await tell()) !== 'unreadable') return;
  await routes.mend(scope, outcome.arm, relearn);
  await tell();
}

/** The key that the registry knows an outcome by. */
export function observationId({ decisionId, agent }: Pick<RoutedOutcome, 'decisionId' | 'agent'>): string {
  return `${decisionId}/${agent}`;
}

/** What the registry is told of an outcome; null where nothing is learned from it. */
function observationOf({ surface, complexity, eligible }: RouteDecision, outcome: RoutedOutcome): Observation | null {
  const { agent, verdict, reward, costMicroUsd, latencyMs, atMs, revision } = outcome;
  const version = eligible.find(({ arm }) => arm.agent === agent)?.arm.version;
  if (reward === null || version === undefined) return null;
  return {
    decision_id: observationId(outcome),
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
}

/** `agent`: the name that it works under, which may be that of a version beside the one in use. */
async function observe(
  registry: Learners['registry'],
  { observation, agent }: { readonly observation: Observation; readonly agent: string },
  isHistory: boolean,
): Promise<void> {
  // A fault is no answer of the endpoint: what it tripped stays open.
  if (isHistory) return void (await registry.takeOutcome(observation));
  const endpoint = findAgent(registry.snapshot(), agent)?.profile.endpoint ?? null;
  await registry.recordOutcome(observation, endpoint?.base_url ?? null);
}
