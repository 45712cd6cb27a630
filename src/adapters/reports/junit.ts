import type { TestOutcome, TestReport } from '../../core/caws/gate/report.js';
import { checkDeclaredCounts, countCases, isFailing } from './junit-counts.js';
import { type XmlElement, readXml } from './read-xml.js';
import { type RawTestCase, testReportOf } from './test-cases.js';
import { unparseable } from './unparseable.js';

/**
 * JUnit XML as node:test, vitest, jest-junit, pytest, mocha's xunit and go-junit-report write it. A case that its
 * writer counted as failed but did not list becomes an `error` case of its own (node:test leaves out a parent test
 * that fails after its subtests passed; jest-junit a file that did not load).
 * @throws REPORT_UNPARSEABLE
 */
export function parseJunit(text: string, root: string): TestReport {
  const top = readXml('junit', text);
  if (top.name !== 'testsuites' && top.name !== 'testsuite') {
    throw unparseable('junit', `its root element is <${top.name}>, not <testsuites> or <testsuite>`);
  }
  const cases: RawTestCase[] = [];
  readSuite(top, { file: null, suites: [] }, cases);
  cases.push(...unlistedByNode(top));
  return testReportOf(cases, root);
}

interface SuiteContext {
  readonly file: string | null;
  readonly suites: readonly string[];
}

function readSuite(suite: XmlElement, context: SuiteContext, cases: RawTestCase[]): void {
  const inner = contextIn(suite, context);
  const unlisted = checkDeclaredCounts(suite);
  for (const child of suite.children) {
    if (child.name === 'testsuite') readSuite(child, inner, cases);
    else if (child.name === 'testcase') cases.push(readCase(child, inner));
    else if (child.name === 'testsuites') throw unparseable('junit', '<testsuites> inside another suite');
  }
  for (let count = 1; count <= unlisted; count += 1) {
    const message = `the suite counts ${unlisted} more failed tests than it lists`;
    cases.push({ file: inner.file, suites: inner.suites, title: '(failed, not listed)', outcome: 'error', message });
  }
}

function contextIn(suite: XmlElement, context: SuiteContext): SuiteContext {
  const name = suite.attributes.get('name') ?? '';
  const file = suite.attributes.get('file') ?? suite.attributes.get('filepath') ?? (looksLikeFile(name) ? name : null);
  const isNamed = suite.name === 'testsuite' && name !== '' && name !== file;
  return { file: file ?? context.file, suites: isNamed ? [...context.suites, name] : context.suites };
}

function readCase(element: XmlElement, context: SuiteContext): RawTestCase {
  const title = element.attributes.get('name');
  if (title === undefined || title.trim() === '') throw unparseable('junit', 'a <testcase> has no name');
  const classname = element.attributes.get('classname') ?? null;
  const ownFile = element.attributes.get('file') ?? null;
  const file = ownFile ?? context.file ?? (classname !== null && looksLikeFile(classname) ? classname : null);
  const { outcome, message } = outcomeOf(element);
  return { file, suites: suitesOf(context, classname, title, file), title, outcome, message };
}

/**
 * The suites of a case. `classname` says more than the suite around it for pytest, mocha and go; it is the word
 * "test" for node:test, the file for vitest, and the case's own name again for jest-junit, whose suite is named after
 * whichever `describe` stands first in the file and so would not be stable.
 */
function suitesOf(
  context: SuiteContext,
  classname: string | null,
  title: string,
  file: string | null,
): readonly string[] {
  if (classname === null || classname === 'test' || context.suites.length > 1) return context.suites;
  if (classname === '' || classname === title || classname === file) return [];
  return [classname];
}

function looksLikeFile(name: string): boolean {
  return /^\S+\.(?:[cm]?[jt]sx?|py|rb|php|rs|go)$/.test(name);
}

/** A `todo` that fails is not a failure to node:test; any other failure outweighs a skip. */
function outcomeOf(element: XmlElement): { outcome: TestOutcome; message: string | null } {
  const part = (name: string): XmlElement | undefined => element.children.find((child) => child.name === name);
  const skipped = part('skipped');
  const todo = skipped?.attributes.get('type') === 'todo';
  const failure = part('failure');
  const error = part('error');
  if (failure !== undefined && !todo) return { outcome: 'failed', message: messageOf(failure) };
  if (error !== undefined && !todo) return { outcome: 'error', message: messageOf(error) };
  if (skipped !== undefined) return { outcome: 'skipped', message: messageOf(skipped) };
  return { outcome: statusOutcome(element), message: null };
}

function statusOutcome(element: XmlElement): TestOutcome {
  const status = (element.attributes.get('status') ?? element.attributes.get('result') ?? '').toLowerCase();
  if (/^(fail|failed|failure)$/.test(status)) return 'failed';
  if (/^(error|errored|broken)$/.test(status)) return 'error';
  if (/^(skipped|disabled|notrun|ignored|suppressed|pending|todo)$/.test(status)) return 'skipped';
  return 'passed';
}

function messageOf(element: XmlElement): string | null {
  const message = [element.attributes.get('message') ?? '', element.text.trim()].filter((part) => part !== '');
  return message.length === 0 ? null : message.join('\n');
}

function unlistedByNode(top: XmlElement): RawTestCase[] {
  const said = (word: string): number => {
    const comment = top.comments.find((text) => new RegExp(`^\\s*${word} \\d+\\s*$`).test(text));
    return comment === undefined ? 0 : Number(/\d+/.exec(comment)?.[0]);
  };
  const listed = countCases(top, (element) => isFailing(element) && outcomeOf(element).outcome !== 'skipped');
  const missing = said('fail') + said('cancelled') - listed;
  return missing <= 0
    ? []
    : Array.from({ length: Math.min(missing, 1000) }, () => ({
        file: null,
        suites: [],
        title: '(failed, not listed)',
        outcome: 'error' as const,
        message: `node:test counted ${missing} more failed tests than its report lists: a test that fails after its own subtests passed is left out; see the run's output`,
      }));
}
