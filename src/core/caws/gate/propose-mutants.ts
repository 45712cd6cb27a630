import { type ChangedLines } from './coverage-ratio.js';
import { matchBrackets, markNotRunning } from './js-structure.js';
import { type JsToken, tokenizeJs } from './js-tokens.js';
import {
  type Mutation,
  type MutationOperator,
  type ReadSource,
  mutationOperators,
  mutationsAt,
} from './mutant-operators.js';
import { sourceLanguage } from './source-language.js';

/** A file to be mutated: its text in the candidate, and its changed lines. */
export interface MutableFile extends ChangedLines {
  readonly text: string;
}

/** One small change of one place. `line` and `column` count from 1, `start` and `end` are offsets in UTF-16 units. */
export interface ProposedMutant {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly start: number;
  readonly end: number;
  readonly original: string;
  readonly replacement: string;
  readonly operator: MutationOperator;
  /** `comparison: "===" becomes "!=="`. */
  readonly description: string;
}

// What is longer than this is replaced piece by piece.
const maxOriginalLength = 2000;
// A minified or generated file is not worth its tokens.
const maxTextLength = 1_000_000;

/**
 * Proposes mutants of JavaScript and TypeScript product code, on changed lines alone: every line that a mutant touches
 * is a changed one. At most `maxMutants`, spread evenly over the changed lines that can be mutated, then over the
 * further mutants of these lines; the same input gives the same mutants. Files of other languages, tests, and texts
 * over a million characters give none. Whether a mutant still parses is for the runner to ask of its parser: one that
 * does not is `invalid` and does not count.
 * @see constitution §4, B4
 */
export function proposeMutants(files: readonly MutableFile[], maxMutants: number): readonly ProposedMutant[] {
  const lines = [...files]
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
    .filter((file) => sourceLanguage(file.path) === 'javascript' && file.text.length <= maxTextLength)
    .flatMap(mutantsByLine);
  const chosen: ProposedMutant[] = [];
  // Emptied strings come last: most texts are messages that no test should pin down.
  for (const wanted of [isTelling, (mutant: ProposedMutant): boolean => !isTelling(mutant)]) {
    const groups = lines.map((mutants) => mutants.filter(wanted));
    for (let round = 0; chosen.length < maxMutants && groups.some((mutants) => mutants.length > round); round += 1) {
      const offered = groups.flatMap((mutants) => mutants.slice(round, round + 1));
      chosen.push(...spread(offered, maxMutants - chosen.length));
    }
  }
  return chosen.sort((a, b) =>
    a.path < b.path
      ? -1
      : a.path > b.path
        ? 1
        : a.start - b.start || a.end - b.end || (a.replacement < b.replacement ? -1 : 1),
  );
}

/** The text with the mutant in it. */
export function applyMutant(text: string, mutant: Pick<ProposedMutant, 'start' | 'end' | 'replacement'>): string {
  return text.slice(0, mutant.start) + mutant.replacement + text.slice(mutant.end);
}

function spread(offered: readonly ProposedMutant[], count: number): readonly ProposedMutant[] {
  if (offered.length <= count) return offered;
  return Array.from(
    { length: count },
    (_, index) => offered[Math.floor(((index + 0.5) * offered.length) / count)],
  ).filter((mutant) => mutant !== undefined);
}

/** The mutants of each changed line that has any, in the order of the lines; of a line, the most telling first. */
function mutantsByLine(file: MutableFile): readonly (readonly ProposedMutant[])[] {
  const starts = lineStarts(file.text);
  const lineOf = (offset: number): number => countUpTo(starts, offset);
  const changed = new Set(file.lines);
  const { source, doubts } = readSource(file.text);
  const excluded = new Set([...doubts.map(lineOf), ...markupLines(file)]);
  const byLine = new Map<number, ProposedMutant[]>();
  for (const index of source.tokens.keys()) {
    if (!changed.has(lineOf(source.tokens[index]?.start ?? 0))) continue;
    for (const mutation of mutationsAt(source, index)) {
      const line = lineOf(mutation.start);
      if (mutation.end - mutation.start > maxOriginalLength) continue;
      if (!allLines(line, lineOf(mutation.end - 1), (each) => changed.has(each) && !excluded.has(each))) continue;
      const mutant = mutantOf(file, mutation, line, mutation.start - (starts[line - 1] ?? 0) + 1);
      const mutants = byLine.get(line) ?? [];
      mutants.push(mutant);
      byLine.set(line, mutants);
    }
  }
  return [...byLine]
    .sort(([a], [b]) => a - b)
    .map(([, mutants]) => mutants.sort((a, b) => rankOf(a) - rankOf(b) || a.start - b.start));
}

function isTelling(mutant: ProposedMutant): boolean {
  return mutant.operator !== 'string';
}

function rankOf(mutant: ProposedMutant): number {
  return mutationOperators.indexOf(mutant.operator);
}

function mutantOf(file: MutableFile, mutation: Mutation, line: number, column: number): ProposedMutant {
  const original = file.text.slice(mutation.start, mutation.end);
  const shown = (text: string): string => JSON.stringify(text.replace(/\s+/g, ' ').slice(0, 60));
  const becomes = mutation.replacement === '' ? 'is left out' : `becomes ${shown(mutation.replacement)}`;
  return {
    path: file.path,
    line,
    column,
    ...mutation,
    original,
    description: `${mutation.operator}: ${shown(original)} ${becomes}`,
  };
}

function readSource(text: string): { readonly source: ReadSource; readonly doubts: readonly number[] } {
  const { tokens, doubts } = tokenizeJs(text);
  const partners = matchBrackets(tokens);
  const notRunning = markNotRunning(tokens, partners);
  return { source: { text, tokens, partners, notRunning, inForHeader: markForHeaders(tokens, partners) }, doubts };
}

function markForHeaders(tokens: readonly JsToken[], partners: readonly number[]): readonly boolean[] {
  const marks = tokens.map(() => false);
  for (const [index, token] of tokens.entries()) {
    const close = token.text === 'for' && tokens[index + 1]?.text === '(' ? partners[index + 1] : undefined;
    if (close !== undefined && close > index) marks.fill(true, index, close);
  }
  return marks;
}

/** Lines with JSX tags: their text is no code, and its quotes and signs mean nothing. */
function markupLines(file: MutableFile): readonly number[] {
  if (/\.[cm]?ts$/.test(file.path)) return [];
  return file.text.split('\n').flatMap((line, index) => (/<\/|\/>|^\s*<[A-Za-z>]/.test(line) ? [index + 1] : []));
}

function allLines(from: number, to: number, holds: (line: number) => boolean): boolean {
  for (let line = from; line <= to; line += 1) if (!holds(line)) return false;
  return true;
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** How many of the ascending numbers are not above `limit`. */
function countUpTo(numbers: readonly number[], limit: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
