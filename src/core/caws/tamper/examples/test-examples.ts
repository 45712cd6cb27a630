import { pathOf } from '../../change.js';
import type { FileFacts } from '../../file-facts.js';
import type { SyntaxFacts } from '../../syntax-facts.js';
import { isTestPath } from '../../test-path.js';
import type { ExampleNote } from '../tamper-rule.js';
import { literalsWithin, normaliseLiteral, splitTop } from './literal-text.js';

const notesPerFile = 500;

/** What the tests of a changed test file feed in and expect, from its old and its new content. */
export function noteExamples(facts: FileFacts): readonly ExampleNote[] {
  const file = pathOf(facts.file);
  if (!isTestPath(file)) return [];
  const sides = [facts.newSyntax, facts.oldSyntax].flatMap((syntax) => (syntax === null ? [] : [syntax]));
  return sides
    .flatMap((syntax) => [...assertedExamples(syntax, file), ...tabledExamples(syntax, file)])
    .slice(0, notesPerFile);
}

function assertedExamples(syntax: SyntaxFacts, file: string): ExampleNote[] {
  return syntax.assertions.flatMap((assertion) => {
    const expected = expectedOf(assertion.form, assertion.expected);
    if (expected.length === 0 || assertion.negated) return [];
    const direct = literalsWithin(assertion.subject);
    const inputs = direct.length > 0 ? direct : literalsFedIn(syntax, assertion.test, assertion.line);
    return inputs.length === 0 ? [] : [{ file, line: assertion.line, inputs, expected }];
  });
}

function expectedOf(form: string, expected: readonly string[]): readonly string[] {
  const literals = expected.flatMap((text) => normaliseLiteral(text) ?? []);
  if (literals.length > 0) return literals;
  if (/true|ok$|assert$/i.test(form)) return ['true'];
  return /false/i.test(form) ? ['false'] : [];
}

/** `const result = fib(10); expect(result).toBe(55)`: what the calls before the assertion were given. */
function literalsFedIn(syntax: SyntaxFacts, test: number | null, line: number): readonly string[] {
  if (test === null) return [];
  return syntax.calls
    .filter((call) => call.test === test && call.line <= line && !/^(expect|assert|t\.|self\.assert)/.test(call.callee))
    .flatMap((call) => call.args.flatMap(literalsWithin));
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
