import { type Finding, findingOf } from '../finding.js';
import type { ChangeMode } from '../working-spec.js';
import { behaviourRules } from './behaviour-rules.js';
import { type GateJudgement, judgementOf } from './gate-judgement.js';
import type { TestReport } from './report.js';

export interface NewTestEvidence {
  readonly mode: ChangeMode;
  /** The candidate's tests on the candidate's code, tripwire left out. */
  readonly candidate: TestReport;
  /** The candidate's tests on the base's code; null when they could not be run. */
  readonly onBase: TestReport | null;
  /** The base's tests on the base's code; null when they could not be run, and then every test counts as new. */
  readonly base: TestReport | null;
}

/**
 * B3: in mode `fix` at least one test that passes on the candidate must be reported failed when the candidate's tests run
 * on the base's code (waivable). A test that is missing there, because its file does not load without the change,
 * proves nothing: any import of a new name would do. In mode `feature`, new tests of which none fails on the base
 * advise. Other modes change no behaviour, so their new tests may well pass on the base.
 *
 * Metrics: newTests, failingOnBase, notRunOnBase.
 */
export function judgeNewTests(evidence: NewTestEvidence): GateJudgement {
  const before = new Set(evidence.base?.tests.map((test) => test.id));
  const passing = evidence.candidate.tests.filter((test) => test.outcome === 'passed');
  const fresh = passing.filter((test) => !before.has(test.id));
  const onBase = new Map(evidence.onBase?.tests.map((test) => [test.id, test.outcome]));
  const failing = passing.filter((test) => ['failed', 'error'].includes(onBase.get(test.id) ?? ''));
  const notRun = fresh.filter((test) => !onBase.has(test.id));
  return judgementOf(findingsFor(evidence, failing.length, fresh.length, notRun.length), {
    executedCount: evidence.onBase?.tests.filter((test) => test.outcome !== 'skipped').length ?? null,
    metrics: { newTests: fresh.length, failingOnBase: failing.length, notRunOnBase: notRun.length },
  });
}

function findingsFor(evidence: NewTestEvidence, failing: number, fresh: number, notRun: number): readonly Finding[] {
  if (failing > 0) return [];
  const unloaded = notRun > 0 ? `; ${notRun} new tests do not even load there, which proves nothing` : '';
  if (evidence.mode === 'fix') {
    const message =
      evidence.onBase === null
        ? 'the candidate’s tests could not be run on the base, so none was shown to fail there'
        : `no test that passes on the candidate fails on the base${unloaded}`;
    return [findingOf(behaviourRules.B3, message)];
  }
  if (evidence.mode !== 'feature' || fresh === 0) return [];
  const message = `none of ${fresh} new tests fails on the base${unloaded}`;
  return [findingOf(behaviourRules.B3, message, { severity: 'advisory' })];
}
