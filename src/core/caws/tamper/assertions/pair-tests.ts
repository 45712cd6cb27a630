import type { AssertionFact, AssignmentFact, SyntaxFacts, TestFact } from '../../syntax-facts.js';
import { keyOf, type Meaning, meaningOf } from './assertion-meaning.js';
import { holdsRow } from './row-literals.js';

/** A test or a function with assertions of its own (a hook, a helper), as the unit that is compared. */
export interface Unit {
  readonly name: string;
  readonly test: TestFact | null;
  readonly line: number;
  readonly endLine: number;
  readonly meanings: readonly Meaning[];
}

export interface PairedUnits {
  readonly pairs: readonly (readonly [Unit, Unit])[];
  readonly lost: readonly Unit[];
  readonly gained: readonly Unit[];
}

/** Name of a test as reports have it: `suite > title`. */
export function testName(test: TestFact): string {
  return [...test.path, test.title].join(' > ');
}

/** Tests in their order, each with its assertions. */
export function unitsOfTests(syntax: SyntaxFacts): readonly Unit[] {
  const kept = testUnits.get(syntax);
  if (kept !== undefined) return kept;
  const made = makeTestUnits(syntax);
  testUnits.set(syntax, made);
  return made;
}

// Several rules ask for the tests of one file.
const testUnits = new WeakMap<SyntaxFacts, readonly Unit[]>();
const helperUnits = new WeakMap<SyntaxFacts, readonly Unit[]>();

function makeTestUnits(syntax: SyntaxFacts): readonly Unit[] {
  const source = sourcesOf(syntax);
  const meanings = new Map<number, Meaning[]>();
  for (const fact of syntax.assertions) {
    if (fact.test === null) continue;
    const list = meanings.get(fact.test) ?? [];
    list.push(meaningOf(fact, source(fact)));
    meanings.set(fact.test, list);
  }
  return syntax.tests.flatMap((test, index) =>
    test.kind === 'test'
      ? [{ name: testName(test), test, line: test.line, endLine: test.endLine, meanings: meanings.get(index) ?? [] }]
      : [],
  );
}

/** The subject with the variable that it starts with replaced by what that was set to, in the test or at the top. */
function sourcesOf(syntax: SyntaxFacts): (fact: AssertionFact) => string {
  const byTarget = new Map<string, AssignmentFact[]>();
  for (const assignment of syntax.assignments) {
    const list = byTarget.get(assignment.target);
    if (list === undefined) byTarget.set(assignment.target, [assignment]);
    else list.push(assignment);
  }
  return (fact) => {
    const root = /^[A-Za-z_$][\w$]*(?=$|[.[])/.exec(fact.subject)?.[0];
    const test = fact.test === null ? undefined : syntax.tests[fact.test];
    if (root === undefined || test === undefined) return fact.subject;
    const set = (byTarget.get(root) ?? []).filter((it) => it.line >= test.line && it.line <= test.endLine);
    const value = set.length === 1 ? set[0]?.value.replace(/^await /, '') : undefined;
    return value === undefined || value.length > 200 ? fact.subject : value + fact.subject.slice(root.length);
  };
}

/** Functions outside tests that assert; what asserts in no function at all stands under the empty name. */
export function unitsOfHelpers(syntax: SyntaxFacts): readonly Unit[] {
  const kept = helperUnits.get(syntax);
  if (kept !== undefined) return kept;
  const made = makeHelperUnits(syntax);
  helperUnits.set(syntax, made);
  return made;
}

function makeHelperUnits(syntax: SyntaxFacts): readonly Unit[] {
  const found = new Map<string, Meaning[]>();
  for (const fact of syntax.assertions) {
    if (fact.test !== null && syntax.tests[fact.test]?.kind === 'test') continue;
    const name = fact.functionName ?? '';
    found.set(name, [...(found.get(name) ?? []), meaningOf(fact, fact.subject)]);
  }
  return [...found].map(([name, meanings]) => {
    const lines = meanings.map((meaning) => meaning.fact.line);
    return { name, test: null, line: Math.min(...lines), endLine: Math.max(...lines), meanings };
  });
}

/**
 * Pairs old tests with new ones: by full name, then by title where a suite was renamed, then by what they assert where
 * the test itself was renamed. Each is paired once; what is left was lost or gained.
 */
export function pairUnits(before: readonly Unit[], after: readonly Unit[]): PairedUnits {
  const pairs: [Unit, Unit][] = [];
  let lost = [...before];
  let gained = [...after];
  const take = (same: (one: Unit, other: Unit) => boolean): void => {
    const left: Unit[] = [];
    for (const old of lost) {
      const at = gained.findIndex((unit) => same(old, unit));
      const found = gained[at];
      if (found === undefined) left.push(old);
      else {
        pairs.push([old, found]);
        gained = gained.filter((_, index) => index !== at);
      }
    }
    lost = left;
  };
  takeByName(
    lost,
    gained,
    pairs,
    (unit) => unit.name,
    (rest) => ([lost, gained] = rest),
  );
  takeByName(
    lost,
    gained,
    pairs,
    (unit) => unit.test?.title ?? unit.name,
    (rest) => ([lost, gained] = rest),
  );
  // Beyond this many, names alone decide: comparing all with all would cost their product.
  if (lost.length * gained.length <= 10_000) {
    const keys = new Map([...lost, ...gained].map((unit) => [unit, new Set(unit.meanings.map(keyOf))]));
    take((old, unit) => isRenamed(old, unit, keys));
  }
  return { pairs, lost, gained };
}

function takeByName(
  lost: readonly Unit[],
  gained: readonly Unit[],
  pairs: [Unit, Unit][],
  nameOf: (unit: Unit) => string,
  settle: (rest: [Unit[], Unit[]]) => void,
): void {
  const byName = new Map<string, Unit[]>();
  for (const unit of gained) {
    const twins = byName.get(nameOf(unit));
    if (twins === undefined) byName.set(nameOf(unit), [unit]);
    else twins.push(unit);
  }
  const left: Unit[] = [];
  const taken = new Set<Unit>();
  for (const old of lost) {
    const found = byName.get(nameOf(old))?.shift();
    if (found === undefined) left.push(old);
    else {
      pairs.push([old, found]);
      taken.add(found);
    }
  }
  settle([left, gained.filter((unit) => !taken.has(unit))]);
}

/** More than half of the assertions are the same ones, or the only one is and asserts something. */
function isRenamed(old: Unit, unit: Unit, keys: ReadonlyMap<Unit, ReadonlySet<string>>): boolean {
  const theirs = keys.get(unit);
  const rows = old.test?.rowTexts ?? [];
  if (rows.length > 0 && rows.every((row) => unit.test?.rowTexts.some((other) => holdsRow(other, row)) === true))
    return true;
  const strong = old.meanings.filter((meaning) => meaning.strength > 0);
  if (theirs === undefined || strong.length === 0) return false;
  const shared = strong.filter((meaning) => theirs.has(keyOf(meaning))).length;
  return shared > 0 && shared * 2 >= strong.length;
}
