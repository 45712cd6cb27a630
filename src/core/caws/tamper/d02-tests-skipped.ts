import { pathOf } from '../change.js';
import type { FileFacts } from '../file-facts.js';
import { type Finding, findingOf, type Severity } from '../finding.js';
import type { SyntaxFacts, TestFact } from '../syntax-facts.js';
import { compareTests } from './assertions/compare-tests.js';
import type { Unit } from './assertions/pair-tests.js';
import type { TamperRule } from './tamper-rule.js';

const texts: Readonly<Record<string, string>> = {
  skip: 'is skipped',
  only: 'runs alone: all others of its file are left out',
  todo: 'is marked as to be written',
  fails: 'counts as passed when it fails',
  xfail: 'counts as passed when it fails',
  skipif: 'runs on a condition only',
  'early-return': 'returns before its first assertion',
  unreachable: 'stands where nothing is run',
};

interface Marks {
  readonly modifiers: ReadonlySet<string>;
  readonly conditions: readonly string[];
}

function examine(facts: FileFacts): readonly Finding[] {
  const { oldSyntax, newSyntax } = facts;
  if (newSyntax === null || newSyntax.tests.length === 0) return [];
  const path = pathOf(facts.file);
  const now = marksOf(newSyntax);
  if (/(^|\/)conftest\.py$/.test(path)) return ofConftest(oldSyntax, newSyntax, path);
  if (oldSyntax === null) return newSyntax.tests.flatMap((test) => ofNewTest(test, path, false));
  const before = marksOf(oldSyntax);
  const { pairs, gained } = compareTests(facts).tests;
  const existing = pairs.flatMap(([old, unit]) => ofExistingTest(old, unit, before, now, path));
  const hadTests = oldSyntax.tests.some((test) => test.kind === 'test');
  return [...existing, ...gained.flatMap((unit) => (unit.test === null ? [] : ofNewTest(unit.test, path, hadTests)))];
}

/** A fixture for all tests that skips, in the file that pytest reads for all of a folder. */
function ofConftest(before: SyntaxFacts | null, after: SyntaxFacts, path: string): readonly Finding[] {
  const moduleOf = (syntax: SyntaxFacts | null) =>
    syntax?.tests.find((test) => test.title === '<module>')?.modifiers ?? [];
  const fresh = moduleOf(after).filter((modifier) => modifier !== 'skipif' && !moduleOf(before).includes(modifier));
  return fresh.map((modifier) =>
    findingOf(testsSkipped, `every test that this file serves ${texts[modifier] ?? `is marked "${modifier}"`}`, {
      path,
    }),
  );
}

/** Modifiers of each test with those of the suites around it and of its module. */
function marksOf(syntax: SyntaxFacts): ReadonlyMap<TestFact, Marks> {
  const suites = syntax.tests.filter((test) => test.kind === 'suite');
  const marks = new Map<TestFact, Marks>();
  const marked = suites.filter((suite) => suite.modifiers.length > 0 || suite.rows === 0);
  for (const test of syntax.tests) {
    if (test.kind !== 'test') continue;
    const around = marked.filter((suite) => suite.title === '<module>' || holds(suite, test));
    const all = [test, ...around];
    const modifiers = new Set(all.flatMap((it) => [...it.modifiers, ...(it.rows === 0 ? ['no rows'] : [])]));
    marks.set(test, { modifiers, conditions: all.flatMap((it) => it.conditions) });
  }
  return marks;
}

function holds(suite: TestFact, test: TestFact): boolean {
  return suite.line <= test.line && suite.endLine >= test.endLine && test.path[suite.path.length] === suite.title;
}

function ofExistingTest(
  old: Unit,
  unit: Unit,
  before: ReadonlyMap<TestFact, Marks>,
  now: ReadonlyMap<TestFact, Marks>,
  path: string,
): readonly Finding[] {
  const was = old.test === null ? undefined : before.get(old.test);
  const is = unit.test === null ? undefined : now.get(unit.test);
  if (was === undefined || is === undefined || was.modifiers.has('skip')) return [];
  const fresh = [...is.modifiers].filter((modifier) => !was.modifiers.has(modifier) && modifier !== 'never-called');
  const worse = fresh.map((modifier) => {
    const severity: Severity =
      modifier === 'skipif' && isPlatformOnly(newConditions(was, is)) ? 'advisory' : 'waivable';
    return findingOf(testsSkipped, message(unit.name, modifier, is), { path, line: unit.line, severity });
  });
  return fresh.length > 0 ? worse : otherCondition(was, is, unit, path);
}

function newConditions(was: Marks, is: Marks): readonly string[] {
  return is.conditions.filter((condition) => !was.conditions.includes(condition));
}

function otherCondition(was: Marks, is: Marks, unit: Unit, path: string): readonly Finding[] {
  const fresh = newConditions(was, is);
  if (!is.modifiers.has('skipif') || fresh.length === 0 || was.conditions.length === 0) return [];
  const severity: Severity = isPlatformOnly(fresh) ? 'advisory' : 'waivable';
  return [
    findingOf(testsSkipped, `the existing test "${unit.name}" runs on another condition: ${fresh[0] ?? ''}`, {
      path,
      line: unit.line,
      severity,
    }),
  ];
}

function message(name: string, modifier: string, marks: Marks): string {
  const condition = modifier === 'skipif' ? marks.conditions.find((text) => text !== '') : undefined;
  const text = modifier === 'no rows' ? 'has no rows to run with' : (texts[modifier] ?? `is marked "${modifier}"`);
  return `the existing test "${name}" ${text}${condition === undefined ? '' : `: ${condition}`}`;
}

/** New tests are free, but one that runs alone takes all others of its file away. */
function ofNewTest(test: TestFact, path: string, hadTests: boolean): readonly Finding[] {
  return test.modifiers
    .filter((modifier) => modifier !== 'skipif' && modifier !== 'never-called')
    .map((modifier) => {
      const severity: Severity = modifier === 'only' && hadTests ? 'waivable' : 'advisory';
      const text = `the new ${test.kind} "${test.title}" ${texts[modifier] ?? `is marked "${modifier}"`}`;
      return findingOf(testsSkipped, text, { path, line: test.line, severity });
    });
}

const platform =
  /process\.platform|os\.platform|sys\.platform|os\.name|platform\.(system|machine|python_implementation)|process\.arch|\b(is|on)?_?(windows|win32|win|mac|macos|darwin|bun|deno|pypy)\b|hasattr\(os|^import /i;
const oldVersion = /(process\.versions?|sys\.version_info|semver|node_?version|PY\w*|python_version)\b.*(<|\blt\()/i;

/**
 * A condition that asks for another platform or an older runtime than the one where gates run: no opposite, no choice
 * of several, no mention of Linux.
 */
function isPlatformOnly(conditions: readonly string[]): boolean {
  const open = /linux|posix|\|\||\bor\b|!=|\bnot\b|^!|>/i;
  return (
    conditions.length > 0 &&
    conditions.every((text) => (platform.test(text) || oldVersion.test(text)) && !open.test(text))
  );
}

/** D2: existing tests skipped, run alone, marked as failing, or left without rows. */
export const testsSkipped: TamperRule = {
  id: 'D2',
  clause: 'constitution §3 part 6, D2',
  severity: 'waivable',
  why: 'A test that does not run, or may fail, proves nothing and still looks like a test.',
  mend: 'Let the test run as before and make the code meet it, or ask for a waiver.',
  examineFile: examine,
};
