import type { GateJudgement } from '../../core/caws/gate/gate-judgement.js';
import { judgeCoverage } from '../../core/caws/gate/judge-coverage.js';
import { changedLinesOf, type CoverageShelf, type Deliberation, type NamedGate } from './deliberation.js';
import { errorJudgement } from './gate-outcome.js';
import { readReport } from './read-reports.js';
import type { GateProcess } from './run-gate.js';

/** Keeps the run's coverage report, or why there is none, until all gates have run. */
export function shelve(shelf: CoverageShelf, deliberation: Deliberation, named: NamedGate, process: GateProcess): void {
  const read = readReport(process, 'coverage');
  if (read.report === null) shelf.set(named.name, read);
  else shelf.set(named.name, { report: { files: relocate(deliberation, named, read.report.files) }, problem: null });
}

/** Tools write paths as seen from the folder they run in; where that leads to a file of the change's tree, it is meant. */
export function relocate<Item extends { readonly path: string }>(
  { candidatePaths }: Deliberation,
  { gate }: NamedGate,
  items: readonly Item[],
): readonly Item[] {
  if (gate.cwd === '.') return items;
  const known = new Set(candidatePaths);
  const seenFrom = (path: string): string => `${gate.cwd.replace(/\/+$/, '')}/${path}`;
  return items.map((item) => (known.has(seenFrom(item.path)) ? { ...item, path: seenFrom(item.path) } : item));
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
