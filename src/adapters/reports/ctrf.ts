import { z } from 'zod';
import type { TestOutcome, TestReport } from '../../core/caws/gate/report.js';
import { readJson } from './read-json.js';
import { type RawTestCase, testReportOf } from './test-cases.js';
import { unparseable } from './unparseable.js';

const count = z.number().int().nonnegative();
const documentSchema = z.object({
  results: z.object({
    tool: z.object({ name: z.string() }).optional(),
    summary: z.object({
      tests: count,
      passed: count,
      failed: count,
      pending: count,
      skipped: count,
      other: count,
    }),
    tests: z.array(
      z.object({
        name: z.string().min(1),
        status: z.enum(['passed', 'failed', 'skipped', 'pending', 'other']),
        suite: z.union([z.string(), z.array(z.string())]).optional(),
        filePath: z.string().optional(),
        message: z.string().optional(),
        trace: z.string().optional(),
      }),
    ),
  }),
});

// `other` is what its writer could not name: no pass.
const outcomes: Readonly<Record<'passed' | 'failed' | 'skipped' | 'pending' | 'other', TestOutcome>> = {
  passed: 'passed',
  failed: 'failed',
  skipped: 'skipped',
  pending: 'skipped',
  other: 'error',
};

/**
 * Common Test Report Format, JSON. The summary must agree with the tests that are listed.
 * @throws REPORT_UNPARSEABLE
 * @see https://ctrf.io
 */
export function parseCtrf(text: string, root: string): TestReport {
  const { summary, tests } = readJson('ctrf', text, documentSchema).results;
  if (summary.tests !== tests.length) {
    throw unparseable('ctrf', `the summary says ${summary.tests} tests, ${tests.length} are listed`);
  }
  for (const status of ['passed', 'failed', 'skipped', 'pending', 'other'] as const) {
    const listed = tests.filter((test) => test.status === status).length;
    if (summary[status] !== listed) {
      throw unparseable('ctrf', `the summary says ${summary[status]} ${status} tests, ${listed} are listed`);
    }
  }
  const cases = tests.map((test): RawTestCase => ({
    file: test.filePath ?? null,
    suites: test.suite === undefined ? [] : [test.suite].flat(),
    title: test.name,
    outcome: outcomes[test.status],
    message: [test.message, test.trace].filter((part) => part !== undefined && part !== '').join('\n') || null,
  }));
  return testReportOf(cases, root);
}
