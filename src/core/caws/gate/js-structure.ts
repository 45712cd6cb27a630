import type { JsToken } from './js-tokens.js';

const openers: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
const statementWords = new Set(
  'export import const let var function class type interface enum if for while do switch return throw try async abstract declare'.split(
    ' ',
  ),
);

/**
 * Index of the matching bracket of each bracket token, in both directions; null for any other token and for a bracket
 * without a partner. Templates' `${` and `}` are no brackets here: they lie inside template tokens.
 */
export function matchBrackets(tokens: readonly JsToken[]): readonly (number | null)[] {
  const partners: (number | null)[] = tokens.map(() => null);
  const open: number[] = [];
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'punctuator') continue;
    if (openers[token.text] !== undefined) open.push(index);
    else if (token.text === ')' || token.text === ']' || token.text === '}') {
      const opener = open.pop();
      if (opener === undefined || openers[tokens[opener]?.text ?? ''] !== token.text) return tokens.map(() => null);
      partners[opener] = index;
      partners[index] = opener;
    }
  }
  return partners;
}

/**
 * Tokens that do not run: imports and re-exports, type aliases, interfaces, declarations, and directives such as
 * `'use strict'`. One flag a token. A type annotation inside running code is not told apart.
 */
export function markNotRunning(tokens: readonly JsToken[], partners: readonly (number | null)[]): readonly boolean[] {
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
  const before = tokens[index - 1];
  return before === undefined || (before.kind === 'punctuator' && [';', '{', '}', ')'].includes(before.text));
}

/** Index of the last token of what starts here and does not run; one less than `index` when it runs. */
function endOfNotRunning(tokens: readonly JsToken[], partners: readonly (number | null)[], index: number): number {
  let at = index;
  while (['export', 'declare', 'default'].includes(tokens[at]?.text ?? '')) at += 1;
  const head = tokens[at];
  const next = tokens[at + 1];
  if (head === undefined) return index - 1;
  if (head.kind === 'string') return next?.text === ';' && at === index ? at + 1 : index - 1;
  if (head.text === 'interface' && next?.kind === 'word') return endOfBlock(tokens, partners, at);
  if (head.text === 'type' && next?.kind === 'word') return endOfAlias(tokens, partners, at + 1);
  if (head.text === 'import' && next?.text !== '(' && next?.text !== '.') return endOfAlias(tokens, partners, at);
  const declares = tokens.slice(index, at).some((token) => token.text === 'declare');
  const reExports = at > index && (head.text === '{' || head.text === '*');
  return declares || reExports ? endOfAlias(tokens, partners, at) : index - 1;
}

function endOfBlock(tokens: readonly JsToken[], partners: readonly (number | null)[], index: number): number {
  for (let at = index; at < tokens.length; at += 1) {
    if (tokens[at]?.text === '{') return partners[at] ?? tokens.length - 1;
  }
  return tokens.length - 1;
}

// Without a semicolon the statement ends before the next word that can only start another.
function endOfAlias(tokens: readonly JsToken[], partners: readonly (number | null)[], index: number): number {
  for (let at = index + 1; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token === undefined || token.text === ';') return at;
    if (token.kind === 'word' && statementWords.has(token.text) && tokens[at - 1]?.text !== '{') {
      const before = tokens[at - 1]?.text ?? '';
      if (!['=', '|', '&', ',', ':', '?', '(', 'import', 'export', 'declare', 'async', 'abstract'].includes(before))
        return at - 1;
    }
    const partner = partners[at];
    if (partner != null && partner > at) at = partner;
  }
  return tokens.length - 1;
}
