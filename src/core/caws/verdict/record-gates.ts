import { formatInstant } from '../../time.js';
import type { GateOutcome } from '../gate/gate-outcome.js';
import type { Verdict } from './verdict.js';

const maxReasonLength = 2000;

/** Gate outcomes as the verdict names their fields, sorted by name; their findings are recorded with the others. */
export function recordGates(gates: readonly GateOutcome[]): Verdict['gates'] {
  return gates
    .map((gate) => ({ gate, key: JSON.stringify([gate.name, gate]) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ gate }) => ({
      name: gate.name,
      kind: gate.kind,
      mandatory: gate.mandatory,
      outcome: gate.outcome,
      reason: gate.reason === null ? null : gate.reason.slice(0, maxReasonLength),
      argv_sha256: gate.argvSha256,
      toolchain_sha256: gate.toolchainSha256,
      sandbox: gate.sandbox,
      started: instantOf(gate.startedMs),
      ended: instantOf(gate.endedMs),
      exit: gate.exit,
      executed_count: gate.executedCount,
      report_sha256: gate.reportSha256,
      tripwire: gate.tripwire,
      baseline: gate.baseline,
      metrics: gate.metrics,
    }));
}

function instantOf(ms: number | null): string | null {
  return ms === null ? null : formatInstant(ms);
}
