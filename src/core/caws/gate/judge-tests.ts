import { type Finding, findingOf } from '../finding.js';
import { type GateJudgement, judgementOf } from './gate-judgement.js';
import type { TestCase, TestReport } from './report.js';
import { executedTests, isRemovalAdmitted, partTripwire } from './test-identity.js';
import { testRules } from './test-rules.js';

const namedAtMost = 20;

/** A tripwire: `name` is the exact title of the test, `nonce` must stand in the message with which it fails. */
export interface Tripwire {
  readonly name: string;
  readonly nonce: string;
}

export interface TestRun {
  readonly report: TestReport;
  /** Exit code of the command, null when a signal ended it. */
  readonly exit: number | null;
  /** Null where the run had none, which only a stack without one may; then a failing exit blocks by itself. */
  readonly tripwire: Tripwire | null;
}

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
 * the base and is now missing or skipped, unless its removal is admitted; an exit code that contradicts the report.
 *
 * Exit code: 0 is right only when nothing failed, and with a tripwire something always must. A code other than 0 with
 * nothing failed contradicts too. With a tripwire the code is never 0, so a failure that only the exit code tells of
 * cannot be seen: where the base's run was otherwise green, the candidate's code must equal the base's.
 *
 * Metrics: tests, passed, failed, errors, skipped, missing, newlySkipped, failedOnBase. The tripwire is not counted.
 */
export function judgeTests(evidence: TestEvidence): GateJudgement {
  const { candidate, base } = evidence;
  const { tripwires, others } = partTripwire(candidate.report, candidate.tripwire?.name ?? null);
  const baseTests = base === null ? null : partTripwire(base.report, base.tripwire?.name ?? null).others;
  const executed = executedTests(others);
  const broken = executed.filter((test) => test.outcome !== 'passed');
  const lost = lostTests(others, baseTests, evidence.removedTests);
  const brokenOnBase = new Set(baseTests?.tests.filter(isBroken).map((test) => test.id));
  const tripwire = judgeTripwire(tripwires, candidate.tripwire);
  const findings = [
    ...tripwire.findings,
    ...(executed.length === 0 ? [findingOf(testRules.zero, zeroMessage(others))] : []),
    ...brokenFindings(broken, brokenOnBase),
    ...lostFindings(lost.missing, testRules.missing, 'ran on the base and is not in this run'),
    ...lostFindings(lost.skipped, testRules.skipped, 'ran on the base and is skipped in this run'),
    ...(base === null ? [findingOf(testRules.base, 'the base’s tests could not be run')] : []),
    ...judgeExit(evidence, broken.length + tripwires.length > 0, broken.length > 0 || brokenOnBase.size > 0),
  ];
  return judgementOf(findings, {
    executedCount: executed.length,
    tripwire: tripwire.state,
    baseline: baseTests === null ? null : brokenOnBase.size > 0 ? 'fail' : 'pass',
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

function isBroken(test: TestCase): boolean {
  return test.outcome === 'failed' || test.outcome === 'error';
}

function zeroMessage(report: TestReport): string {
  return report.tests.length === 0 ? 'no test was reported' : `all ${report.tests.length} tests were skipped`;
}

/**
 * Proof of life (constitution §4 rule 5): the tripwire stands in the report once, failed, with its nonce in the
 * message. `found` are the cases that bear its name; with none `planted` it is `not-applicable` and no finding.
 */
export function judgeTripwire(
  found: readonly TestCase[],
  planted: Tripwire | null,
): { readonly state: GateJudgement['tripwire']; readonly findings: readonly Finding[] } {
  if (planted === null) return { state: 'not-applicable', findings: [] };
  const refuse = (state: 'missing' | 'passed', message: string): ReturnType<typeof judgeTripwire> => ({
    state,
    findings: [findingOf(testRules.tripwire, message)],
  });
  const [first, second] = found;
  if (first === undefined)
    return refuse('missing', 'the tripwire was not reported: this run would not report a failure');
  if (found.some((test) => test.outcome === 'passed'))
    return refuse('passed', 'the tripwire passed, and it cannot pass');
  if (second !== undefined)
    return refuse('missing', `the tripwire was reported ${found.length} times, and it ran once`);
  if (first.outcome === 'skipped') return refuse('missing', 'the tripwire was skipped');
  if (first.message?.includes(planted.nonce) !== true) {
    return refuse('missing', 'the tripwire failed for another reason than its own: its nonce is not in the report');
  }
  return { state: 'reported', findings: [] };
}

function lostTests(
  candidate: TestReport,
  base: TestReport | null,
  removed: readonly string[],
): { readonly missing: readonly TestCase[]; readonly skipped: readonly TestCase[] } {
  const outcomes = new Map(candidate.tests.map((test) => [test.id, test.outcome]));
  const owed = base === null ? [] : executedTests(base).filter((test) => !isRemovalAdmitted(test, removed));
  return {
    missing: owed.filter((test) => !outcomes.has(test.id)),
    skipped: owed.filter((test) => outcomes.get(test.id) === 'skipped'),
  };
}

function brokenFindings(broken: readonly TestCase[], brokenOnBase: ReadonlySet<string>): readonly Finding[] {
  const findings = broken.slice(0, namedAtMost).map((test) => {
    const already = brokenOnBase.has(test.id) ? ' (it fails on the base too)' : '';
    const said = test.message === null ? '' : `: ${firstLine(test.message)}`;
    const verb = test.outcome === 'error' ? 'ended in an error' : 'failed';
    return findingOf(testRules.failed, `"${test.id}" ${verb}${already}${said}`, { path: test.file });
  });
  return withRest(findings, broken.length, (rest) => findingOf(testRules.failed, `${rest} more tests failed`));
}

function lostFindings(
  lost: readonly TestCase[],
  rule: (typeof testRules)['missing' | 'skipped'],
  what: string,
): readonly Finding[] {
  const findings = lost
    .slice(0, namedAtMost)
    .map((test) => findingOf(rule, `"${test.id}" ${what}`, { path: test.file }));
  return withRest(findings, lost.length, (rest) => findingOf(rule, `${rest} more tests: each ${what}`));
}

function withRest(findings: readonly Finding[], all: number, more: (rest: number) => Finding): readonly Finding[] {
  return all > findings.length ? [...findings, more(all - findings.length)] : findings;
}

function firstLine(message: string): string {
  return (message.split('\n', 1)[0] ?? '').slice(0, 200);
}

function judgeExit(evidence: TestEvidence, failureReported: boolean, brokenAnywhere: boolean): readonly Finding[] {
  const { exit } = evidence.candidate;
  const refuse = (message: string): readonly Finding[] => [findingOf(testRules.exit, message)];
  if (exit === null) return refuse('the run was ended by a signal');
  if (exit === 0 && failureReported) return refuse('the run ended with 0 although its report holds a failure');
  if (exit !== 0 && !failureReported) return refuse(`the run ended with ${exit} although its report holds no failure`);
  const baseExit = evidence.base?.exit ?? null;
  const comparable = evidence.candidate.tripwire !== null && evidence.base?.tripwire != null && !brokenAnywhere;
  if (comparable && baseExit !== null && baseExit !== exit) {
    return refuse(
      `the run ended with ${exit}, the base’s with ${baseExit}, although nothing but the tripwire failed in either`,
    );
  }
  return [];
}
