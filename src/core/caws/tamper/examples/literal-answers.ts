import { pathOf } from '../../change.js';
import type { FileFacts } from '../../file-facts.js';
import { isTestPath } from '../../test-path.js';
import type { LiteralAnswerNote } from '../tamper-rule.js';
import { keepRegions } from '../text/code-mask.js';
import { commentStyleOf, isSourcePath } from '../text/source-path.js';
import { literalsWithin, normaliseLiteral, splitTop } from './literal-text.js';

const notesPerFile = 500;
const literal = `(?:"(?:\\\\.|[^"\\\\])*"|'(?:\\\\.|[^'\\\\])*'|\`[^\`$]*\`|-?[\\d_.]+n?|\\[[^\\]]*\\]|\\{[^{}]*\\}|\\([^()]*,[^()]*\\)|true|false|True|False|None|null)`;
const returned = new RegExp(`^\\s*(?:\\{\\s*)?(?:return\\s+|[\\w$.]+\\s*=\\s*)?(${literal})\\s*;?\\s*(?:\\}|$)`);
const branch = /^\s*(?:\}?\s*else\s+)?(?:if|elif|when)\b\s*(.*)$/;
const switched = new RegExp(`^\\s*(?:case|when)\\s+(${literal})\\s*(?:=>|:)\\s*(.*)$`);
const ternary = new RegExp(`(?:===?|\\.equals\\()\\s*(${literal})\\s*\\)?\\s*\\?\\s*(${literal})`, 'g');
const conjunction = new RegExp(`===?\\s*(${literal})\\s*\\)?\\s*&&\\s*(${literal})`, 'g');
const pythonTernary = new RegExp(`(${literal})\\s+if\\s+[\\w.]+\\s*==\\s*(${literal})\\s+else`, 'g');
const row = new RegExp(
  `(?:^|[,{[(])\\s*(?:(${literal})\\s*:|\\[\\s*(${literal})\\s*,)\\s*(${literal})\\s*\\]?\\s*(?=,|\\}|\\)|\\]|$)`,
  'g',
);

/** A branch about a literal, a ternary after one, a table row: anything else costs one test. */
const mayAnswer =
  /\b(?:if|elif)\b.*(?:==|\bis\b|\.(?:includes|equals|has|test)\(|\bin\b|Equal)|\b(?:case|when)\b.*["'`\d]|==.*(?:\?|&&)|\bif\b.*==|["'`\d\])]\s*:\s*(?:["'`\d[{(-]|(?:true|false|null|True|False|None)\b)|\[\s*["'`\d[]/;

/** New branches and table rows of product code that answer a literal with a literal. */
export function noteLiteralAnswers(facts: FileFacts): readonly LiteralAnswerNote[] {
  const file = pathOf(facts.file);
  if (facts.newText === null || !isSourcePath(file) || isTestPath(file)) return [];
  const candidates = facts.addedLines.filter(({ text }) => mayAnswer.test(text));
  if (candidates.length === 0) return [];
  const lines = keepRegions(facts.newText, commentStyleOf(file), ['code', 'string', 'regex']).split('\n');
  const before = new Set(facts.removedLines.map(({ text }) => text.trim()));
  const notes: LiteralAnswerNote[] = [];
  for (const { line, text } of candidates) {
    if (before.has(text.trim()) || notes.length >= notesPerFile) continue;
    const functionName = functionAt(facts, line);
    for (const { inputs, answer } of answersAt(lines, line)) notes.push({ file, line, functionName, inputs, answer });
  }
  return notes;
}

function functionAt(facts: FileFacts, line: number): string | null {
  const around = facts.newSyntax?.functions.filter((it) => it.line <= line && line <= it.endLine) ?? [];
  return around.at(-1)?.name ?? null;
}

type Answer = { readonly inputs: readonly string[]; readonly answer: string };

function answersAt(lines: readonly string[], line: number): readonly Answer[] {
  const code = lines[line - 1] ?? '';
  const found = [branchAnswer(code, lines.slice(line, line + 3)), caseAnswer(code, lines.slice(line, line + 2))];
  const inline = [
    ...[...code.matchAll(ternary)].map((it) => answerOf([it[1] ?? ''], it[2] ?? '')),
    ...[...code.matchAll(conjunction)].map((it) => answerOf([it[1] ?? ''], it[2] ?? '')),
    ...[...code.matchAll(pythonTernary)].map((it) => answerOf([it[2] ?? ''], it[1] ?? '')),
    ...[...code.matchAll(row)].map((it) => answerOf([it[1] ?? it[2] ?? ''], it[3] ?? '')),
  ];
  return [...found, ...inline].filter((it) => it !== null);
}

function answerOf(inputs: readonly string[], answer: string): Answer | null {
  const value = normaliseLiteral(answer);
  const keys = inputs.flatMap((text) => [
    ...(normaliseLiteral(text) === null ? [] : [normaliseLiteral(text) ?? '']),
    ...parsedText(text),
  ]);
  return value === null || keys.length === 0 ? null : { inputs: keys, answer: value };
}

/** A key such as `"1,2"` or `'[1,2]'` stands for the values that it joins. */
function parsedText(text: string): readonly string[] {
  const inner = /^(["'`])(.*)\1$/s.exec(text.trim())?.[2];
  if (inner === undefined || !/[[{,]/.test(inner)) return [];
  const whole = normaliseLiteral(inner);
  if (whole !== null) return [whole];
  const parts = splitTop(inner).map((part) => normaliseLiteral(part));
  return parts.some((part) => part === null) ? [] : [`[${parts.join(',')}]`];
}

function branchAnswer(code: string, next: readonly string[]): Answer | null {
  const rest = branch.exec(code)?.[1];
  if (rest === undefined || !/[!=]==?|\bis\b|\.includes\(|\.equals\(|\.has\(|\bin\b|\.test\(|Equal/.test(rest))
    return null;
  const end = conditionEnd(rest);
  const condition = rest.slice(0, end);
  const inline = rest.slice(end).replace(/^[):\s]+/, '');
  const body = /[^\s{]/.test(inline) ? inline : (next.find((it) => it.trim() !== '') ?? '');
  const answer = returned.exec(body)?.[1];
  const inputs = literalsWithin(condition);
  const keys = [
    ...inputs,
    ...[...condition.matchAll(/(["'`])((?:\\.|(?!\1).)*)\1/g)].flatMap((it) => parsedText(it[0])),
  ];
  return answer === undefined || inputs.length === 0 ? null : answerOfNormal(keys, answer);
}

function answerOfNormal(inputs: readonly string[], answer: string): Answer | null {
  const value = normaliseLiteral(answer);
  return value === null ? null : { inputs, answer: value };
}

/** Where the condition ends: its closing parenthesis, or the colon of Python. */
function conditionEnd(rest: string): number {
  if (!rest.startsWith('(')) return /:\s*(?=[^:]*$)/.exec(rest)?.index ?? rest.length;
  let depth = 0;
  for (let at = 0; at < rest.length; at += 1) {
    if (rest.charAt(at) === '(') depth += 1;
    if (rest.charAt(at) === ')' && --depth === 0) return at + 1;
  }
  return rest.length;
}

function caseAnswer(code: string, next: readonly string[]): Answer | null {
  const found = switched.exec(code);
  if (found === null) return null;
  const inline = found[2] ?? '';
  const answer = returned.exec(inline.trim() === '' ? (next[0] ?? '') : inline)?.[1];
  return answer === undefined ? null : answerOf([found[1] ?? ''], answer);
}
