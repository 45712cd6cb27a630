import type { GateJudgement } from '../../core/caws/gate/gate-judgement.js';
import { judgeCoverage } from '../../core/caws/gate/judge-coverage.js';
import { changedLinesOf, type CoverageShelf, type Deliberation, type NamedGate } from './deliberation.js';
import { errorJudgement } from './gate-outcome.js';
import { readReport } from './read-reports.js';
import type { GateProcess } from './run-gate.js';

/** Keeps the run's coverage report, or why there is none, until all gates have run. */
export function shelve(shelf: CoverageShelf, name: string, process: GateProcess): void {
  shelf.set(name, readReport(process, 'coverage'));
}

/** Judges a gate's shelved coverage beside that of all others: a file that one of them knows is judged there. */
export function judgeShelved(deliberation: Deliberation, named: NamedGate, shelf: CoverageShelf): GateJudgement {
  const own = shelf.get(named.name);
  if (own === undefined || own.report === null) {
    return errorJudgement(named.name, own?.problem ?? 'no coverage report was read');
  }
  const others = [...shelf].flatMap(([name, { report }]) => (name === named.name || report === null ? [] : [report]));
  return judgeCoverage({
    report: own.report,
    others,
    changed: changedLinesOf(deliberation),
    tier: deliberation.spec.riskTier,
    policy: deliberation.policy,
  });
}
