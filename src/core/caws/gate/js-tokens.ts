/**
 * A token of JavaScript or TypeScript. `start` and `end` are offsets in UTF-16 units. Comments and blanks are no
 * tokens; a template is one `template` token for each stretch of text around its `${}` parts.
 */
export interface JsToken {
  readonly kind: 'word' | 'number' | 'string' | 'template' | 'regex' | 'punctuator';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const nothing: JsToken = { kind: 'punctuator', text: '', start: 0, end: 0 };

/** The token at an index; past either end one without text, of which nothing is true. */
export function tokenAt(tokens: readonly JsToken[], index: number): JsToken {
  return tokens[index] ?? nothing;
}

export interface JsTokens {
  readonly tokens: readonly JsToken[];
  /** Offsets at which the text could not be read for sure, such as a quote that does not close (text of JSX, an error). */
  readonly doubts: readonly number[];
}

const patterns = {
  blank: /\s+|\/\/[^\n\u2028\u2029]*|#![^\n]*/y,
  word: /[\p{ID_Start}$_#@][\p{ID_Continue}$\u200c\u200d]*/uy,
  number: /(?:0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?)n?/y,
  regexFlags: /[\p{ID_Continue}]*/uy,
  punctuator:
    />>>=|\.\.\.|===|!==|\*\*=|<<=|>>=|>>>|&&=|\|\|=|\?\?=|=>|==|!=|<=|>=|&&|\|\||\?\?|\?\.(?!\d)|\+\+|--|\+=|-=|\*=|\/=|%=|&=|\|=|\^=|<<|>>|\*\*|[{}()[\];,<>+\-*/%&|^!~?:=.]/y,
} as const;

// After these words an expression starts, so that a slash opens a regular expression.
const beforeExpression = new Set([
  'return',
  'typeof',
  'case',
  'in',
  'of',
  'delete',
  'void',
  'throw',
  'new',
  'else',
  'do',
  'instanceof',
  'yield',
  'await',
]);
const beforeParenthesis = new Set(['if', 'while', 'for', 'with']);

/** What a bracket opened: after its end a slash divides (`value`) or opens a regular expression (`statement`). */
type Bracket = 'value' | 'statement' | 'template';

interface Reading {
  readonly text: string;
  readonly tokens: JsToken[];
  readonly doubts: number[];
  readonly brackets: Bracket[];
  /** What the bracket that closed last had opened. */
  closed: Bracket;
}

/**
 * Splits source text into tokens. Whether a slash divides or opens a regular expression follows from the token before
 * it and, after a bracket, from what the bracket had opened. Total: any text gives tokens and doubts.
 */
export function tokenizeJs(text: string): JsTokens {
  const reading: Reading = { text, tokens: [], doubts: [], brackets: [], closed: 'value' };
  let at = 0;
  while (at < text.length) at = step(reading, at);
  return { tokens: reading.tokens, doubts: reading.doubts };
}

function step(reading: Reading, at: number): number {
  const { text } = reading;
  const blank = endOf(patterns.blank, text, at);
  if (blank !== null) return blank;
  if (text.startsWith('/*', at)) return endOfComment(reading, at);
  if (text[at] === '`') return readTemplate(reading, at, at + 1);
  if (text[at] === '}' && reading.brackets.at(-1) === 'template') {
    reading.brackets.pop();
    return readTemplate(reading, at, at + 1);
  }
  return readPlain(reading, at);
}

function endOfComment(reading: Reading, at: number): number {
  const end = reading.text.indexOf('*/', at + 2);
  if (end === -1) reading.doubts.push(at);
  return end === -1 ? reading.text.length : end + 2;
}

function readPlain(reading: Reading, at: number): number {
  const { text } = reading;
  const first = text[at];
  if (first === '"' || first === "'") return readDelimited(reading, 'string', at);
  if (first === '/' && slashOpensRegex(reading)) return readDelimited(reading, 'regex', at);
  for (const kind of ['number', 'word', 'punctuator'] as const) {
    const end = endOf(patterns[kind], text, at);
    if (end === null) continue;
    if (kind === 'punctuator') trackBracket(reading, text.slice(at, end));
    push(reading, kind, at, end);
    return end;
  }
  reading.doubts.push(at);
  return at + 1;
}

/** Reads a string or a regular expression up to its delimiter. What does not end on its line is a doubt up to there. */
function readDelimited(reading: Reading, kind: 'string' | 'regex', at: number): number {
  const { text } = reading;
  const end = kind === 'string' ? endOfString(text, at) : endOfRegex(text, at);
  if (text[end] !== text[at]) {
    reading.doubts.push(at);
    return Math.min(end, text.length);
  }
  const close = kind === 'regex' ? (endOf(patterns.regexFlags, text, end + 1) ?? end + 1) : end + 1;
  push(reading, kind, at, close);
  return close;
}

// An escaped end of line is part of a string.
function endOfString(text: string, open: number): number {
  let at = open + 1;
  while (at < text.length && text[at] !== '\n' && text[at] !== text[open]) at += text[at] === '\\' ? 2 : 1;
  return at;
}

// Within `[…]` a slash is a slash; an end of line ends any regular expression, escaped or not.
function endOfRegex(text: string, open: number): number {
  let inClass = false;
  for (let at = open + 1; at < text.length; at += 1) {
    const character = text[at];
    if (character === '\n' || (character === '/' && !inClass)) return at;
    if (character === '[' || character === ']') inClass = character === '[';
    if (character === '\\' && text[at + 1] !== '\n') at += 1;
  }
  return text.length;
}

/** Reads a template's text from `from` up to its end or its next `${`; the token starts at `at`. */
function readTemplate(reading: Reading, at: number, from: number): number {
  const { text } = reading;
  for (let end = from; end < text.length; end += 1) {
    if (text[end] === '\\') end += 1;
    else if (text[end] === '`') {
      push(reading, 'template', at, end + 1);
      return end + 1;
    } else if (text[end] === '$' && text[end + 1] === '{') {
      push(reading, 'template', at, end + 2);
      reading.brackets.push('template');
      return end + 2;
    }
  }
  reading.doubts.push(at);
  return text.length;
}

function trackBracket(reading: Reading, mark: string): void {
  if (mark === '(' || mark === '[' || mark === '{') reading.brackets.push(bracketOf(reading, mark));
  else if (mark === ')' || mark === ']' || mark === '}') reading.closed = reading.brackets.pop() ?? 'value';
}

function bracketOf(reading: Reading, mark: string): Bracket {
  const before = tokenAt(reading.tokens, reading.tokens.length - 1);
  if (mark === '[') return 'value';
  if (mark === '(') return beforeParenthesis.has(before.text) ? 'statement' : 'value';
  if (before.kind === 'word') return before.text === 'return' || before.text === 'typeof' ? 'value' : 'statement';
  return ['', ')', ';', '{', '}', '=>', ':', '>'].includes(before.text) ? 'statement' : 'value';
}

function slashOpensRegex(reading: Reading): boolean {
  const before = tokenAt(reading.tokens, reading.tokens.length - 1);
  switch (before.kind) {
    case 'template':
      return before.text.endsWith('${');
    case 'word':
      return beforeExpression.has(before.text) && tokenAt(reading.tokens, reading.tokens.length - 2).text !== '.';
    case 'punctuator':
      if ([')', ']', '}'].includes(before.text)) return reading.closed === 'statement';
      return before.text !== '++' && before.text !== '--';
    default:
      return false;
  }
}

function push(reading: Reading, kind: JsToken['kind'], start: number, end: number): void {
  reading.tokens.push({ kind, text: reading.text.slice(start, end), start, end });
}

function endOf(pattern: RegExp, text: string, at: number): number | null {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : null;
}
