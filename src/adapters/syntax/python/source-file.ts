import { argumentSpans, knotAt, type Span } from '../bracket-scan.js';
import type { DottedPath } from '../dotted-path.js';
import { createPrinter, type NormalPrinter } from '../normal-text.js';
import { childOf, type Knot, type SourceTree } from '../source-tree.js';
import { createWordCount, type LoopRows, type Surroundings } from '../surroundings.js';
import { splitAtCommas } from '../bracket-scan.js';
import { pythonTextKinds } from './kinds.js';
import { type PythonNames, readPythonNames } from './name-table.js';

/** One Python file while its facts are read. */
export interface PythonFile {
  readonly tree: SourceTree;
  readonly names: PythonNames;
  readonly print: NormalPrinter;
  /** By `Knot.index`; filled in the order of the knots. */
  readonly around: Surroundings[];
  readonly wordCount: (word: string) => number;
}

const maxRows = 500;
const maxStatements = 40;

export function openPython(tree: SourceTree): PythonFile {
  return {
    tree,
    names: readPythonNames(tree),
    print: createPrinter(tree, pythonTextKinds),
    around: [],
    wordCount: createWordCount(tree.text, tree.knots),
  };
}

/** An argument; `name` is that of a keyword argument, and `text` its value's. */
export interface PythonArgument {
  readonly name: string;
  readonly text: string;
  readonly span: Span;
  readonly list: Knot;
  readonly knot: Knot | undefined;
}

/** Arguments of a call in their order. */
export function pythonArguments(file: PythonFile, call: Knot): readonly PythonArgument[] {
  const list = childOf(call, 'argument_list');
  if (list === undefined) return [];
  return argumentSpans(file.tree, list).map((span) => {
    const raw = file.tree.text.slice(span.start, Math.min(span.end, span.start + 100));
    const keyword = /^([A-Za-z_]\w*)\s*=(?!=)\s*/.exec(raw);
    const value = { start: span.start + (keyword?.[0].length ?? 0), end: span.end };
    return { name: keyword?.[1] ?? '', text: file.print(value), span: value, list, knot: knotAt(list, value) };
  });
}

/** Arguments as `CallFact.args` has them. */
export function argumentTexts(args: readonly PythonArgument[]): string[] {
  return args.map((argument) => (argument.name === '' ? argument.text : `${argument.name}=${argument.text}`));
}

/** Statements of a block, one after another with `; `; comments and a docstring left out. */
export function blockText(file: PythonFile, block: Knot | undefined): string {
  if (block === undefined) return '';
  const statements = statementsOf(file, block);
  const text = statements
    .slice(0, maxStatements)
    .map((statement) => file.print(statement))
    .join('; ');
  return text.length <= 300 ? text : file.print(block).length < text.length ? file.print(block) : text.slice(0, 300);
}

/** Statements that do something: no comment, no docstring, no bare `...`. */
export function statementsOf(file: PythonFile, block: Knot): readonly Knot[] {
  return block.children.filter((child, index) => {
    if (child.kind === 'comment') return false;
    if (child.kind !== 'expression_statement') return true;
    const only = child.children[0];
    const isText = child.children.length === 1 && only?.start === child.start && only.end === child.end;
    if (isText && only.kind === 'string' && block.children.slice(0, index).every((it) => it.kind === 'comment'))
      return false;
    return file.tree.text.slice(child.start, child.end) !== '...';
  });
}

/** The condition's text of `if`, `elif` or `while`. */
export function conditionText(file: PythonFile, knot: Knot): string {
  const block = childOf(knot, 'block');
  const keyword = /^\w+/.exec(file.tree.text.slice(knot.start, knot.start + 10))?.[0] ?? '';
  const end = block?.start ?? knot.end;
  return file.print({ start: knot.start + keyword.length, end }).replace(/:$/, '');
}

/** Rows of a list or tuple that is written here or in a constant of this file. */
export function readPythonRows(file: PythonFile, knot: Knot, span: Span): LoopRows {
  const text = file.tree.text.slice(span.start, span.end).trimEnd();
  if (/^[[(][\s\S]*[\])]$/.test(text)) {
    const parts = splitAtCommas(file.tree, knot, { start: span.start + 1, end: span.start + text.length - 1 });
    const texts = parts.slice(0, maxRows).map((part) => file.print(part));
    const open = texts.some((row) => row.startsWith('*') || / for \w+ in /.test(row));
    return { rows: open ? null : parts.length, texts };
  }
  const constant = /^\w+$/.test(text) ? file.names.values.get(text) : undefined;
  if (constant === undefined || constant.knot === knot) return { rows: null, texts: [] };
  const value = file.tree.text.charAt(constant.span.start);
  return '[('.includes(value) ? readPythonRows(file, constant.knot, constant.span) : { rows: null, texts: [] };
}

/** The dotted name of a decorator, and its call when it is one. */
export function decoratorPath(
  file: PythonFile,
  decorator: Knot,
): { readonly path: DottedPath; readonly call: Knot | undefined } {
  const call = decorator.children.find((child) => child.kind === 'call' && child.end === decorator.end);
  if (call !== undefined) return { path: file.names.pathOfCall(call), call };
  return { path: file.names.pathIn(decorator, { start: decorator.start + 1, end: decorator.end }), call };
}
