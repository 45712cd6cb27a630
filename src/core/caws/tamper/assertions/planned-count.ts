import type { SyntaxFacts } from '../../syntax-facts.js';
import type { Unit } from './pair-tests.js';

/** A promised number of assertions that fell or went. */
export interface PlanFate {
  readonly message: string;
  readonly line: number;
}

/**
 * Compares `expect.assertions(n)`, `expect.hasAssertions()` and `t.plan(n)`. They guard assertions that may be passed
 * by; where none of the test's assertions can be, doing without them weakens nothing.
 */
export function comparePlans(old: Unit, now: Unit, before: SyntaxFacts, after: SyntaxFacts): PlanFate | null {
  const [was, is] = [planOf(before, old), planOf(after, now)];
  if (was === null) return null;
  if (is === null) {
    const mayBePassed =
      now.meanings.some((meaning) => meaning.fact.guard !== null || (meaning.fact.promised && !meaning.fact.awaited)) ||
      now.meanings.length < old.meanings.length;
    return mayBePassed ? { message: `"${was.text}" is gone`, line: now.line } : null;
  }
  if (is.count >= was.count) return null;
  return { message: `"${was.text}" became "${is.text}"`, line: is.line };
}

function planOf(
  syntax: SyntaxFacts,
  unit: Unit,
): { readonly text: string; readonly count: number; readonly line: number } | null {
  const call = syntax.calls.find(
    (it) =>
      it.line >= unit.line &&
      it.line <= unit.endLine &&
      (/^expect\.(assertions|hasAssertions)$/.test(it.callee) || /^\w+\.plan$/.test(it.callee)),
  );
  if (call === undefined) return null;
  const count = call.callee.endsWith('hasAssertions') ? 1 : Number(call.args[0] ?? 'NaN');
  return Number.isNaN(count) ? null : { text: `${call.callee}(${call.args[0] ?? ''})`, count, line: call.line };
}
