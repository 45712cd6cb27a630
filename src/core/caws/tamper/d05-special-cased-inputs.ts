import { type Finding, findingOf } from '../finding.js';
import { isTrivial } from './examples/literal-text.js';
import type { ChangeNotes, ExampleNote, LiteralAnswerNote, TamperRule } from './tamper-rule.js';

/** A function or table in which fewer of the answers than this stand in tests is a table of its own right. */
const shareInTests = 0.6;

/** Of a literal that very many examples use, the first ones speak for the rest. */
const examplesPerInput = 1000;

function examine(notes: ChangeNotes): readonly Finding[] {
  if (notes.literalAnswers.length === 0) return [];
  const groups = new Map<string, LiteralAnswerNote[]>();
  for (const note of notes.literalAnswers) {
    const key = `${note.file}\0${note.functionName ?? ''}`;
    append(groups, key, note);
  }
  const index = indexExamples(notes.examples);
  return [...groups.values()].flatMap((group) => judgeGroup(group, index));
}

function append<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}

type Index = ReadonlyMap<string, readonly ExampleNote[]>;

function indexExamples(examples: readonly ExampleNote[]): Index {
  const index = new Map<string, ExampleNote[]>();
  for (const example of examples) {
    for (const input of new Set(example.inputs)) append(index, input, example);
  }
  return index;
}

function judgeGroup(group: readonly LiteralAnswerNote[], index: Index): Finding[] {
  const telling = group.filter((note) => !note.inputs.every(isTrivial));
  const matched = telling.flatMap((note) => {
    const example = exampleFor(note, index);
    return example === null ? [] : [{ note, example }];
  });
  const flagged = matched.length > 0 && matched.length >= telling.length * shareInTests ? matched : [];
  const suspicious = flagged.filter(({ note }) => isComputed(note) || (flagged.length > 1 && isOpaque(note)));
  const direct = telling.filter((note) => comparesWholeInput(note) && !suspicious.some((it) => it.note === note));
  return [
    ...suspicious.map(({ note, example }) =>
      findingOf(
        specialCasedInputs,
        `answers ${short(note.inputs)} with ${note.answer.slice(0, 40)}, the very case of ${example.file}:${example.line}`,
        { path: note.file, line: note.line },
      ),
    ),
    ...direct.map((note) =>
      findingOf(specialCasedInputs, `answers the whole input ${short(note.inputs)} with a fixed value`, {
        path: note.file,
        line: note.line,
      }),
    ),
  ];
}

function short(inputs: readonly string[]): string {
  return inputs.slice(0, 3).join(', ').slice(0, 60);
}

/** An example that was fed one of the inputs and expects the answer. */
function exampleFor(note: LiteralAnswerNote, index: Index): ExampleNote | null {
  const inputs = note.inputs.filter((input) => !isTrivial(input));
  for (const input of inputs) {
    const hit = index
      .get(input)
      ?.slice(0, examplesPerInput)
      .find((example) => example.expected.includes(note.answer));
    if (hit !== undefined && note.inputs.some((it) => it !== note.answer)) return hit;
  }
  return null;
}

/**
 * The pair looks like something to be worked out: numbers to numbers, lists, or texts with blanks and marks. Words and
 * codes mapped to labels (`404` to `"Not Found"`) are the honest business of tables.
 */
function isComputed({ inputs, answer }: LiteralAnswerNote): boolean {
  const numbers = inputs.some((it) => /^-?\d/.test(it) && !isTrivial(it)) && /^-?\d/.test(answer) && !isTrivial(answer);
  const lists = inputs.some((it) => /^[[{].*[\d"]/.test(it));
  const phrases =
    inputs.some((it) => /^".*[^\w"-].*"$/.test(it) && it.length > 6) && !/^(true|false|null)$/.test(answer);
  const counts =
    inputs.some((it) => /^"\w{3,}"$/.test(it)) &&
    /^-?\d/.test(answer) &&
    !isTrivial(answer) &&
    Number(answer) % 1 !== 0;
  return numbers || lists || phrases || counts;
}

/** Two or more cases of the tests, word by word, in one function. */
function isOpaque({ inputs, answer }: LiteralAnswerNote): boolean {
  return inputs.some((it) => /^"[^"]{3,}"$/.test(it)) && /^(true|false|".*"|-?\d.*)$/.test(answer);
}

/** `JSON.stringify(input) === '[3,1,2]'` needs no test beside it to be read. */
function comparesWholeInput({ inputs, answer }: LiteralAnswerNote): boolean {
  const serialised = inputs.some((it) => /^"[[{].*[\]}]"$/.test(it) && it.length > 6);
  return serialised && !/^(true|false|null|undefined)$/.test(answer);
}

/**
 * D5: product code that knows the answers of the tests: a branch, case, ternary or table row of JavaScript,
 * TypeScript or Python that compares with an input of a changed test file and gives what that test expects. Tests
 * that the change does not touch are not read, so a change of product code alone shows only where a whole serialised
 * input is compared. Tables that hold more than the tests use, and words mapped to labels, are let pass.
 */
export const specialCasedInputs: TamperRule = {
  id: 'D5',
  clause: 'constitution §3 part 6, D5',
  severity: 'advisory',
  why: 'code that answers the examples of the tests passes them without doing what they stand for.',
  mend: 'compute the answer for every input of its kind; add tests with inputs that the code does not name.',
  examineChange: examine,
};
