import type { CommentStyle } from './source-path.js';

/** A member of a type, `{ readonly name?: Type;`, ends with a semicolon too and is no statement. */
const member = /(?<=[{;(])\s*(?:readonly\s+)?(?:[\w$]+|\[[^\]]+\])\??\s*:[^;{}]*;/g;

/**
 * How many statements a line of code ends, strings and comments blanked: semicolons outside parentheses, so that the
 * head of a `for` is one. Braces that close do not count: `if (a) { b(); }` holds one statement.
 */
export function countStatements(line: string): number {
  const code = line.replace(member, '');
  const count = countOutside(code, ';');
  const rest = code.slice(code.lastIndexOf(';') + 1).replace(/[\s{}()\],]/g, '');
  return rest === '' || count === 0 ? count : count + 1;
}

/** Marks outside parentheses and brackets; a brace opens a body, whose marks count again. */
function countOutside(code: string, mark: string): number {
  let depth = 0;
  let count = 0;
  for (const char of code) {
    if (char === mark && depth === 0) count += 1;
    else depth = nextDepth(depth, char);
  }
  return count;
}

/** Statements inside a callback's braces stand inside parentheses: `f(() => { a; b; })`. */
function nextDepth(depth: number, char: string): number {
  if (char === '{') return 0;
  if (char === '(' || char === '[') return depth + 1;
  return char === ')' || char === ']' ? Math.max(0, depth - 1) : depth;
}

/** Expressions joined by commas at the top of a line: `a = 1, b(), c = 2`. Calls, lists and declarations are none. */
function countJoinedExpressions(code: string): number {
  if (/^\s*(import|export|const|let|var|return\s*[[{]|type|interface|case|for|[\])}])/.test(code)) return 0;
  const joined = withoutBrackets(code);
  const count = joined === null ? 0 : joined.split(',').length;
  const work = (code.match(/[^=!<>]=[^=>]|\w\(/g) ?? []).length;
  return count > 2 && work >= count ? count : 0;
}

/** The line without what stands in brackets; null where its brackets do not match, so that it is part of a list. */
function withoutBrackets(code: string): string | null {
  let depth = 0;
  let kept = '';
  for (const char of code) {
    if ('([{'.includes(char)) depth += 1;
    else if (')]}'.includes(char)) depth -= 1;
    else if (depth === 0) kept += char;
  }
  return depth === 0 ? kept : null;
}

/** Statements a line may hold before it counts as squeezed: guards and short cases on one line are a habit of many. */
const statementsPerLine = 3;

/** True for a line that holds more statements than a person would put on one. */
export function isSqueezed(code: string, style: CommentStyle): boolean {
  if (/^\s*(for|export \{|import \{)/.test(code) && code.length < 120) return false;
  const { length } = code.trim();
  if (length <= 60) return false;
  if (countStatements(code) > statementsPerLine || joinsCalls(code, style)) return true;
  return length > 100 && countJoinedExpressions(code) > statementsPerLine;
}

/** Assignments with calls after commas, or a list of calls of which the last is kept. */
function joinsCalls(code: string, style: CommentStyle): boolean {
  // Python writes named arguments this way.
  const assigned = style === 'hash' ? 0 : (code.match(/,\s*[\w$.[\]]+\s*[-+*/]?=(?![=>])\s*[^,]*\(/g) ?? []).length;
  const listed = /\]\s*\[-1\]|\]\.at\(-1\)|\]\.pop\(\)/.test(code) && (code.match(/\w\(/g) ?? []).length > 4;
  return assigned >= statementsPerLine || listed;
}

/** True for machine-made code: a very long line that is dense with operators and nearly free of blanks. */
export function isMinified(code: string): boolean {
  const bare = code.trim();
  if (bare.length < 300) return false;
  const blanks = (bare.match(/\s/g) ?? []).length;
  const marks = (bare.match(/[{}()[\];,=:?&|!+*<>-]/g) ?? []).length;
  const verbs = (bare.match(/\b(function|return|var|let|const|if|for)\b|=>/g) ?? []).length;
  return blanks / bare.length < 0.12 && marks / bare.length > 0.15 && verbs > 3;
}
