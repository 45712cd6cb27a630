import { type Finding, findingOf } from '../finding.js';
import { type GateJudgement, judgementOf } from './gate-judgement.js';
import { judgeRunExit } from './judge-run-exit.js';
import { judgeTripwire } from './judge-tripwire.js';
import { isAdmitted } from './removal-admission.js';
import type { TestCase, TestReport } from './report.js';
import { testRules } from './test-rules.js';
import { type TestRun, executedTests, isBroken, partTripwire } from './test-run.js';

const namedAtMost = 20;

/**
 * `base` is the same gate's run on the base commit; null when it could not be had, which is a waivable finding of its
 * own. A base without any test is a run with an empty report.
 */
export interface TestEvidence {
  readonly candidate: TestRun;
  readonly base: TestRun | null;
  /** `admissions.<spec>.removed_tests` of the base's configuration. */
  readonly removedTests: readonly string[];
}

/**
 * Judges a test run against the base's (constitution §4 rules 3, 4, 5 and 7). All but an unknown base blocks:
 * no executed test; a failed or errored test (also one that failed on the base already: its finding says so, and
 * `baseline` shows it); the tripwire missing, skipped, passed, reported twice or without its nonce; a test that ran on
 * the base and is now missing or skipped, unless its removal is admitted (skipped is not executed, and rule 4 speaks
 * of executed tests); an exit code that contradicts the report (`judgeRunExit`).
 *
 * Metrics: tests, passed, failed, errors, skipped, missing, newlySkipped, failedOnBase. The tripwire is not counted.
 */
export function judgeTests(evidence: TestEvidence): GateJudgement {
  const { candidate, base } = evidence;
  const { tripwires, others } = partTripwire(candidate);
  const baseTests = base === null ? null : partTripwire(base).others;
  const executed = executedTests(others);
  const broken = executed.filter(isBroken);
  const lost = lostTests(others, baseTests, evidence.removedTests);
  const brokenOnBase = new Set(baseTests?.tests.filter(isBroken).map((test) => test.id));
  const tripwire = judgeTripwire(tripwires, candidate.tripwire);
  const findings = [
    ...tripwire.findings,
    ...zeroFindings(others),
    ...brokenFindings(broken, brokenOnBase),
    ...lostFindings(lost.missing, testRules.missing, 'ran on the base and is not in this run'),
    ...lostFindings(lost.skipped, testRules.skipped, 'ran on the base and is skipped in this run'),
    ...(base === null ? [findingOf(testRules.base, 'the base’s tests could not be run')] : []),
    ...judgeRunExit(candidate, base),
  ];
  return judgementOf(findings, {
    executedCount: executed.length,
    tripwire: tripwire.state,
    baseline: baselineOf(baseTests),
    metrics: {
      tests: others.tests.length,
      passed: executed.length - broken.length,
      failed: broken.filter((test) => test.outcome === 'failed').length,
      errors: broken.filter((test) => test.outcome === 'error').length,
      skipped: others.tests.length - executed.length,
      missing: lost.missing.length,
      newlySkipped: lost.skipped.length,
      failedOnBase: brokenOnBase.size,
    },
  });
}

function baselineOf(base: TestReport | null): GateJudgement['baseline'] {
  if (base === null) return null;
  return base.tests.some(isBroken) ? 'fail' : 'pass';
}

function zeroFindings(report: TestReport): readonly Finding[] {
  if (executedTests(report).length > 0) return [];
  const { length } = report.tests;
  return [findingOf(testRules.zero, length === 0 ? 'no test was reported' : `all ${length} tests were skipped`)];
}

function lostTests(
  candidate: TestReport,
  base: TestReport | null,
  removed: readonly string[],
): { readonly missing: readonly TestCase[]; readonly skipped: readonly TestCase[] } {
  const outcomes = new Map(candidate.tests.map((test) => [test.id, test.outcome]));
  const owed = base === null ? [] : executedTests(base).filter((test) => !isAdmitted(test, removed));
  return {
    missing: owed.filter((test) => !outcomes.has(test.id)),
    skipped: owed.filter((test) => outcomes.get(test.id) === 'skipped'),
  };
}

function brokenFindings(broken: readonly TestCase[], brokenOnBase: ReadonlySet<string>): readonly Finding[] {
  const findings = broken.slice(0, namedAtMost).map((test) => {
    const already = brokenOnBase.has(test.id) ? ' (it fails on the base too)' : '';
    const verb = test.outcome === 'error' ? 'ended in an error' : 'failed';
    return findingOf(testRules.failed, `"${test.id}" ${verb}${already}${saidBy(test)}`, { path: test.file });
  });
  return withRest(findings, broken.length, (rest) => findingOf(testRules.failed, `${rest} more tests failed`));
}

function saidBy(test: TestCase): string {
  return test.message === null ? '' : `: ${(test.message.split('\n', 1)[0] ?? '').slice(0, 200)}`;
}

function lostFindings(
  lost: readonly TestCase[],
  rule: (typeof testRules)['missing' | 'skipped'],
  what: string,
): readonly Finding[] {
  const named = lost.slice(0, namedAtMost);
  const findings = named.map((test) => findingOf(rule, `"${test.id}" ${what}`, { path: test.file }));
  return withRest(findings, lost.length, (rest) => findingOf(rule, `${rest} more tests: each ${what}`));
}

function withRest(findings: readonly Finding[], all: number, more: (rest: number) => Finding): readonly Finding[] {
  return all > findings.length ? [...findings, more(all - findings.length)] : findings;
}
