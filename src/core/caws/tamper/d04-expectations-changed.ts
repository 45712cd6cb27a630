import { pathOf } from '../change.js';
import type { FileFacts } from '../file-facts.js';
import { type Finding, findingOf } from '../finding.js';
import { isChangeAdmitted } from './admitted-tests.js';
import { type ComparedUnit, compareTests } from './assertions/compare-tests.js';
import type { TamperContext, TamperRule } from './tamper-rule.js';

function examine(facts: FileFacts, context: TamperContext): readonly Finding[] {
  const path = pathOf(facts.file);
  if (isChangeAdmitted(context, path)) return [];
  return compareTests(facts).compared.flatMap((unit) => ofUnit(unit, path));
}

function ofUnit(unit: ComparedUnit, path: string): readonly Finding[] {
  if (unit.old.test?.modifiers.includes('skip') === true) return [];
  const where = unit.old.name === '' ? 'outside the tests' : `in "${unit.old.name}"`;
  const fates = unit.fates.flatMap((fate) =>
    fate.kind === 'changed'
      ? [
          findingOf(expectationsChanged, `an assertion ${where} was changed: ${fate.old.subject}: ${fate.how}`, {
            path,
            line: fate.now.fact.line,
          }),
        ]
      : [],
  );
  const rows = unit.rows.flatMap((row) =>
    row.kind === 'changed'
      ? [
          findingOf(expectationsChanged, `a row ${where} was changed: ${row.old} became ${row.now ?? ''}`, {
            path,
            line: unit.now.line,
          }),
        ]
      : [],
  );
  return [...fates, ...rows];
}

/** D4: what existing tests expect, or feed in, was changed. */
export const expectationsChanged: TamperRule = {
  id: 'D4',
  clause: 'constitution §3 part 6, D4',
  severity: 'waivable',
  why: 'Code that gives a wrong answer passes once the test expects that answer.',
  mend: 'Keep the expectation and mend the code, or let the spec admit the change (admissions.changed_assertions).',
  examineFile: examine,
};
