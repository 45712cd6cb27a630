import type { Guard, TestFact } from '../../../core/caws/syntax-facts.js';
import type { Knot } from '../source-tree.js';
import type { PythonDraft } from './read-test.js';
import type { Reading } from './reading.js';

/** Of two definitions of one name the later wins; a name given another value or deleted is no test any more. */
export function markShadowed(reading: Reading): void {
  const last = new Map<string, number>();
  reading.facts.tests.forEach((test, index) => last.set(JSON.stringify([...test.path, test.title]), index));
  reading.facts.tests.forEach((test, index) => {
    const shadowed = last.get(JSON.stringify([...test.path, test.title])) !== index;
    const unset = reading.facts.assignments.some(
      (it) => it.moduleLevel && it.target === test.title && it.line > test.endLine && test.path.length === 0,
    );
    if ((shadowed && !test.modifiers.has('skipif')) || unset) test.modifiers.add('never-called');
  });
}

/** Makes the fact of a draft, when the whole file is read. A return before any assertion is an early one. */
export function settlePythonTest(reading: Reading, draft: PythonDraft, index: number): TestFact {
  const { body, modifiers, conditions, ...rest } = draft;
  const firstAssertion = reading.assertionStarts.get(index) ?? Number.POSITIVE_INFINITY;
  const exit = body === undefined ? undefined : earlyExit(reading, body, firstAssertion);
  if (exit !== undefined && draft.kind === 'test' && !modifiers.has('skip')) {
    modifiers.add(exit === 'after-return' ? 'early-return' : 'skipif');
  }
  if (body !== undefined && draft.kind === 'test' && isIdle(reading, body)) modifiers.add('unreachable');
  return { ...rest, modifiers: [...modifiers].sort(), conditions };
}

/** A generator, and a coroutine that waits for nothing: pytest makes the object and never runs it. */
function isIdle(reading: Reading, body: Knot): boolean {
  const { file } = reading;
  const definition = body.parent;
  const own = file.tree.knots.slice(body.index + 1).filter((knot) => knot.start < body.end);
  const inside = own.filter((knot) => file.around[knot.index]?.fn === definition);
  const text = (knot: Knot) => file.tree.text.slice(knot.start, Math.min(knot.end, knot.start + 200));
  if (inside.some((knot) => knot.kind === 'expression_statement' && /^(\w+\s*=\s*)?yield\b/.test(text(knot))))
    return true;
  const isAsync = definition !== null && /^async\b/.test(text(definition));
  return isAsync && !/\b(await|async (with|for))\b/.test(file.tree.text.slice(body.start, body.end));
}

/** The way out of a body that stands before its first assertion and is not its end; undefined when there is none. */
function earlyExit(reading: Reading, body: Knot, firstAssertion: number): Guard | undefined {
  const exitStart = reading.exitStarts.get(body);
  const last = body.children.findLast((child) => child.kind !== 'comment');
  if (exitStart === undefined || last === undefined) return undefined;
  return exitStart < firstAssertion && last.start > exitStart ? reading.exits.get(body) : undefined;
}
