import type { AssignmentFact, SyntaxFacts } from '../../syntax-facts.js';
import type { Meaning } from './assertion-meaning.js';
import type { Unit } from './pair-tests.js';
import { isLiteral } from './subjects.js';

/** What names stand for in the old and the new file. */
export interface Lookup {
  /** The one value of a name in the new file, null when it has none or several. */
  readonly valueOf: (name: string) => string | null;
  /** Says so when what is examined was computed before and is a fixed value now; null otherwise. */
  readonly fixedSubject: (old: Meaning, now: Meaning) => string | null;
  /** Says so when a name among the expected values stood for another literal before; null otherwise. */
  readonly changedConstant: (old: Meaning, now: Meaning) => string | null;
}

/** A lookup for one pair of tests. */
export function lookupFor(before: SyntaxFacts, after: SyntaxFacts, old: Unit, unit: Unit): Lookup {
  return {
    valueOf: (name) => onlyValue(after.assignments.filter((it) => it.target === name)),
    changedConstant: (oldMeaning, now) => {
      for (const [index, name] of oldMeaning.expected.entries()) {
        const was = constantIn(before, name, old);
        const is = constantIn(after, now.expected[index] ?? name, unit);
        if (was !== null && is !== null && was !== is) return `"${name}" was ${was} and is now ${is}`;
      }
      return null;
    },
    fixedSubject: (oldMeaning, now) => {
      if (!/^[A-Za-z_$][\w$]*$/.test(now.subject)) return null;
      const was = onlyValue(within(before.assignments, oldMeaning.subject, old));
      const is = onlyValue(within(after.assignments, now.subject, unit));
      if (was === null || is === null || isLiteral(was) || !isLiteral(is)) return null;
      return `"${now.subject}" was ${was} and is now the fixed value ${is}`;
    },
  };
}

/** The literal that a bare name stands for: the test's own, else the only one of the file's top. */
function constantIn(syntax: SyntaxFacts, name: string, unit: Unit): string | null {
  if (!/^[A-Za-z_$][\w$]*$/.test(name) || isLiteral(name)) return null;
  const set = syntax.assignments.filter((it) => it.target === name);
  const own = set.filter((it) => it.line >= unit.line && it.line <= unit.endLine);
  const value = onlyValue(own.length > 0 ? own : set.filter((it) => it.moduleLevel))?.replace(/ as const$/, '');
  return value !== undefined && isLiteral(value) ? value : null;
}

function within(assignments: readonly AssignmentFact[], name: string, unit: Unit): readonly AssignmentFact[] {
  return assignments.filter((it) => it.target === name && it.line >= unit.line && it.line <= unit.endLine);
}

function onlyValue(assignments: readonly AssignmentFact[]): string | null {
  const first = assignments[0];
  return first !== undefined && assignments.length === 1 ? first.value : null;
}

/** True when `name` is a name for just this literal. */
export function isConstantOf(lookup: Lookup, name: string, literal: string): boolean {
  return /^[A-Za-z_$][\w$.]*$/.test(name) && lookup.valueOf(name)?.replace(/ as const$/, '') === literal;
}
