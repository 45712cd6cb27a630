import { scanOutside, closingBracket, type Span } from './bracket-scan.js';
import type { Knot, SourceTree } from './source-tree.js';
import { foldConstant } from './string-literal.js';

/**
 * A name as segments: `expect(x).not["to" + "Be"]` is `expect`, `()`, `not`, `toBe`. A computed member that is no
 * constant is `[text]`. `disguised` when a computed member or an alias stood in it.
 */
export interface DottedPath {
  readonly segments: readonly string[];
  readonly disguised: boolean;
  /** What calling it gives, when that has a name: `require("node:process")` gives `process`. */
  readonly value?: readonly string[];
}

const maxSegments = 40;
const callKinds = new Set(['call_expression', 'new_expression', 'call']);
const identifier = /[\w$\u0080-\uffff]+/y;

/** Segments joined as `CallFact.callee` has them. */
export function joinPath(path: DottedPath): string {
  let text = '';
  for (const segment of path.segments) {
    if (text === '' || segment === '()' || segment.startsWith('[')) text += segment;
    else text += `.${segment}`;
  }
  return text;
}

interface Reading {
  readonly tree: SourceTree;
  readonly knot: Knot;
  readonly end: number;
  readonly constants: ReadonlyMap<string, string>;
  readonly segments: string[];
  disguised: boolean;
  at: number;
}

/**
 * Reads the name that stands in `span`, whose inner calls are children of `knot`. `pathOfCall` answers the paths of
 * calls, which must be known before. A head that is no name (a literal, a function) becomes one segment `<kind>`.
 */
export function readPath(
  tree: SourceTree,
  knot: Knot,
  span: Span,
  constants: ReadonlyMap<string, string>,
  pathOfCall: (call: Knot) => DottedPath | undefined,
): DottedPath {
  const reading: Reading = { tree, knot, end: span.end, constants, segments: [], disguised: false, at: span.start };
  readHead(reading, pathOfCall);
  while (reading.at < reading.end && reading.segments.length < maxSegments && readMember(reading)) {
    // Each turn reads one member.
  }
  return { segments: reading.segments.slice(0, maxSegments + 1), disguised: reading.disguised };
}

function readHead(reading: Reading, pathOfCall: (call: Knot) => DottedPath | undefined): void {
  skipBlank(reading);
  const { tree, knot } = reading;
  const child = knot.children.find((it) => it.start >= reading.at);
  if (child !== undefined && child.start === reading.at && child.end <= reading.end)
    return readHeadKnot(reading, child, pathOfCall);
  const first = tree.text.charAt(reading.at);
  if (first === '(') readParenthesised(reading, pathOfCall);
  else if (first === '[' || first === '{') {
    const close = closingBracket(tree, knot, reading.at);
    reading.segments.push(tree.text.slice(reading.at + 1, close).trim() === '' ? '<empty>' : '<literal>');
    reading.at = close + 1;
  } else reading.segments.push(readIdentifier(reading) ?? '<expression>');
}

/** A head that is a knot of its own: a call by its path, anything else by its kind. */
function readHeadKnot(reading: Reading, head: Knot, pathOfCall: (call: Knot) => DottedPath | undefined): void {
  reading.at = head.end;
  const call = head.kind === 'await_expression' || head.kind === 'await' ? head.children[0] : head;
  const inner = call !== undefined && callKinds.has(call.kind) ? pathOfCall(call) : undefined;
  if (inner === undefined) reading.segments.push(`<${head.kind}>`);
  else {
    reading.segments.push(...(inner.value ?? [...inner.segments, '()']));
    reading.disguised = inner.disguised;
  }
}

/** `(0, process.exit)` is its last part; of `(a ? it : it.skip)` both are kept, as `it` and the pseudo member `skipIf`. */
function readParenthesised(reading: Reading, pathOfCall: (call: Knot) => DottedPath | undefined): void {
  const { tree, knot, constants } = reading;
  const close = closingBracket(tree, knot, reading.at);
  let start = reading.at + 1;
  let depth = 0;
  scanOutside(tree, knot, { start, end: close }, (character, at) => {
    if ('([{'.includes(character)) depth += 1;
    else if (')]}'.includes(character)) depth -= 1;
    else if (character === ',' && depth === 0) start = at + 1;
    return false;
  });
  const choice = knot.children.find((it) => it.kind === 'ternary_expression' && it.start >= start && it.end <= close);
  if (choice !== undefined) {
    reading.segments.push(...choiceSegments(tree.text.slice(choice.start, choice.end)));
    reading.disguised = true;
  } else {
    const inner = readPath(tree, knot, { start, end: close }, constants, pathOfCall);
    reading.segments.push(...inner.segments);
    reading.disguised ||= inner.disguised || start > reading.at + 1;
  }
  reading.at = close + 1;
}

/** Of `cond ? it : it.skip`: the shorter name, with `skipIf` where one of the two has a member more. */
export function choiceSegments(text: string): readonly string[] {
  const parts = /^([\s\S]*?)\?\s*([\w$.]+)\s*:\s*([\w$.]+)\s*$/.exec(text);
  if (parts === null) return ['<choice>'];
  const [one = [], other = []] = [parts[2], parts[3]].map((part) => part?.split('.') ?? []);
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  const related = short[0] === long[0] || /^[xf]/.test(long[0] ?? '');
  return related ? [...short, 'skipIf', '()'] : ['<choice>'];
}

function readMember(reading: Reading): boolean {
  skipBlank(reading);
  const { tree } = reading;
  const character = tree.text.charAt(reading.at);
  if (character === '!') {
    reading.at += 1;
    return true;
  }
  if (character === '<') return false;
  if (character === '?' && tree.text.charAt(reading.at + 1) === '.') reading.at += 2;
  else if (character === '.') reading.at += 1;
  else if (character !== '[') return false;
  skipBlank(reading);
  if (tree.text.charAt(reading.at) === '[') {
    readComputedMember(reading);
    return true;
  }
  if (tree.text.charAt(reading.at) === '#') reading.at += 1;
  const name = readIdentifier(reading);
  if (name === null) return false;
  reading.segments.push(name);
  return true;
}

function readComputedMember(reading: Reading): void {
  const { tree, knot, constants } = reading;
  const close = closingBracket(tree, knot, reading.at);
  const inner = tree.text.slice(reading.at + 1, close);
  reading.segments.push(foldConstant(inner, constants) ?? `[${inner.slice(0, 100).trim().replace(/\s+/g, ' ')}]`);
  // A numeric index or a plain variable in brackets is no disguise of a name.
  reading.disguised ||= /["'`]/.test(inner) || constants.has(inner.trim());
  reading.at = close + 1;
}

function readIdentifier(reading: Reading): string | null {
  identifier.lastIndex = reading.at;
  const found = identifier.exec(reading.tree.text);
  if (found === null || found.index + found[0].length > reading.end) return null;
  reading.at += found[0].length;
  return found[0];
}

function skipBlank(reading: Reading): void {
  for (;;) {
    while (reading.at < reading.end && /\s/.test(reading.tree.text.charAt(reading.at))) reading.at += 1;
    const at = reading.at;
    const comment = reading.knot.children.find((child) => child.start >= at);
    if (comment === undefined || comment.start !== at || comment.kind !== 'comment') return;
    reading.at = comment.end;
  }
}
