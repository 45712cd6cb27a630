import type { XmlElement } from './read-xml.js';
import { unparseable } from './unparseable.js';

/** True for a `<testcase>` that holds a failure or an error. */
export function isFailing(element: XmlElement): boolean {
  return element.children.some((child) => child.name === 'failure' || child.name === 'error');
}

/** How many `<testcase>`s below a suite, at any depth, hold `predicate`. */
export function countCases(suite: XmlElement, predicate: (element: XmlElement) => boolean): number {
  let count = 0;
  for (const child of suite.children) {
    if (child.name === 'testcase') count += predicate(child) ? 1 : 0;
    else if (child.name === 'testsuite') count += countCases(child, predicate);
  }
  return count;
}

/**
 * Compares what a suite declares with what it lists, and gives the number of failures that it declares and does not
 * list. A suite that declares more tests than it lists is cut off. It may list more (mocha does not count failed
 * hooks, jest-junit does not count `todo`): each listed case is judged, so a surplus hides nothing. node:test counts
 * direct children, suites among them; the others count cases at any depth.
 * @throws REPORT_UNPARSEABLE
 */
export function checkDeclaredCounts(suite: XmlElement): number {
  const name = suite.attributes.get('name') ?? suite.name;
  const children = suite.children.filter((child) => child.name === 'testcase' || child.name === 'testsuite');
  const listed = Math.max(
    countCases(suite, () => true),
    children.length,
  );
  const declared = declaredCount(suite, 'tests') ?? 0;
  if (declared > listed) {
    throw unparseable('junit', `the suite "${name}" declares ${declared} tests and lists ${listed}`);
  }
  const declaredFailures = (declaredCount(suite, 'failures') ?? 0) + (declaredCount(suite, 'errors') ?? 0);
  const brokenChildren = children.filter((child) => isFailing(child) || (declaredCount(child, 'failures') ?? 0) > 0);
  const unlisted = declaredFailures - Math.max(countCases(suite, isFailing), brokenChildren.length);
  if (unlisted > 1000) throw unparseable('junit', `the suite "${name}" declares ${declaredFailures} failures`);
  return hasDeclaringChild(suite) ? 0 : Math.max(0, unlisted);
}

// An inner suite that declares the same unlisted failure has told of it already.
function hasDeclaringChild(suite: XmlElement): boolean {
  return suite.children.some(
    (child) =>
      child.name === 'testsuite' &&
      (declaredCount(child, 'failures') ?? 0) + (declaredCount(child, 'errors') ?? 0) > countCases(child, isFailing),
  );
}

function declaredCount(element: XmlElement, name: string): number | null {
  const value = element.attributes.get(name);
  if (value === undefined || value === '') return null;
  if (!/^\d{1,9}$/.test(value)) throw unparseable('junit', `${name}="${value.slice(0, 40)}" is no count`);
  return Number(value);
}
