import type { FileFacts } from '../file-facts.js';
import { noteDependencies } from './dependencies/dependency-notes.js';
import type { ChangeNotes } from './tamper-rule.js';
import { noteLiteralAnswers } from './examples/literal-answers.js';
import { noteExamples } from './examples/test-examples.js';
import { noteHolders } from './holder-notes.js';
import { noteTests } from './test-notes.js';

/** Notes of a change that has none. */
export const noNotes: ChangeNotes = {
  removedTests: [],
  addedTests: [],
  examples: [],
  literalAnswers: [],
  dependencies: [],
  holders: [],
};

/** What the rules that look across files need of this one. */
export function noteFile(facts: FileFacts): ChangeNotes {
  const tests = noteTests(facts);
  return {
    removedTests: tests.removed,
    addedTests: tests.added,
    examples: noteExamples(facts),
    literalAnswers: noteLiteralAnswers(facts),
    dependencies: noteDependencies(facts),
    holders: noteHolders(facts),
  };
}

/** Literals of a change that are looked at across files; beyond them a change is far over any budget. */
const literalsPerChange = 50_000;

/** All notes as one. The order of the files is the caller's; findings are sorted later. */
export function joinNotes(notes: readonly ChangeNotes[]): ChangeNotes {
  return {
    removedTests: notes.flatMap((note) => note.removedTests),
    addedTests: notes.flatMap((note) => note.addedTests),
    examples: notes.flatMap((note) => note.examples).slice(0, literalsPerChange),
    literalAnswers: notes.flatMap((note) => note.literalAnswers).slice(0, literalsPerChange),
    dependencies: notes.flatMap((note) => note.dependencies),
    holders: notes.flatMap((note) => note.holders),
  };
}
