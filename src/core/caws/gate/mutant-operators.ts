import { startsStatement } from './js-structure.js';
import type { JsToken } from './js-tokens.js';

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
  readonly partners: readonly (number | null)[];
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
  const token = source.tokens[index];
  const found = token?.kind === 'punctuator' ? swaps[token.text] : undefined;
  if (token === undefined || found === undefined) return [];
  const isUpdate = token.text === '++' || token.text === '--';
  // In the head of a `for` a turned step runs for ever, which costs a time limit and shows nothing.
  if ((isUpdate || token.text.endsWith('=')) && found[0]?.[0] === 'arithmetic' && source.inForHeader[index]) return [];
  // Binary operators stand between blanks in formatted code; `Array<string>`, `-1` and `...` do not.
  if (
    !isUpdate &&
    !(isBlankBefore(source, token) && isBlankAfter(source, token) && endsOperand(source.tokens[index - 1]))
  )
    return [];
  return found.map(([operator, replacement]) => ({ operator, start: token.start, end: token.end, replacement }));
}

function dropNegation(source: ReadSource, index: number): readonly Mutation[] {
  const token = source.tokens[index];
  const next = source.tokens[index + 1];
  if (token?.text !== '!' || next === undefined || next.start !== token.end) return [];
  const isDoubled = next.text === '!' || source.tokens[index - 1]?.text === '!';
  if (isDoubled || endsOperand(source.tokens[index - 1]) || !(next.kind === 'word' || next.text === '(')) return [];
  return [{ operator: 'negation', start: token.start, end: token.end, replacement: '' }];
}

function flipBoolean(source: ReadSource, index: number): readonly Mutation[] {
  const token = source.tokens[index];
  if (token?.kind !== 'word' || (token.text !== 'true' && token.text !== 'false')) return [];
  if (isMember(source, index) || isKeyOrType(source, index)) return [];
  return [
    { operator: 'boolean', start: token.start, end: token.end, replacement: token.text === 'true' ? 'false' : 'true' },
  ];
}

function emptyString(source: ReadSource, index: number): readonly Mutation[] {
  const token = source.tokens[index];
  if (token?.kind !== 'string' || token.text.length <= 2 || isKeyOrType(source, index)) return [];
  const [callee, before] = [source.tokens[index - 2], source.tokens[index - 1]];
  if (['from', 'import', 'as', 'extends'].includes(before?.text ?? '')) return [];
  if (before?.text === '(' && /^(require|import|resolve|\w*(Error|Fault))$/.test(callee?.text ?? '')) return [];
  if (before?.text === '(' && loggers.has(source.tokens[index - 4]?.text ?? '')) return [];
  // A word right before the quote: the apostrophe of a text in JSX.
  if (/\w/.test(source.text[token.start - 1] ?? ' ')) return [];
  const quote = token.text.slice(0, 1);
  return [{ operator: 'string', start: token.start, end: token.end, replacement: quote + quote }];
}

function forceCondition(source: ReadSource, index: number): readonly Mutation[] {
  const token = source.tokens[index];
  if (token?.kind !== 'word' || (token.text !== 'if' && token.text !== 'while') || isMember(source, index)) return [];
  const [open, close] = [source.tokens[index + 1], source.tokens[source.partners[index + 1] ?? -1]];
  if (
    open?.text !== '(' ||
    close === undefined ||
    /^\s*(true|false)?\s*$/.test(source.text.slice(open.end, close.start))
  )
    return [];
  const forced = token.text === 'if' ? ['true', 'false'] : ['false'];
  return forced.map((replacement) => ({ operator: 'condition', start: open.end, end: close.start, replacement }));
}

function dropReturn(source: ReadSource, index: number): readonly Mutation[] {
  const token = source.tokens[index];
  const first = source.tokens[index + 1];
  if (token?.text !== 'return' || first === undefined || isMember(source, index)) return [];
  if (source.text.slice(token.end, first.start).includes('\n') || [';', '}'].includes(first.text)) return [];
  const end = endOfExpression(source, index + 1);
  if (end === null || /^(undefined|void 0)$/.test(source.text.slice(first.start, end))) return [];
  return [{ operator: 'return', start: first.start, end, replacement: 'undefined' }];
}

function dropCall(source: ReadSource, index: number): readonly Mutation[] {
  const first = source.tokens[index];
  if (first?.kind !== 'word' || !startsStatement(source.tokens, index)) return [];
  const head = first.text === 'await' ? index + 1 : index;
  const root = source.tokens[head];
  if (root?.kind !== 'word' || keywords.has(root.text) || loggers.has(root.text)) return [];
  const last = endOfCallChain(source, head);
  const end = source.tokens[last ?? -1];
  const after = source.tokens[(last ?? 0) + 1];
  if (last === null || end === undefined || !(after === undefined || after.text === ';' || after.text === '}'))
    return [];
  return [{ operator: 'call', start: first.start, end: end.end, replacement: 'void 0' }];
}

/** Index of the `)` that ends `a.b(c)[d](e)`; null when the chain does not end in a call. */
function endOfCallChain(source: ReadSource, head: number): number | null {
  let at = head;
  for (;;) {
    const next = source.tokens[at + 1];
    const partner = source.partners[at + 1];
    if ((next?.text === '.' || next?.text === '?.') && source.tokens[at + 2]?.kind === 'word') at += 2;
    else if ((next?.text === '(' || next?.text === '[') && partner != null) at = partner;
    else return source.tokens[at]?.text === ')' ? at : null;
  }
}

/** Offset at which the expression ends that starts at a token: before `;` or before the bracket around it. */
function endOfExpression(source: ReadSource, from: number): number | null {
  for (let at = from; at < source.tokens.length; at += 1) {
    const token = source.tokens[at];
    const partner = source.partners[at];
    if (token === undefined) return null;
    if (partner != null && partner > at) at = partner;
    else if (token.text === ';' || token.text === '}') return source.tokens[at - 1]?.end ?? null;
    else if (token.text === ')' || token.text === ']') return null;
  }
  return null;
}

function isBlankBefore(source: ReadSource, token: JsToken): boolean {
  return /\s/.test(source.text[token.start - 1] ?? '');
}

function isBlankAfter(source: ReadSource, token: JsToken): boolean {
  return /\s/.test(source.text[token.end] ?? '');
}

function endsOperand(token: JsToken | undefined): boolean {
  if (token === undefined) return false;
  if (token.kind === 'word') return !keywords.has(token.text);
  if (token.kind === 'template') return token.text.endsWith('`');
  return token.kind !== 'punctuator' || [')', ']', '}', '!', '++', '--'].includes(token.text);
}

function isMember(source: ReadSource, index: number): boolean {
  const before = source.tokens[index - 1]?.text;
  return before === '.' || before === '?.';
}

// `{ true: 1 }`, `'a' | 'b'`, `x: 'a' & B`: a key or a type. After `case` and `?` a colon is no key's.
function isKeyOrType(source: ReadSource, index: number): boolean {
  const [before, after] = [source.tokens[index - 1]?.text ?? '', source.tokens[index + 1]?.text ?? ''];
  if (before === '|' || after === '|' || before === '&' || after === '&') return true;
  return after === ':' && (before === '{' || before === ',');
}
