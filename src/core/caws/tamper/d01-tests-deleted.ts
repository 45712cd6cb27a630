import { pathOf } from '../change.js';
import type { FileFacts } from '../file-facts.js';
import { type Finding, findingOf } from '../finding.js';
import { isTestFileName, isTestPath, losesTestName } from '../test-path.js';
import { isRemovalAdmitted } from './admitted-tests.js';
import { compareTests } from './assertions/compare-tests.js';
import { testName } from './assertions/pair-tests.js';
import type { ChangeNotes, TamperContext, TamperRule, TestNote } from './tamper-rule.js';

function examineFile(facts: FileFacts, context: TamperContext): readonly Finding[] {
  return [...renamedAway(facts, context), ...deletedUnread(facts, context), ...neverCalled(facts, context)];
}

/** A test file that the runner would find lost the name by which it is found. */
function renamedAway({ file, oldSyntax }: FileFacts, context: TamperContext): readonly Finding[] {
  const { oldPath, newPath } = file;
  if (file.status !== 'R' || oldPath === null || newPath === null) return [];
  const hadTests = oldSyntax === null || oldSyntax.tests.length > 0;
  if (!losesTestName(oldPath, newPath) || !hadTests) return [];
  if (isRemovalAdmitted(context, oldPath, null)) return [];
  return [findingOf(testsDeleted, `renamed to ${newPath}, which no test runner takes for a test`, { path: oldPath })];
}

/** A deleted test file that no parser reads; one that a parser reads is judged test by test. */
function deletedUnread({ file, oldSyntax }: FileFacts, context: TamperContext): readonly Finding[] {
  const path = file.oldPath;
  if (file.status !== 'D' || path === null || !isTestFileName(path)) return [];
  if (oldSyntax !== null && (oldSyntax.errorLines.length === 0 || oldSyntax.tests.length > 0)) return [];
  const name = path.split('/').at(-1) ?? path;
  const moved = context.change.files.some(
    (other) => other.status === 'A' && other.newPath?.endsWith(`/${name}`) === true,
  );
  if (moved || isRemovalAdmitted(context, path, null)) return [];
  return [findingOf(testsDeleted, 'the test file was deleted', { path })];
}

/** A test that still stands in the text, in a function that nothing calls or under a name that is given away. */
function neverCalled(facts: FileFacts, context: TamperContext): readonly Finding[] {
  const path = pathOf(facts.file);
  return compareTests(facts).tests.pairs.flatMap(([old, now]) => {
    const gone = now.test?.modifiers.includes('never-called') === true;
    if (!gone || old.test === null || old.test.modifiers.length > 0 || now.test === null) return [];
    if (isRemovalAdmitted(context, path, testName(old.test))) return [];
    return [
      findingOf(testsDeleted, `the test "${old.name}" still stands there, but nothing runs it any more`, {
        path,
        line: now.line,
      }),
    ];
  });
}

function examineChange(notes: ChangeNotes, context: TamperContext): readonly Finding[] {
  const added = addedTests(notes);
  return notes.removedTests.flatMap((test) => {
    if (!isTestPath(test.file) || !test.running || added.takeMove(test)) return [];
    if (isRemovalAdmitted(context, test.file, test.name)) return [];
    return [findingOf(testsDeleted, `the test "${test.name}" is gone`, { path: test.file, line: test.line })];
  });
}

/** The added tests that run, by what they assert and by their names; each can stand for one removed test. */
function addedTests(notes: ChangeNotes) {
  const byKey = new Map<string, TestNote[]>();
  const taken = new Set<TestNote>();
  for (const test of notes.addedTests) {
    if (!test.running || !isTestFileName(test.file)) continue;
    for (const key of [`= ${test.fingerprint}`, `> ${lastName(test.name)}`]) {
      const list = byKey.get(key);
      if (list === undefined) byKey.set(key, [test]);
      else list.push(test);
    }
  }
  const find = (key: string, removed: TestNote): TestNote | undefined =>
    byKey.get(key)?.find((other) => !taken.has(other) && isMove(removed, other));
  return {
    takeMove: (removed: TestNote): boolean => {
      const found = find(`= ${removed.fingerprint}`, removed) ?? find(`> ${lastName(removed.name)}`, removed);
      if (found !== undefined) taken.add(found);
      return found !== undefined;
    },
  };
}

/** The same assertions anywhere, or a test of the same name elsewhere that expects all that this one did. */
function isMove(removed: TestNote, added: TestNote): boolean {
  if (removed.fingerprint !== '' && removed.fingerprint === added.fingerprint) return true;
  if (removed.file === added.file || lastName(removed.name) !== lastName(added.name)) return false;
  const left = [...added.marks];
  return removed.marks.every((mark) => {
    const at = left.indexOf(mark);
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

function lastName(name: string): string {
  return name.split(' > ').at(-1) ?? name;
}

/** D1: tests deleted, renamed away, commented out, or left where nothing calls them. */
export const testsDeleted: TamperRule = {
  id: 'D1',
  clause: 'constitution §3 part 6, D1',
  severity: 'waivable',
  why: 'A test that is gone can no longer fail: what it proved is proved no more.',
  mend: 'Bring the test back, or let the spec admit its removal (admissions.removed_tests in .caws/arbiter.yaml).',
  examineFile,
  examineChange,
};
