import { pathOf } from '../change.js';
import type { FileFacts } from '../file-facts.js';
import { type Finding, findingOf } from '../finding.js';
import { isTestPath } from '../test-path.js';
import type { TamperRule } from './tamper-rule.js';
import { countersOf, type Counter } from './text/call-counters.js';
import { keepRegions } from './text/code-mask.js';
import { commentStyleOf, isSourcePath } from './text/source-path.js';

const mayCount = /\+\+|\+=\s*1\b|\+\s*1\b|=\s*(true|false|True|False|!)|\.shift\(|\.pop\(|next\(/;
const compares = '(?:[!=]==?|[<>]=?|%|&(?!&))\\s*-?\\d+';
const value = 'return\\s+(?!;|undefined\\b|null\\b|None\\b|this\\b|next\\(|\\s*$)\\S';

function examine(facts: FileFacts): readonly Finding[] {
  const path = pathOf(facts.file);
  if (facts.newText === null || !isSourcePath(path) || isTestPath(path)) return [];
  if (!facts.addedLines.some(({ text }) => mayCount.test(text))) return [];
  const code = keepRegions(facts.newText, commentStyleOf(path), ['code', 'string', 'regex']);
  const lines = code.split('\n');
  const added = new Set(facts.addedLines.map(({ line }) => line));
  return countersOf(code).flatMap((counter) => {
    const line = lines.findIndex((_text, index) => isNear(added, index + 1) && answersBy(counter, lines, index)) + 1;
    return line === 0
      ? []
      : [findingOf(callCountToggles, `the answer changes with "${counter.name}", which counts calls`, { path, line })];
  });
}

/** The branch or something within three lines of it is new: an old toggle is not this change's doing. */
function isNear(added: ReadonlySet<number>, line: number): boolean {
  return [0, 1, 2, 3, -1, -2, -3].some((step) => added.has(line + step));
}

function answersBy(counter: Counter, lines: readonly string[], index: number): boolean {
  const line = lines[index] ?? '';
  const here = lines.slice(index, index + 3).join('\n');
  if (counter.kind === 'queue')
    return new RegExp(
      `\\breturn\\b[^;\\n]*${counter.pattern}\\s*(\\.(shift|pop)\\(|\\[[^\\]%]*(\\+\\+|--)[^\\]%]*\\])`,
    ).test(line);
  if (counter.kind === 'flag') return flips(counter, line, here);
  const compared = new RegExp(
    `(?:\\+\\+|--)?${counter.pattern}(?:\\+\\+|--)?\\)?\\s*${compares}|-?\\d+\\s*(?:[!=]==?|[<>]=?)\\s*(?:\\+\\+)?${counter.pattern}(?![\\w$])`,
  );
  if (!compared.test(line))
    return /\b(switch|match)\b/.test(line) && new RegExp(counter.pattern).test(line) && /case\s+\d/.test(here);
  const choosing = new RegExp(`${compared.source}[^?]*\\?[^.?:]`).test(line) && /\breturn\b|=>|=/.test(line);
  return (
    choosing ||
    (/\b(if|elif|when)\b/.test(line) && new RegExp(value).test(here.slice(here.search(/\b(if|elif|when)\b/))))
  );
}

/** `if (first) { first = false; return 5; }`: the flag turns where it is read, and a fixed value is given. */
function flips(counter: Counter, line: string, here: string): boolean {
  const asked = new RegExp(`\\b(if|elif)\\b[^{:]*!?\\s*(?:\\bnot\\s+)?${counter.pattern}(?![\\w$.(])`).test(line);
  const turned = new RegExp(`${counter.pattern}\\s*=\\s*(true|false|True|False|!)`).test(here);
  return asked && turned && /return\s+(-?\d|["'`[{])/.test(here);
}

/**
 * D6: state outside a function that counts its calls and changes its answer. JavaScript, TypeScript and Python, by
 * the text: a counter, a flag or a list of ready answers at module level, on a class or on the function itself, that
 * a branch with a return reads. Counters that go down again (depths, locks) and round-robin by a length are let pass.
 * A counter kept in a closure or another module, and one that counts by time, are not seen.
 */
export const callCountToggles: TamperRule = {
  id: 'D6',
  clause: 'constitution §3.6 D6',
  severity: 'advisory',
  why: 'code that answers the first call otherwise than the second is written for the calls of a test.',
  mend: 'let the answer depend on the arguments; keep state where the caller can see and pass it.',
  examineFile: examine,
};
