import { type Finding, findingOf } from '../finding.js';
import { testRules } from './test-rules.js';
import { type TestRun, isBroken } from './test-run.js';

/**
 * Compares a run's exit code with its report, the tripwire counted. 0 with a failure reported, another code with none,
 * and an end by a signal each block. The tripwire always fails, so a failure that the exit code alone tells of stays
 * unseen behind it: where nothing else failed in this run nor in the base's, the two codes must be equal.
 */
export function judgeRunExit(run: TestRun, base: TestRun | null): readonly Finding[] {
  const problem = contradictionIn(run) ?? (base === null ? null : differenceFrom(base, run));
  return problem === null ? [] : [findingOf(testRules.exit, problem)];
}

function contradictionIn(run: TestRun): string | null {
  if (run.exit === null) return 'the run was ended by a signal';
  const failed = run.report.tests.some(isBroken);
  if (run.exit === 0) return failed ? 'the run ended with 0 although its report holds a failure' : null;
  return failed ? null : `the run ended with ${run.exit} although its report holds no failure`;
}

function differenceFrom(base: TestRun, run: TestRun): string | null {
  if (base.exit === null || base.exit === run.exit || !onlyTripwireFailed(base) || !onlyTripwireFailed(run))
    return null;
  return `the run ended with ${run.exit}, the base’s with ${base.exit}, although nothing but the tripwire failed in either`;
}

function onlyTripwireFailed({ report, tripwire }: TestRun): boolean {
  const broken = report.tests.filter(isBroken);
  return broken.length > 0 && broken.every((test) => test.title === tripwire?.name);
}
