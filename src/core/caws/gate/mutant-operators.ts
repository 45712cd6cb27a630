import { startsStatement } from './js-structure.js';
import { type JsToken, tokenAt } from './js-tokens.js';

/** What a mutant does to the code; the order is the one in which a line's mutants are chosen. */
export const mutationOperators = [
  'condition',
  'comparison',
  'boundary',
  'logical',
  'return',
  'negation',
  'arithmetic',
  'call',
  'boolean',
  'string',
] as const;
export type MutationOperator = (typeof mutationOperators)[number];

/** A stretch of the text, by offsets in UTF-16 units, and what to put in its place. */
export interface Mutation {
  readonly operator: MutationOperator;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

/** What the operators look at: tokens, matching brackets, which tokens do not run, and which stand in a `for (…)`. */
export interface ReadSource {
  readonly text: string;
  readonly tokens: readonly JsToken[];
  readonly partners: readonly number[];
  readonly notRunning: readonly boolean[];
  readonly inForHeader: readonly boolean[];
}

type Operate = (source: ReadSource, index: number) => readonly Mutation[];

const swaps: Readonly<Record<string, readonly (readonly [MutationOperator, string])[]>> = {
  '===': [['comparison', '!==']],
  '!==': [['comparison', '===']],
  '==': [['comparison', '!=']],
  '!=': [['comparison', '==']],
  '<': [
    ['boundary', '<='],
    ['comparison', '>='],
  ],
  '<=': [
    ['boundary', '<'],
    ['comparison', '>'],
  ],
  '>': [
    ['boundary', '>='],
    ['comparison', '<='],
  ],
  '>=': [
    ['boundary', '>'],
    ['comparison', '<'],
  ],
  '&&': [['logical', '||']],
  '||': [['logical', '&&']],
  '??': [['logical', '&&']],
  '+': [['arithmetic', '-']],
  '-': [['arithmetic', '+']],
  '*': [['arithmetic', '/']],
  '/': [['arithmetic', '*']],
  '%': [['arithmetic', '*']],
  '**': [['arithmetic', '*']],
  '+=': [['arithmetic', '-=']],
  '-=': [['arithmetic', '+=']],
  '*=': [['arithmetic', '/=']],
  '/=': [['arithmetic', '*=']],
  '++': [['arithmetic', '--']],
  '--': [['arithmetic', '++']],
};

const keywords = new Set(
  'return typeof case in of delete void throw new else do instanceof yield await import export function const let var if for while switch class extends super try catch finally default break continue as satisfies keyof'.split(
    ' ',
  ),
);
const updates = new Set(['++', '--', '+=', '-=', '*=', '/=']);
// A longer expression is not worth looking for its end.
const maxExpressionTokens = 500;
const loggers = new Set(['console', 'log', 'logger', 'debug']);

const operators: readonly Operate[] = [
  swapOperator,
  dropNegation,
  flipBoolean,
  emptyString,
  forceCondition,
  dropReturn,
  dropCall,
];

/** Every mutation that starts at a token, in no particular order. */
export function mutationsAt(source: ReadSource, index: number): readonly Mutation[] {
  return source.notRunning[index] === true ? [] : operators.flatMap((operate) => operate(source, index));
}

function swapOperator(source: ReadSource, index: number): readonly Mutation[] {
  const token = at(source, index);
  const found = token.kind === 'punctuator' ? swaps[token.text] : undefined;
  if (found === undefined || !(updates.has(token.text) ? isFreeUpdate(source, index) : isBinary(source, index)))
    return [];
  return found.map(([operator, replacement]) => ({ operator, start: token.start, end: token.end, replacement }));
}

// In the head of a `for` a turned step runs for ever, which costs a time limit and shows nothing.
function isFreeUpdate(source: ReadSource, index: number): boolean {
  return source.inForHeader[index] !== true;
}

// Binary operators stand between blanks in formatted code; `Array<string>`, `-1` and `...` do not.
function isBinary(source: ReadSource, index: number): boolean {
  const { start, end, text } = at(source, index);
  // A `>` on a line of its own that ends type arguments: no operand comes after it.
  if (text === '>' && ['=', '{', '|', '&', ',', ')', ';'].includes(at(source, index + 1).text)) return false;
  return /^\s\S+\s$/.test(source.text.slice(start - 1, end + 1)) && endsOperand(at(source, index - 1));
}

function dropNegation(source: ReadSource, index: number): readonly Mutation[] {
  const [before, token, next] = [at(source, index - 1), at(source, index), at(source, index + 1)];
  const negates = token.text === '!' && next.start === token.end && (next.kind === 'word' || next.text === '(');
  // A doubled negation only makes a boolean; after an operand the sign is TypeScript's "not null".
  if (!negates || before.text === '!' || endsOperand(before)) return [];
  return [{ operator: 'negation', start: token.start, end: token.end, replacement: '' }];
}

function flipBoolean(source: ReadSource, index: number): readonly Mutation[] {
  const token = at(source, index);
  if (token.kind !== 'word' || !['true', 'false'].includes(token.text)) return [];
  if (isMember(source, index) || isKeyOrType(source, index)) return [];
  const replacement = token.text === 'true' ? 'false' : 'true';
  return [{ operator: 'boolean', start: token.start, end: token.end, replacement }];
}

function emptyString(source: ReadSource, index: number): readonly Mutation[] {
  const token = at(source, index);
  if (token.kind !== 'string' || token.text.length <= 2) return [];
  // A word right before the quote: the apostrophe of a text in JSX.
  const isText = /^\w/.test(source.text.slice(Math.max(0, token.start - 1), token.start));
  if (isText || isKeyOrType(source, index) || isNameOrMessage(source, index)) return [];
  const quote = token.text.slice(0, 1);
  return [{ operator: 'string', start: token.start, end: token.end, replacement: quote + quote }];
}

// Names of modules and messages of errors and logs: few tests look at them, and few should.
function isNameOrMessage(source: ReadSource, index: number): boolean {
  const before = at(source, index - 1).text;
  if (['from', 'import', 'as', 'extends'].includes(before)) return true;
  const isMessage = /^(require|import|resolve|\w*(Error|Fault))$/.test(at(source, index - 2).text);
  return before === '(' && (isMessage || loggers.has(at(source, index - 4).text));
}

function forceCondition(source: ReadSource, index: number): readonly Mutation[] {
  const token = at(source, index);
  if (token.kind !== 'word' || !['if', 'while'].includes(token.text) || isMember(source, index)) return [];
  const [start, end] = [at(source, index + 1).end, at(source, partnerOf(source, index + 1)).start];
  // No bracket, or nothing in it that could be forced.
  if (end <= start || /^\s*(true|false)?\s*$/.test(source.text.slice(start, end))) return [];
  const forced = token.text === 'if' ? ['true', 'false'] : ['false'];
  return forced.map((replacement) => ({ operator: 'condition', start, end, replacement }));
}

function dropReturn(source: ReadSource, index: number): readonly Mutation[] {
  const [token, first] = [at(source, index), at(source, index + 1)];
  if (token.text !== 'return' || isMember(source, index) || ['', ';', '}'].includes(first.text)) return [];
  if (source.text.slice(token.end, first.start).includes('\n')) return [];
  const end = endOfExpression(source, index + 1);
  if (end === null || /^(undefined|void 0)$/.test(source.text.slice(first.start, end))) return [];
  return [{ operator: 'return', start: first.start, end, replacement: 'undefined' }];
}

function dropCall(source: ReadSource, index: number): readonly Mutation[] {
  const first = at(source, index);
  const head = first.text === 'await' ? index + 1 : index;
  const root = at(source, head);
  if (root.kind !== 'word' || keywords.has(root.text) || loggers.has(root.text)) return [];
  if (!startsStatement(source.tokens, index)) return [];
  const last = endOfCallChain(source, head);
  if (last === null || !['', ';', '}'].includes(at(source, last + 1).text)) return [];
  return [{ operator: 'call', start: first.start, end: at(source, last).end, replacement: 'void 0' }];
}

/** Index of the `)` that ends `a.b(c)[d](e)`; null when the chain does not end in a call. */
function endOfCallChain(source: ReadSource, head: number): number | null {
  let last = head;
  for (;;) {
    const next = at(source, last + 1).text;
    const partner = partnerOf(source, last + 1);
    if (['.', '?.'].includes(next) && at(source, last + 2).kind === 'word') last += 2;
    else if (['(', '['].includes(next) && partner > last) last = partner;
    else return at(source, last).text === ')' ? last : null;
  }
}

/** Offset at which the expression ends that starts at a token: before `;` or before the brace around it. */
function endOfExpression(source: ReadSource, from: number): number | null {
  for (let index = from; index < from + maxExpressionTokens; index += 1) {
    const { text } = at(source, index);
    const partner = partnerOf(source, index);
    if (partner > index) index = partner;
    else if (text === ';' || text === '}') return at(source, index - 1).end;
    else if (text === ')' || text === ']' || text === '') return null;
  }
  return null;
}

function at(source: ReadSource, index: number): JsToken {
  return tokenAt(source.tokens, index);
}

function partnerOf(source: ReadSource, index: number): number {
  return source.partners[index] ?? -1;
}

function endsOperand(token: JsToken): boolean {
  if (token.kind === 'word') return !keywords.has(token.text);
  if (token.kind === 'template') return token.text.endsWith('`');
  return token.kind !== 'punctuator' || [')', ']', '}', '!', '++', '--'].includes(token.text);
}

function isMember(source: ReadSource, index: number): boolean {
  return ['.', '?.'].includes(at(source, index - 1).text);
}

// `{ true: 1 }`, `'a' | 'b'`, `x: 'a' & B`: a key or a type. After `case` and `?` a colon is no key's.
function isKeyOrType(source: ReadSource, index: number): boolean {
  const [before, after] = [at(source, index - 1).text, at(source, index + 1).text];
  if (['|', '&'].includes(before) || ['|', '&'].includes(after)) return true;
  return after === ':' && ['{', ','].includes(before);
}
