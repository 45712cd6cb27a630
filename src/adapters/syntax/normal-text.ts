import type { Span } from './bracket-scan.js';
import type { Knot, SourceTree } from './source-tree.js';
import { normalString } from './string-literal.js';

const maxLength = 300;
const keptLength = 280;
/** A function longer than this inside a text shows its head only. */
const longFunction = 300;
/** Beyond this many characters of source the rest enters by its hash alone. */
const maxPrinted = 2000;
/** What one file may print in all; nested calls print again what they hold, and past this only their heads. */
const maxPrintedOfFile = 4_000_000;
const printedPastMax = 100;

const token =
  /\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?\w*|[\w$\u0080-\uffff]+|===|!==|=>|==|!=|<=|>=|&&|\|\||\?\?|\?\.|\.\.\.|\*\*|\+\+|--|->|:=|[^\s]/g;
const spaced = new Set('=== !== == != <= >= && || ?? => -> := = + - * / % ? < > | & ^ **'.split(' '));
const wordlike = /[\w$\u0080-\uffff"'`]$/;
const closer = /[)\]}"'`\w$\u0080-\uffff]$/;
const keyword =
  /^(?:in|of|and|or|not|is|return|if|elif|else|while|for|case|switch|assert|await|yield|async|with|except)$/;
const keywordBeforeSign =
  /(?:^|[^\w$])(?:return|case|typeof|in|of|and|or|not|if|else|yield|await|void|delete|lambda|throw)$/;

/** Kinds of the knots that are printed as they stand, and of those whose long bodies are left out. */
export interface TextKinds {
  readonly strings: ReadonlySet<string>;
  readonly verbatim: ReadonlySet<string>;
  readonly functions: ReadonlySet<string>;
  /** Kind of a function's braced or indented body. */
  readonly bodies: ReadonlySet<string>;
}

/** Prints parts of one tree in the normal form that `SyntaxFacts` promises. */
export type NormalPrinter = (span: Span) => string;

/** A printer over the tree. Printing a span costs what lies in it, at most `maxPrinted` characters. */
export function createPrinter(tree: SourceTree, kinds: TextKinds): NormalPrinter {
  const marks = tree.knots.filter((knot) => isMark(knot, kinds));
  let printed = 0;
  return (span) => {
    const limit = printed > maxPrintedOfFile ? printedPastMax : maxPrinted;
    const whole = span.end - span.start <= limit;
    const end = whole ? span.end : span.start + limit;
    printed += span.end - span.start;
    const text = printSpan(tree, kinds, marks, { start: span.start, end });
    return whole ? cutText(text, text) : `${flat(text.slice(0, keptLength))}…${hashOfSpan(tree, span, limit)}`;
  };
}

function printSpan(tree: SourceTree, kinds: TextKinds, marks: readonly Knot[], { start, end }: Span): string {
  const line = createLine();
  let at = start;
  for (let next = firstFrom(marks, at); at < end; next += 1) {
    const mark = marks[next];
    if (mark === undefined || mark.start >= end) {
      line.code(tree.text.slice(at, end));
      break;
    }
    const isAround = mark.start === start && kinds.functions.has(mark.kind) && mark.end > end;
    if (mark.start < at || isAround) continue;
    line.code(tree.text.slice(at, mark.start));
    at = printMark(tree, kinds, mark, line);
  }
  return line.done();
}

/** A knot that is not printed as the code around it is. */
function isMark(knot: Knot, kinds: TextKinds): boolean {
  if (knot.kind === 'comment' || kinds.strings.has(knot.kind) || kinds.verbatim.has(knot.kind)) return true;
  return kinds.functions.has(knot.kind) && knot.end - knot.start > longFunction;
}

/** Prints one marked knot and answers where to go on. */
function printMark(tree: SourceTree, kinds: TextKinds, mark: Knot, line: Line): number {
  if (mark.kind === 'comment') return mark.end;
  const raw = tree.text.slice(mark.start, mark.end);
  if (kinds.strings.has(mark.kind)) line.word(normalString(raw));
  else if (kinds.verbatim.has(mark.kind)) line.word(raw);
  else {
    const body = mark.children.find((child) => kinds.bodies.has(child.kind));
    const head = tree.text.slice(mark.start, body?.start ?? mark.start);
    line.code(head.length > longFunction ? head.slice(0, longFunction) : head);
    line.word('{…}');
  }
  return mark.end;
}

