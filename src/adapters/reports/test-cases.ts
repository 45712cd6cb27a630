import type { TestCase, TestOutcome, TestReport } from '../../core/caws/gate/report.js';
import { repositoryPath, withoutRoot } from './report-path.js';

const maxMessageLength = 2000;

/** A test case as a format gives it, before ids are made. `suites` from the outermost inwards. */
export interface RawTestCase {
  readonly file: string | null;
  readonly suites: readonly string[];
  readonly title: string;
  readonly outcome: TestOutcome;
  readonly message: string | null;
}

/**
 * Gives each case its id, `file::suite > title`, the same in any checkout. Two neighbours of one id of which one
 * failed and the other is an error are one test (pytest and jest-junit report a broken tear-down apart); other
 * cases of one id are numbered from 2 in the order of the report.
 */
export function testReportOf(cases: readonly RawTestCase[], root: string): TestReport {
  const seen = new Map<string, number>();
  const tests: TestCase[] = [];
  let previous = { key: '', outcome: 'passed' as TestOutcome };
  for (const raw of cases) {
    const file = raw.file === null ? null : repositoryPath(raw.file, root);
    const current = { key: keyOf(raw, file, root), outcome: raw.outcome };
    const again = current.key === previous.key && areTwoSidesOfOne(previous.outcome, current.outcome);
    previous = current;
    if (again) continue;
    const count = (seen.get(current.key) ?? 0) + 1;
    seen.set(current.key, count);
    tests.push({
      id: count === 1 ? current.key : `${current.key} #${count}`,
      title: tidy(raw.title, root),
      outcome: raw.outcome,
      message: raw.message === null ? null : raw.message.slice(0, maxMessageLength),
      file,
    });
  }
  return { tests };
}

function areTwoSidesOfOne(first: TestOutcome, second: TestOutcome): boolean {
  return (first === 'failed' && second === 'error') || (first === 'error' && second === 'failed');
}

function keyOf(raw: RawTestCase, file: string | null, root: string): string {
  const path = [...raw.suites, raw.title]
    .map((part) => tidy(part, root))
    .filter((part) => part !== '')
    .join(' > ');
  return file === null ? path : `${file}::${path}`;
}

function tidy(text: string, root: string): string {
  return withoutRoot(text, root).replace(/\s+/g, ' ').trim();
}
