import type { ArmState, Candidate, PolicyState, WeighRequest } from '../policy.js';
import type { Trade } from '../policy-options.js';
import { believe } from './memory.js';

/** An arm made ready for a policy: belief and memory together, and what its cost and latency take off. */
export interface Row {
  readonly key: string;
  readonly memory: ArmState | undefined;
  /** Belief beforehand, without memory. */
  readonly before: Candidate;
  readonly success: number;
  readonly evidence: number;
  readonly pending: number;
  /** λ·dollars + μ·minutes, in units of one success. */
  readonly toll: number;
}

/** The rows of a request, in its order. */
export function rowsOf(state: PolicyState, { arms }: WeighRequest, trade: Trade): Row[] {
  return arms.map((arm) => {
    const memory = state.arms[arm.key];
    const { success, evidence } = believe(memory, arm);
    const pending = state.pending[arm.key] ?? 0;
    const toll = (trade.cost_weight * arm.cost) / 1e6 + (trade.latency_weight * arm.latency) / 60_000;
    return { key: arm.key, memory, before: arm, success, evidence, pending, toll };
  });
}

// As good as the best arms that we know of, so that one which was never tried is looked at beside them.
const hope = 0.9;

/** The rows as an optimist sees them: each with this many more outcomes of reward 0.9. */
export function hopeful(rows: readonly Row[], optimism: number): readonly Row[] {
  if (optimism === 0) return rows;
  return rows.map((row) => {
    const evidence = row.evidence + optimism;
    return { ...row, evidence, success: (row.success * row.evidence + hope * optimism) / evidence };
  });
}

/** How often the arms were tried in all: outcomes, evidence beforehand, and choices still pending. */
export function trialsOf(rows: readonly Row[]): number {
  return rows.reduce((sum, row) => sum + row.evidence + row.pending, 0);
}
