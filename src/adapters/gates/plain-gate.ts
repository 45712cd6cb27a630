import type { GateJudgement } from '../../core/caws/gate/gate-judgement.js';
import type { GateOutcome } from '../../core/caws/gate/gate-outcome.js';
import { judgeExit } from '../../core/caws/gate/judge-exit.js';
import { judgeIssues } from '../../core/caws/gate/judge-issues.js';
import { judgeMutation } from '../../core/caws/gate/judge-mutation.js';
import type { IssueReport } from '../../core/caws/gate/report.js';
import { judgeShelved, relocate, shelve } from './coverage-shelf.js';
import { changedLinesOf, type CoverageShelf, type Deliberation, type NamedGate } from './deliberation.js';
import { errorJudgement, joinJudgements, outcomeOf } from './gate-outcome.js';
import { endedWords, promises, readReport } from './read-reports.js';
import { type GateProcess, runGate } from './run-gate.js';

/**
 * Runs a gate of any kind but tests. Where it did not pass, the same command runs on the base: that it "already failed"
 * is shown, never believed.
 */
export async function runPlainGate(
  deliberation: Deliberation,
  named: NamedGate,
  shelf: CoverageShelf,
): Promise<() => GateOutcome> {
  const { room } = deliberation;
  room.progress.note(`${named.name}: running ${named.gate.command.join(' ').slice(0, 100)}`);
  const process = await runGate(room, { gate: named.gate, side: 'candidate', overlay: new Map() });
  if (process.ended !== 'exited') {
    return () => outcomeOf(room, named, process, errorJudgement(named.name, endedWords(process)));
  }
  if (promises(named.gate.reports, 'coverage')) shelve(shelf, deliberation, named, process);
  const isRed = process.exit !== 0 || promises(named.gate.reports, 'issues');
  const base = isRed ? await runGate(room, { gate: named.gate, side: 'base', overlay: new Map() }) : null;
  return () => {
    const judgement = judge(deliberation, named, process, base, shelf);
    return outcomeOf(room, named, process, { ...judgement, baseline: baselineOf(base) });
  };
}

function baselineOf(base: GateProcess | null): GateJudgement['baseline'] {
  if (base === null) return null;
  if (base.ended !== 'exited') return 'error';
  return base.exit === 0 ? 'pass' : 'fail';
}

function judge(
  deliberation: Deliberation,
  named: NamedGate,
  process: GateProcess,
  base: GateProcess | null,
  shelf: CoverageShelf,
): GateJudgement {
  const { kind, reports } = named.gate;
  if (promises(reports, 'issues')) return judgeIssueReport(deliberation, named, process, base);
  const ended = judgeExit(kind, process.exit);
  if (kind === 'mutation' && promises(reports, 'mutation')) return judgeMutationReport(deliberation, named, process);
  if (!promises(reports, 'coverage')) {
    if (kind !== 'coverage' && kind !== 'mutation') return ended;
    return errorJudgement(named.name, `a ${kind} gate needs a report of its ${kind}: add one to the gate`);
  }
  return joinJudgements(judgeShelved(deliberation, named, shelf), [{ judgement: ended, prefix: '' }]);
}

function judgeIssueReport(
  deliberation: Deliberation,
  named: NamedGate,
  process: GateProcess,
  base: GateProcess | null,
): GateJudgement {
  const own = readReport(process, 'issues');
  if (own.report === null) return errorJudgement(named.name, own.problem);
  const before = base === null ? null : readReport(base, 'issues').report;
  const place = (report: IssueReport): IssueReport => ({
    issues: report.issues.map((issue) => {
      const [at] = issue.path === null ? [] : relocate(deliberation, named, [{ path: issue.path }]);
      return { ...issue, path: at?.path ?? null };
    }),
  });
  const evidence = { kind: named.gate.kind, report: place(own.report), exit: process.exit };
  return judgeIssues({ ...evidence, base: before === null ? null : place(before) });
}

// A mutation tool ends red for a score below its own threshold; ours is the policy's, and the report is what counts.
function judgeMutationReport(deliberation: Deliberation, named: NamedGate, process: GateProcess): GateJudgement {
  const own = readReport(process, 'mutation');
  if (own.report === null) return errorJudgement(named.name, own.problem);
  return judgeMutation({
    report: { mutants: relocate(deliberation, named, own.report.mutants) },
    changed: changedLinesOf(deliberation),
    tier: deliberation.spec.riskTier,
    policy: deliberation.policy,
    source: 'tool',
  });
}
