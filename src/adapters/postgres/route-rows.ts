import { routeDecisionSchema } from '../../core/routing/decision.js';
import { type ArmState, type PolicyState, armStateSchema } from '../../core/routing/policy.js';
import type { RecordedDecision, RoutedOutcome } from '../../ports/route-store.js';

/** A row of `arbiter.route_memory`; the state is JSON text, null before anything was learned. */
export interface MemoryRow {
  readonly arm: string;
  readonly state: string | null;
  readonly pending: number;
}

/** The memory of one arm; null where the row holds what is none. */
export function readMemory(rows: readonly MemoryRow[]): PolicyState | null {
  const arms: Record<string, ArmState> = {};
  const pending: Record<string, number> = {};
  for (const row of rows) {
    if (row.pending > 0) pending[row.arm] = row.pending;
    if (row.state === null) continue;
    const state = armStateSchema.safeParse(parseText(row.state));
    if (!state.success) return null;
    arms[row.arm] = state.data;
  }
  return { arms, pending };
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export interface DecisionRow {
  readonly decision: string;
  readonly repository: string;
}

/** Columns of `arbiter.route_outcomes` that an outcome is made of. */
export const outcomeColumns =
  'decision_id, arm, revision, agent, verdict, reward, cost_micro_usd, latency_ms, failure, at_ms, mends';

export interface OutcomeRow {
  readonly decision_id: string;
  readonly arm: string;
  readonly revision: number;
  readonly agent: string;
  readonly verdict: RoutedOutcome['verdict'];
  readonly reward: number | null;
  readonly cost_micro_usd: number;
  readonly latency_ms: number;
  readonly failure: string | null;
  readonly at_ms: number;
  readonly mends: number;
}

export function toOutcome(row: OutcomeRow): RoutedOutcome {
  return {
    decisionId: row.decision_id,
    arm: row.arm,
    agent: row.agent,
    verdict: row.verdict,
    reward: row.reward,
    costMicroUsd: row.cost_micro_usd,
    latencyMs: row.latency_ms,
    failure: row.failure,
    atMs: row.at_ms,
    revision: row.revision,
    mends: row.mends,
  };
}

/** Decisions with the outcomes that count, in the order of the decisions. */
export function joinOutcomes(
  rows: readonly DecisionRow[],
  outcomes: readonly OutcomeRow[],
): readonly RecordedDecision[] {
  return rows.map((row) => {
    const decision = routeDecisionSchema.parse(JSON.parse(row.decision));
    const own = outcomes.filter((outcome) => outcome.decision_id === decision.id);
    return { decision, repository: row.repository, outcomes: own.map(toOutcome) };
  });
}
