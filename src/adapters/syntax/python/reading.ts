import type { Guard, SyntaxFacts } from '../../../core/caws/syntax-facts.js';
import type { Knot } from '../source-tree.js';
import type { Surroundings } from '../surroundings.js';
import type { PythonDraft } from './read-test.js';
import type { PythonFile } from './source-file.js';

/** Suites nested deeper than this share a path. */
const maxPath = 40;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] extends readonly (infer Item)[] ? Item[] : T[Key] };

/** What is known of a file while its knots are read, outer before inner. */
export interface Reading {
  readonly file: PythonFile;
  readonly facts: Omit<Mutable<SyntaxFacts>, 'tests' | 'errorLines'> & { tests: PythonDraft[]; errorLines: number[] };
  readonly bodies: Map<Knot, number>;
  readonly exits: Map<Knot, Guard>;
  readonly exitStarts: Map<Knot, number>;
  readonly assertionStarts: Map<number, number>;
}

/** Titles of the suites around a test, outer first. */
export function pathAround(tests: readonly PythonDraft[], around: Surroundings): readonly string[] {
  const parent = around.test === null ? undefined : tests[around.test];
  return parent === undefined ? [] : [...parent.path.slice(0, maxPath), parent.title];
}

/** Adds an assertion, and remembers where the first of each test starts. */
export function noteAssertion(reading: Reading, knot: Knot, fact: SyntaxFacts['assertions'][number]): void {
  reading.facts.assertions.push(fact);
  if (fact.test !== null && !reading.assertionStarts.has(fact.test)) reading.assertionStarts.set(fact.test, knot.start);
}

/** A skip at the head of a test skips it; one at the top of a module skips all, and stands as a suite of its own. */
export function noteSkip(
  reading: Reading,
  call: Knot,
  skip: { modifier: string; condition: string },
  around: Surroundings,
): void {
  const { tests } = reading.facts;
  const draft = around.test === null ? undefined : tests[around.test];
  if (draft === undefined && around.fn !== null && !runsByItself(reading, around.fn)) return;
  const target =
    draft ?? tests.find((test) => test.kind === 'suite' && test.title === around.owner) ?? moduleSuite(reading, call);
  const free = around.guard === null;
  target.modifiers.add(free || skip.modifier === 'skipif' ? skip.modifier : 'skipif');
  if (!free || skip.condition !== '') target.conditions.push(skip.condition || around.condition);
}

const hook = /\bdef\s+(setUp|setUpClass|setUpModule|setup|setup_(method|class|module|function))\b/;

/** True for a set-up function and for a fixture that every test gets. */
function runsByItself(reading: Reading, fn: Knot): boolean {
  const { text } = reading.file.tree;
  const holder = fn.parent?.kind === 'decorated_definition' ? fn.parent : fn;
  const head = text.slice(holder.start, Math.min(fn.start + 200, fn.end));
  return hook.test(head) || /\bautouse\s*=\s*True/.test(text.slice(holder.start, fn.start));
}

/** The suite that stands for the module itself; made when it is first asked for. */
export function moduleSuite(reading: Reading, knot: Knot): PythonDraft {
  const { tests } = reading.facts;
  const known = tests.find((test) => test.title === '<module>');
  if (known !== undefined) return known;
  const made: PythonDraft = {
    kind: 'suite',
    path: [],
    title: '<module>',
    line: knot.line,
    endLine: knot.endLine,
    modifiers: new Set(),
    conditions: [],
    rows: null,
    rowTexts: [],
    parametrised: false,
    emptyBody: false,
    body: undefined,
  };
  tests.push(made);
  return made;
}
