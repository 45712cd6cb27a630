import { argumentSpans, closingBracket, knotAt, scanOutside, type Span } from '../bracket-scan.js';
import { createPrinter, type NormalPrinter } from '../normal-text.js';
import type { Knot, SourceTree } from '../source-tree.js';
import { createWordCount, type Surroundings } from '../surroundings.js';
import { functionKinds, textKinds } from './kinds.js';
import { argumentList, type NameTable, readNames } from './name-table.js';

/** One JavaScript or TypeScript file while its facts are read. */
export interface SourceFile {
  readonly tree: SourceTree;
  readonly names: NameTable;
  readonly print: NormalPrinter;
  /** By `Knot.index`; filled in the order of the knots. */
  readonly around: Surroundings[];
  readonly wordCount: (word: string) => number;
  /** Where the condition of an `if`, `while`, `switch` or ternary stands, its parentheses left out. */
  readonly conditionOf: (knot: Knot) => Span;
}

/** Prepares names and texts of a tree. */
export function openSource(tree: SourceTree): SourceFile {
  const conditions = new Map<Knot, Span>();
  return {
    tree,
    names: readNames(tree),
    print: createPrinter(tree, textKinds),
    around: [],
    wordCount: createWordCount(tree.text, tree.knots),
    conditionOf: (knot) => {
      const known = conditions.get(knot) ?? conditionSpan(tree, knot);
      conditions.set(knot, known);
      return known;
    },
  };
}

function conditionSpan(tree: SourceTree, knot: Knot): Span {
  if (knot.kind === 'ternary_expression') return { start: knot.start, end: questionMark(tree, knot) };
  const open = scanOutside(tree, knot, knot, (character) => character === '(');
  return { start: open + 1, end: closingBracket(tree, knot, open) };
}

/** Offset of the `?` of a ternary. */
export function questionMark(tree: SourceTree, knot: Knot): number {
  const { text } = tree;
  return scanOutside(tree, knot, knot, (character, at) => {
    return character === '?' && !'.?'.includes(text.charAt(at + 1)) && text.charAt(at - 1) !== '?';
  });
}

export interface Argument {
  readonly span: Span;
  readonly list: Knot;
  /** The knot that is the whole argument, when there is one. */
  readonly knot: Knot | undefined;
}

/** Arguments of a call; none for a tagged template. */
export function argumentsOf(file: SourceFile, call: Knot): readonly Argument[] {
  const list = argumentList(call);
  if (list?.kind !== 'arguments') return [];
  return argumentSpans(file.tree, list).map((span) => ({ span, list, knot: knotAt(list, span) }));
}

/** The function among the arguments, the last one when there are several. */
export function functionArgument(args: readonly Argument[]): Knot | undefined {
  return args.findLast((argument) => argument.knot !== undefined && functionKinds.has(argument.knot.kind))?.knot;
}

export function isFunction(knot: Knot): boolean {
  return functionKinds.has(knot.kind);
}

/** The block of a function, undefined for a concise arrow. */
export function bodyOf(fn: Knot): Knot | undefined {
  return fn.children.findLast((child) => child.kind === 'statement_block' && child.end === fn.end);
}

/** The text inside a function's braces, or the expression of a concise arrow. */
export function bodySpan(file: SourceFile, fn: Knot): Span {
  const body = bodyOf(fn);
  if (body !== undefined) return { start: body.start + 1, end: body.end - 1 };
  const parameters = fn.children.find((child) => child.kind === 'formal_parameters');
  const arrow = file.tree.text.indexOf('=>', parameters?.end ?? fn.start);
  return { start: arrow < 0 || arrow >= fn.end ? fn.end : arrow + 2, end: fn.end };
}
