import { type JsToken, tokenAt } from './js-tokens.js';

const openers: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
const statementWords = new Set(
  'export import const let var function class type interface enum if for while do switch return throw try async abstract declare'.split(
    ' ',
  ),
);

const brackets = new Set(['(', ')', '[', ']', '{', '}']);
const modifiers = new Set(['export', 'declare', 'default']);
// After these a type, or the head of a declaration, goes on whatever the next word is.
const goesOn = new Set(['{', '=', '|', '&', ',', ':', '?', '(', 'import', 'export', 'declare', 'async', 'abstract']);

/**
 * Index of the matching bracket of each bracket token, in both directions; −1 for any other token, and for all when
 * one bracket has no partner. Templates' `${` and `}` are no brackets here: they lie inside template tokens.
 */
export function matchBrackets(tokens: readonly JsToken[]): readonly number[] {
  const partners = tokens.map(() => -1);
  const open: number[] = [];
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'punctuator' || !brackets.has(token.text)) continue;
    if (openers[token.text] !== undefined) {
      open.push(index);
      continue;
    }
    const opener = open.pop() ?? -1;
    if (openers[tokenAt(tokens, opener).text] !== token.text) return tokens.map(() => -1);
    partners[opener] = index;
    partners[index] = opener;
  }
  return partners;
}

/**
 * Tokens that do not run: imports and re-exports, type aliases, interfaces, declarations, and directives such as
 * `'use strict'`. One flag a token. A type annotation inside running code is not told apart.
 */
export function markNotRunning(tokens: readonly JsToken[], partners: readonly number[]): readonly boolean[] {
  const marks = tokens.map(() => false);
  for (let index = 0; index < tokens.length; index += 1) {
    if (!startsStatement(tokens, index)) continue;
    const end = endOfNotRunning(tokens, partners, index);
    for (let inside = index; inside <= end; inside += 1) marks[inside] = true;
    index = Math.max(index, end);
  }
  return marks;
}

/** True where a statement may start: at the start, after `;`, after a brace, or after `)` (a body without braces). */
export function startsStatement(tokens: readonly JsToken[], index: number): boolean {
  const before = tokenAt(tokens, index - 1);
  return before.kind === 'punctuator' && ['', ';', '{', '}', ')'].includes(before.text);
}

/** Index of the last token of what starts here and does not run; one less than `index` when it runs. */
function endOfNotRunning(tokens: readonly JsToken[], partners: readonly number[], index: number): number {
  let at = index;
  while (modifiers.has(tokenAt(tokens, at).text)) at += 1;
  const next = tokenAt(tokens, at + 1);
  const isNamed = next.kind === 'word';
  switch (tokenAt(tokens, at).text) {
    case 'interface':
      return isNamed ? endOfBlock(tokens, partners, at) : index - 1;
    case 'type':
      return isNamed ? endOfAlias(tokens, partners, at + 1) : index - 1;
    case 'import':
      return ['(', '.'].includes(next.text) ? index - 1 : endOfAlias(tokens, partners, at);
    default:
      if (isDirective(tokens, index)) return index + 1;
      return isDeclaration(tokens.slice(index, at + 1)) ? endOfAlias(tokens, partners, at) : index - 1;
  }
}

function isDirective(tokens: readonly JsToken[], index: number): boolean {
  return tokenAt(tokens, index).kind === 'string' && tokenAt(tokens, index + 1).text === ';';
}

// `declare const x`, `export { x } from`, `export * from`: what stands before the head, and the head.
function isDeclaration(words: readonly JsToken[]): boolean {
  const head = tokenAt(words, words.length - 1);
  return words.some((word) => word.text === 'declare') || (words.length > 1 && ['{', '*'].includes(head.text));
}

function endOfBlock(tokens: readonly JsToken[], partners: readonly number[], index: number): number {
  for (let at = index; at < tokens.length; at += 1) {
    if (tokenAt(tokens, at).text === '{') return partners[at] ?? at;
  }
  return tokens.length - 1;
}

// Without a semicolon the statement ends before the next word that can only start another.
function endOfAlias(tokens: readonly JsToken[], partners: readonly number[], index: number): number {
  for (let at = index + 1; at < tokens.length; at += 1) {
    const token = tokenAt(tokens, at);
    if (token.text === ';') return at;
    if (isNewStatement(token, tokenAt(tokens, at - 1))) return at - 1;
    at = Math.max(at, partners[at] ?? at);
  }
  return tokens.length - 1;
}

function isNewStatement(token: JsToken, before: JsToken): boolean {
  return token.kind === 'word' && statementWords.has(token.text) && !goesOn.has(before.text);
}
