import type { ConditionFact } from '../../../core/caws/syntax-facts.js';
import { closingBracket, scanOutside, type Span } from '../bracket-scan.js';
import { identifiersIn, literalsIn } from '../literal-text.js';
import type { Knot } from '../source-tree.js';
import { questionMark, type SourceFile } from './source-file.js';

/** The condition of an `if`, `while`, ternary or `case`; null for any other knot. A `case` reads as `subject === value`. */
export function readCondition(file: SourceFile, knot: Knot, functionName: string | null): ConditionFact | null {
  const text = conditionText(file, knot);
  if (text === null) return null;
  return {
    line: knot.line,
    text,
    identifiers: identifiersIn(text),
    literals: literalsIn(text),
    functionName,
    ...consequenceOf(file, knot),
  };
}

function conditionText(file: SourceFile, knot: Knot): string | null {
  switch (knot.kind) {
    case 'if_statement':
    case 'while_statement':
      return file.print(file.conditionOf(knot));
    case 'ternary_expression':
      return file.print(file.conditionOf(knot));
    case 'switch_case':
      return caseText(file, knot);
    default:
      return null;
  }
}

function caseText(file: SourceFile, knot: Knot): string {
  const subject = knot.parent?.kind === 'switch_statement' ? file.print(file.conditionOf(knot.parent)) : '';
  return `${subject} === ${file.print({ start: knot.start + 'case'.length, end: caseColon(file, knot) })}`;
}

function caseColon(file: SourceFile, knot: Knot): number {
  let depth = 0;
  return scanOutside(file.tree, knot, knot, (character) => {
    if ('([{'.includes(character)) depth += 1;
    else if (')]}'.includes(character)) depth -= 1;
    return character === ':' && depth === 0;
  });
}

function consequenceOf(file: SourceFile, knot: Knot): Pick<ConditionFact, 'consequence' | 'consequenceText'> {
  if (knot.kind === 'ternary_expression') {
    const start = questionMark(file.tree, knot) + 1;
    return { consequence: 'return', consequenceText: file.print({ start, end: ternaryColon(file, knot, start) }) };
  }
  const first = firstStatement(file, knot);
  if (first === undefined) return { consequence: 'other', consequenceText: '' };
  const text = file.print(first);
  if (first.kind === 'return_statement')
    return { consequence: 'return', consequenceText: text.replace(/^return ?/, '') };
  return { consequence: first.kind === 'throw_statement' ? 'throw' : 'other', consequenceText: text };
}

function ternaryColon(file: SourceFile, knot: Knot, start: number): number {
  let at = start;
  while (at < knot.end) {
    const span: Span = { start: at, end: knot.end };
    const found = scanOutside(file.tree, knot, span, (character) => '([{:'.includes(character));
    if (found >= knot.end || file.tree.text.charAt(found) === ':') return found;
    at = closingBracket(file.tree, knot, found) + 1;
  }
  return knot.end;
}

function firstStatement(file: SourceFile, knot: Knot): Knot | undefined {
  const after = knot.kind === 'switch_case' ? caseColon(file, knot) : file.conditionOf(knot).end;
  const body = knot.children.find((child) => child.start >= after && child.kind !== 'comment');
  return body?.kind === 'statement_block' ? body.children.find((child) => child.kind !== 'comment') : body;
}
