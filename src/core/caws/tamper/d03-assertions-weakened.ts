import { pathOf } from '../change.js';
import type { FileFacts } from '../file-facts.js';
import { type Finding, findingOf } from '../finding.js';
import { isChangeAdmitted } from './admitted-tests.js';
import type { Meaning } from './assertions/assertion-meaning.js';
import { type ComparedUnit, compareTests } from './assertions/compare-tests.js';
import { compareSnapshots, isSnapshotPath } from './assertions/snapshot-entries.js';
import type { TamperContext, TamperRule } from './tamper-rule.js';

function examine(facts: FileFacts, context: TamperContext): readonly Finding[] {
  const path = pathOf(facts.file);
  if (isChangeAdmitted(context, path)) return [];
  return [...snapshots(facts, path), ...compareTests(facts).compared.flatMap((unit) => ofUnit(unit, path))];
}

function snapshots({ file, oldText, newText }: FileFacts, path: string): readonly Finding[] {
  if (oldText === null || !isSnapshotPath(path)) return [];
  if (newText === null) {
    return file.status === 'D' ? [findingOf(assertionsWeakened, 'the recorded snapshots were deleted', { path })] : [];
  }
  return compareSnapshots(oldText, newText).map(({ kind, name }) =>
    findingOf(assertionsWeakened, `the snapshot "${name}" was ${kind}`, { path }),
  );
}

function ofUnit(unit: ComparedUnit, path: string): readonly Finding[] {
  if (isOff(unit)) return [];
  const where = unit.old.name === '' ? 'outside the tests' : `in "${unit.old.name}"`;
  const fates = unit.fates.flatMap((fate) => {
    if (fate.kind === 'changed') return [];
    if (fate.kind === 'removed') {
      return [
        findingOf(assertionsWeakened, `an assertion ${where} is gone: ${show(fate.old)}`, {
          path,
          line: unit.now.line,
        }),
      ];
    }
    return [
      findingOf(assertionsWeakened, `an assertion ${where} was weakened: ${show(fate.old)}: ${fate.how}`, {
        path,
        line: fate.now.fact.line,
      }),
    ];
  });
  const rows = unit.rows
    .filter((row) => row.kind === 'removed')
    .map((row) =>
      findingOf(assertionsWeakened, `a row of ${where.replace(/^in /, '')} is gone: ${row.old}`, {
        path,
        line: unit.now.line,
      }),
    );
  const plan =
    unit.plan === null
      ? []
      : [findingOf(assertionsWeakened, `${where}, ${unit.plan.message}`, { path, line: unit.plan.line })];
  return [...fates, ...rows, ...plan];
}

/** A test that did not run before, and one that D1 or D2 speaks of: its assertions are not the news. */
function isOff({ old, now }: ComparedUnit): boolean {
  if (old.test?.modifiers.includes('skip') === true) return true;
  const fresh = now.test?.modifiers ?? [];
  return fresh.includes('never-called') || fresh.includes('early-return');
}

function show({ fact }: Meaning): string {
  const expected = fact.expected.length === 0 ? '' : ` ${fact.expected.join(', ')}`;
  const text = `${fact.form} of ${fact.subject}${expected}`;
  return text.length > 160 ? `${text.slice(0, 159)}…` : text;
}

/** D3: assertions of existing tests removed, weakened, put where they may not run, or recorded anew. */
export const assertionsWeakened: TamperRule = {
  id: 'D3',
  clause: 'constitution §3 part 6, D3',
  severity: 'waivable',
  why: 'A test that asks for less passes with code that does less.',
  mend: 'Ask for as much as before, or let the spec admit it (admissions.changed_assertions in .caws/arbiter.yaml).',
  examineFile: examine,
};