function firstFrom(marks: readonly Knot[], start: number): number {
  let low = 0;
  let high = marks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((marks[middle]?.start ?? 0) < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

interface Line {
  /** Appends source that holds no string and no comment. */
  code(text: string): void;
  /** Appends one unit as it is. */
  word(text: string): void;
  done(): string;
}

function createLine(): Line {
  let out = '';
  let last = '';
  const put = (text: string): void => {
    if (dropsSeparator(last, text)) out = out.slice(0, -1);
    else if (text === ':') out = unquoteKey(out);
    out += needsBlank(out, last, text) ? ` ${text}` : text;
    last = spaced.has(text) && !isBinary(out, text) ? '' : text;
  };
  return {
    code: (text) => {
      // `98_765` is 98765.
      for (const found of text.match(token) ?? []) put(/^\d[^.]*_/.test(found) ? found.replaceAll('_', '') : found);
    },
    word: put,
    done: () => {
      const trimmed = out.replace(/[;,]$/, '');
      return trimmed.includes('=>') ? trimmed.replace(/(^|[^\w$)\]])\(([\w$]+)\) =>/g, '$1$2 =>') : trimmed;
    },
  };
}

function closes(text: string): boolean {
  return text === ')' || text === ']' || text === '}';
}

/** A comma before a closing bracket says nothing, nor does a semicolon before a brace. */
function dropsSeparator(last: string, text: string): boolean {
  return (last === ',' && closes(text)) || (last === ';' && text === '}');
}

/** `{"a": 1}` and `{a: 1}` are one key. */
function unquoteKey(out: string): string {
  return out.endsWith('"') ? out.replace(/([{,] ?)"([A-Za-z_$][\w$]*)"$/, '$1$2') : out;
}

function needsBlank(out: string, last: string, text: string): boolean {
  if (out === '') return false;
  if (last === ',' || last === ':' || last === ';') return !closes(text);
  if (spaced.has(last)) return true;
  if (spaced.has(text)) return isBinary(`${out} ${text}`, text) && out !== '(';
  return text === '(' || text === '[' ? keyword.test(last) : partsWords(last, text);
}

/** A blank stands between two words, after a bracket that closes before a word, and before a brace that opens. */
function partsWords(last: string, text: string): boolean {
  const wordBefore = wordlike.test(last);
  if (wordlike.test(text) && /^[\w$\u0080-\uffff"'`{]/.test(text)) return wordBefore || last === ')' || last === '}';
  return text === '{' && (wordBefore || last === ')');
}

/** A sign is unary after an operator, an opening bracket or a keyword. */
function isBinary(out: string, text: string): boolean {
  if (text !== '+' && text !== '-' && text !== '*' && text !== '**' && text !== '<' && text !== '/') return true;
  const before = out.slice(0, out.length - text.length).trimEnd();
  return closer.test(before) && !keywordBeforeSign.test(before);
}

/** Cut as `SyntaxFacts` promises; `whole` is what the hash is taken of. */
function cutText(text: string, whole: string): string {
  if (text.length <= maxLength && text === whole) return text;
  return `${flat(text.slice(0, keptLength))}…${hashText(whole)}`;
}

/** White space apart, so that formatting does not tell; of what is past the file's limit only its length counts. */
function hashOfSpan(tree: SourceTree, span: Span, limit: number): string {
  if (limit === printedPastMax) return hashText(String(span.end - span.start));
  return hashText(tree.text.slice(span.start, span.end).replace(/[\s,;]+/g, ''));
}

/** A slice keeps the string alive that it was cut from; joining it anew does not. */
function flat(text: string): string {
  return [...text].join('');
}

/** FNV-1a, 32 bits: tells texts apart, and proves nothing. */
function hashText(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash ^= text.charCodeAt(at);
    hash = Math.imul(hash, 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
