import { pathOf } from '../change.js';
import type { FileFacts } from '../file-facts.js';
import { type Finding, findingOf } from '../finding.js';
import { isTestPath } from '../test-path.js';
import type { TamperRule } from './tamper-rule.js';
import { countersOf, type Counter } from './text/call-counters.js';
import { keepRegions } from './text/code-mask.js';
import { commentStyleOf, isSourcePath } from './text/source-path.js';

const mayCount = /\+\+|\.add\(|\+=\s*1\b|\+\s*1\b|=\s*(true|false|True|False|!)|\.shift\(|\.pop\(|next\(/;
const compares = '(?:[!=]==?|[<>]=?|%|&(?!&))\\s*-?\\d+';
const givesValue = /return\s+(?!;|undefined\b|null\b|None\b|this\b|next\(|\s*$)\S/;
const branches = /\b(if|elif|when|switch|match)\b|\?/;

function examine(facts: FileFacts): readonly Finding[] {
  const path = pathOf(facts.file);
  if (facts.newText === null || !isSourcePath(path) || isTestPath(path)) return [];
  if (!facts.addedLines.some(({ text }) => mayCount.test(text))) return [];
  const code = keepRegions(facts.newText, commentStyleOf(path), ['code', 'string', 'regex']);
  const lines = code.split('\n');
  const added = new Set(facts.addedLines.map(({ line }) => line));
  return countersOf(code).flatMap((counter) => {
    const answers = answersBy(counter);
    const line = lines.findIndex((text, index) => answers(text, lines, index) && isNear(added, index + 1)) + 1;
    if (line === 0) return [];
    return [
      findingOf(callCountToggles, `the answer changes with "${counter.name}", which counts calls`, { path, line }),
    ];
  });
}

/** The branch or something within three lines of it is new: an old toggle is not this change's doing. */
function isNear(added: ReadonlySet<number>, line: number): boolean {
  return [0, 1, 2, 3, -1, -2, -3].some((step) => added.has(line + step));
}

type Answers = (line: string, lines: readonly string[], index: number) => boolean;

/** A test of a line for a branch or a return that reads the counter. */
function answersBy(counter: Counter): Answers {
  return { queue: queueAnswers, flag: flagAnswers, set: setAnswers, number: numberAnswers }[counter.kind](counter);
}

function following(lines: readonly string[], index: number): string {
  return lines.slice(index, index + 3).join('\n');
}

function queueAnswers({ pattern }: Counter): Answers {
  const taken = new RegExp(`\\breturn\\b[^;\\n]*${pattern}\\s*(\\.(shift|pop)\\(|\\[[^\\]%]*(\\+\\+|--)[^\\]%]*\\])`);
  return (line) => line.includes('return') && taken.test(line);
}

/** `if (first) { first = false; return 5; }`: the flag turns where it is read, and a fixed value is given. */
function flagAnswers({ pattern }: Counter): Answers {
  const asked = new RegExp(`\\b(if|elif)\\b[^{:]*!?\\s*(?:\\bnot\\s+)?${pattern}(?![\\w$.(])`);
  const turned = new RegExp(`${pattern}\\s*=\\s*(true|false|True|False|!)`);
  return (line, lines, index) => {
    if (!line.includes('if') || !asked.test(line)) return false;
    const here = following(lines, index);
    return turned.test(here) && /return\s+(-?\d|["'`[{])/.test(here);
  };
}

/** `if (!seen.has(x)) { seen.add(x); return 42; }`: the first call with an argument gets a fixed value. */
function setAnswers({ pattern }: Counter): Answers {
  const asked = new RegExp(`\\bif\\b.*${pattern}\\.has\\(`);
  const noted = new RegExp(`${pattern}\\.add\\(`);
  return (line, lines, index) => {
    if (!line.includes('.has(') || !asked.test(line)) return false;
    const here = following(lines, index);
    return noted.test(here) && /return\s+(\d|["'`]\w)/.test(here);
  };
}

function numberAnswers({ pattern }: Counter): Answers {
  const read = new RegExp(pattern);
  const compared = new RegExp(
    `(?:\\+\\+|--)?${pattern}(?:\\+\\+|--)?\\)?\\s*${compares}|-?\\d+\\s*(?:[!=]==?|[<>]=?)\\s*(?:\\+\\+)?${pattern}(?![\\w$])`,
  );
  const chosen = new RegExp(`(?:${compared.source})[^?]*\\?[^.?:]`);
  return (line, lines, index) => {
    if (!branches.test(line) || !read.test(line)) return false;
    if (!compared.test(line)) return /\b(switch|match)\b/.test(line) && /case\s+\d/.test(following(lines, index));
    if (/\breturn\b|=>|=/.test(line) && chosen.test(line)) return true;
    const from = line.search(/\b(if|elif|when)\b/);
    return from !== -1 && givesValue.test(following(lines, index).slice(from));
  };
}

/**
 * D6: state outside a function that counts its calls and changes its answer. JavaScript, TypeScript and Python, by
 * the text: a counter, a flag or a list of ready answers at module level, on a class or on the function itself, that
 * a branch with a return reads. Counters that go down again (depths, locks) and round-robin by a length are let pass.
 * A counter kept in a closure or another module, and one that counts by time, are not seen.
 */
export const callCountToggles: TamperRule = {
  id: 'D6',
  clause: 'constitution §3 part 6, D6',
  severity: 'advisory',
  why: 'code that answers the first call otherwise than the second is written for the calls of a test.',
  mend: 'let the answer depend on the arguments; keep state where the caller can see and pass it.',
  examineFile: examine,
};
