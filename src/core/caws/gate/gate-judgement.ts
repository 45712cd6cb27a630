import type { Finding } from '../finding.js';
import type { GateOutcome } from './gate-outcome.js';

/**
 * What the judging side adds to a `GateOutcome`; the runner adds name, times, digests and exit. `error` says that the
 * gate could not be judged, `fail` that it was judged and did not hold. `reason` is null exactly when it passed.
 */
export type GateJudgement = Pick<GateOutcome, 'outcome' | 'reason' | 'executedCount' | 'tripwire' | 'baseline'> & {
  readonly metrics: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
};

/**
 * A judgement over findings: any `block` or `waivable` finding makes it `fail`, with the first one's message as the
 * reason; advisory findings alone leave it a `pass`.
 */
export function judgementOf(findings: readonly Finding[], parts: Partial<GateJudgement> = {}): GateJudgement {
  const grave = findings.find((finding) => finding.severity !== 'advisory');
  return {
    outcome: grave === undefined ? 'pass' : 'fail',
    reason: grave?.message ?? null,
    executedCount: null,
    tripwire: 'not-applicable',
    baseline: null,
    metrics: {},
    ...parts,
    findings,
  };
}
