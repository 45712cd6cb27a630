import type { TestCase, TestReport } from './report.js';

/** A tripwire: `name` is the exact title of the test, `nonce` must stand in the message with which it fails. */
export interface Tripwire {
  readonly name: string;
  readonly nonce: string;
}

/** One run of a tests gate. */
export interface TestRun {
  readonly report: TestReport;
  /** Exit code of the command, null when a signal ended it. */
  readonly exit: number | null;
  /** Null where the run had none, which only a stack without one may; then a failing exit blocks by itself. */
  readonly tripwire: Tripwire | null;
}

/** The cases that bear the run's tripwire's name, and the others. */
export function partTripwire(run: Pick<TestRun, 'report' | 'tripwire'>): {
  readonly tripwires: readonly TestCase[];
  readonly others: TestReport;
} {
  const { tests } = run.report;
  const isTripwire = (test: TestCase): boolean => run.tripwire !== null && test.title === run.tripwire.name;
  return { tripwires: tests.filter(isTripwire), others: { tests: tests.filter((test) => !isTripwire(test)) } };
}

/** Tests that ran: whatever was skipped did not. */
export function executedTests(report: TestReport): readonly TestCase[] {
  return report.tests.filter((test) => test.outcome !== 'skipped');
}

/** True for a test that ran and did not pass. */
export function isBroken(test: TestCase): boolean {
  return test.outcome === 'failed' || test.outcome === 'error';
}
