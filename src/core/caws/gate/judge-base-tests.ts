import { findingOf } from '../finding.js';
import { behaviourRules } from './behaviour-rules.js';
import { type GateJudgement, judgementOf } from './gate-judgement.js';
import { judgeTripwire } from './judge-tripwire.js';
import { isAdmitted } from './removal-admission.js';
import type { TestCase, TestReport } from './report.js';
import { type TestRun, executedTests, partTripwire } from './test-run.js';

const namedAtMost = 20;

export interface BaseTestEvidence {
  /** The base's test files, run on the candidate's product code. */
  readonly run: TestRun;
  /** The base's tests on the base's code. */
  readonly base: TestReport;
  /** `changed_assertions` and `removed_tests` of the spec's admissions at the base. */
  readonly admitted: readonly string[];
}

/**
 * B1: every test that passed on the base must still pass when the base's own test files run on the candidate's code. One that fails,
 * is skipped or is missing is a waivable finding, unless an admission names it (id, name, file, folder or glob).
 * What did not pass on the base is not asked for. A dead tripwire blocks.
 *
 * Metrics: tests, stillPassing, broken, admitted.
 */
export function judgeBaseTests(evidence: BaseTestEvidence): GateJudgement {
  const { tripwires, others } = partTripwire(evidence.run);
  const tripwire = judgeTripwire(tripwires, evidence.run.tripwire);
  const outcomes = new Map(others.tests.map((test) => [test.id, test]));
  const owed = evidence.base.tests.filter((test) => test.outcome === 'passed');
  const notPassing = owed.filter((test) => outcomes.get(test.id)?.outcome !== 'passed');
  const broken = notPassing.filter((test) => !isAdmitted(test, evidence.admitted));
  const findings = broken
    .slice(0, namedAtMost)
    .map((test) => findingOf(behaviourRules.B1, brokenMessage(test, outcomes.get(test.id)), { path: test.file }));
  const rest = broken.length - findings.length;
  const more =
    rest > 0
      ? [findingOf(behaviourRules.B1, `${rest} more tests of the base do not pass on the candidate’s code`)]
      : [];
  return judgementOf([...tripwire.findings, ...findings, ...more], {
    executedCount: executedTests(others).length,
    tripwire: tripwire.state,
    metrics: {
      tests: owed.length,
      stillPassing: owed.length - notPassing.length,
      broken: broken.length,
      admitted: notPassing.length - broken.length,
    },
  });
}

function brokenMessage(test: TestCase, now: TestCase | undefined): string {
  if (now === undefined) return `the base’s test "${test.id}" cannot run on the candidate’s code`;
  if (now.outcome === 'skipped') return `the base’s test "${test.id}" is skipped on the candidate’s code`;
  const said = now.message === null ? '' : `: ${(now.message.split('\n', 1)[0] ?? '').slice(0, 200)}`;
  return `the base’s test "${test.id}" fails on the candidate’s code${said}`;
}
