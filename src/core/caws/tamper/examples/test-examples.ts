import { pathOf } from '../../change.js';
import type { FileFacts } from '../../file-facts.js';
import type { SyntaxFacts } from '../../syntax-facts.js';
import { isTestPath } from '../../test-path.js';
import type { ExampleNote } from '../tamper-rule.js';
import { literalsWithin, normaliseLiteral, splitTop } from './literal-text.js';

const notesPerFile = 500;

/** What the tests of a changed test file feed in and expect, from its new content, or its old one when it is deleted. */
export function noteExamples(facts: FileFacts): readonly ExampleNote[] {
  const file = pathOf(facts.file);
  if (!isTestPath(file)) return [];
  const syntax = facts.newSyntax ?? facts.oldSyntax;
  if (syntax === null) return [];
  return [...assertedExamples(syntax, file), ...tabledExamples(syntax, file)].slice(0, notesPerFile);
}

function assertedExamples(syntax: SyntaxFacts, file: string): ExampleNote[] {
  const fedIn = literalsFedIn(syntax);
  return syntax.assertions.slice(0, notesPerFile).flatMap((assertion) => {
    const expected = expectedOf(assertion.form, assertion.expected);
    if (expected.length === 0 || assertion.negated) return [];
    const direct = literalsWithin(assertion.subject);
    const inputs = direct.length > 0 ? direct : fedIn(assertion.test);
    return inputs.length === 0 ? [] : [{ file, line: assertion.line, inputs, expected }];
  });
}

function expectedOf(form: string, expected: readonly string[]): readonly string[] {
  const literals = expected.flatMap((text) => normaliseLiteral(text) ?? []);
  if (literals.length > 0) return literals;
  if (/true|ok$|assert$/i.test(form)) return ['true'];
  return /false/i.test(form) ? ['false'] : [];
}

const literalsPerTest = 100;

/** `const result = fib(10); expect(result).toBe(55)`: what the calls of the test were given, read when first asked. */
function literalsFedIn(syntax: SyntaxFacts): (test: number | null) => readonly string[] {
  let byTest: ReadonlyMap<number, readonly string[]> | null = null;
  return (test) => {
    if (test === null) return [];
    byTest ??= literalsByTest(syntax);
    return byTest.get(test) ?? [];
  };
}

function literalsByTest(syntax: SyntaxFacts): ReadonlyMap<number, readonly string[]> {
  const byTest = new Map<number, string[]>();
  for (const { test, callee, args } of syntax.calls) {
    if (test === null || /^(expect|assert|t\.|self\.assert)/.test(callee)) continue;
    const known = byTest.get(test) ?? [];
    if (known.length < literalsPerTest) known.push(...args.flatMap(literalsWithin));
    byTest.set(test, known);
  }
  return byTest;
}

/** Rows of `it.each([[5, 5], [10, 55]])` and of pytest's parametrize: the last value is the expected one. */
function tabledExamples(syntax: SyntaxFacts, file: string): ExampleNote[] {
  return syntax.tests.flatMap((test) => test.rowTexts.flatMap((row) => exampleOfRow(row, file, test.line) ?? []));
}

function exampleOfRow(row: string, file: string, line: number): ExampleNote | null {
  const cells = splitTop(row.replace(/^[[({]|[\])}]$/g, '')).map((cell) => cell.replace(/^[\w$]+\s*:\s*/, ''));
  const expected = normaliseLiteral(cells.at(-1) ?? '');
  const inputs = cells.slice(0, -1).flatMap(literalsWithin);
  return expected === null || inputs.length === 0 ? null : { file, line, inputs, expected: [expected] };
}
