import { compilePatterns } from '../scope-pattern.js';
import type { TestCase, TestReport } from './report.js';

/**
 * Whether an admission's `removed_tests` covers a test: an entry is its id, its name without the file, its file, a
 * folder above the file, or a glob over the file, as scope entries are read. An empty list admits nothing.
 */
export function isRemovalAdmitted(test: TestCase, entries: readonly string[]): boolean {
  const name = test.file === null ? test.id : test.id.slice(test.file.length + 2);
  if (entries.includes(test.id) || entries.includes(name)) return true;
  return test.file !== null && compilePatterns(entries)(test.file);
}

/** Tests that ran: whatever was skipped did not. */
export function executedTests(report: TestReport): readonly TestCase[] {
  return report.tests.filter((test) => test.outcome !== 'skipped');
}

/** The cases that bear a tripwire's name, and the others. */
export function partTripwire(
  report: TestReport,
  name: string | null,
): { readonly tripwires: readonly TestCase[]; readonly others: TestReport } {
  if (name === null) return { tripwires: [], others: report };
  const isTripwire = (test: TestCase): boolean => test.title === name;
  return {
    tripwires: report.tests.filter(isTripwire),
    others: { tests: report.tests.filter((test) => !isTripwire(test)) },
  };
}
