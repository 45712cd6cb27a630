import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { pathOf } from '../change.js';
import type { FileFacts } from '../file-facts.js';
import type { SyntaxFacts } from '../syntax-facts.js';
import { keyOf, type Meaning } from './assertions/assertion-meaning.js';
import { compareTests, isUsed } from './assertions/compare-tests.js';
import { rowHolds } from './assertions/moved-assertions.js';
import { type PairedUnits, type Unit, unitsOfHelpers, unitsOfTests } from './assertions/pair-tests.js';
import { literalsOf } from './assertions/subjects.js';
import type { TestNote } from './tamper-rule.js';

const marksPerTest = 40;
/** Twins and tables looked at, so that a huge file of tests costs no square of its size. */
const maxTwins = 5;
const maxTableEffort = 200_000;
const off = new Set(['skip', 'todo', 'unreachable', 'never-called', 'early-return']);

/**
 * Tests that this file lost and gained. A test that was renamed, merged into another one, or turned into a row of a
 * table within the file is neither. Files without syntax facts have no tests to note.
 */
export function noteTests(facts: FileFacts): {
  readonly removed: readonly TestNote[];
  readonly added: readonly TestNote[];
} {
  const { file, oldSyntax, newSyntax } = facts;
  if (oldSyntax === null && newSyntax === null) return { removed: [], added: [] };
  const paired = pairedTests(facts);
  const gone = newSyntax === null || oldSyntax === null ? paired.lost : stillMissing(paired, oldSyntax, newSyntax);
  return {
    removed: gone.map((unit) => noteOf(unit, file.oldPath ?? pathOf(file), oldSyntax)),
    added: paired.gained.map((unit) => noteOf(unit, pathOf(file), newSyntax)),
  };
}

function pairedTests(facts: FileFacts): PairedUnits {
  const { oldSyntax, newSyntax } = facts;
  if (oldSyntax !== null && newSyntax !== null) return compareTests(facts).tests;
  const lost = oldSyntax === null ? [] : unitsOfTests(oldSyntax);
  return { pairs: [], lost, gained: newSyntax === null ? [] : unitsOfTests(newSyntax) };
}

/** Lost tests whose questions nobody in the new file asks. */
function stillMissing({ pairs, lost }: PairedUnits, before: SyntaxFacts, after: SyntaxFacts): readonly Unit[] {
  if (lost.length === 0) return [];
  const alive = unitsOfTests(after).filter((unit) => unit.test?.modifiers.length === 0);
  const helpers = unitsOfHelpers(after).filter((unit) => isUsed(after, unit.name));
  const stayed = [...pairs.map(([old]) => old), ...unitsOfHelpers(before)];
  const spare = spareQuestions(questionsOf([...alive, ...helpers]), questionsOf(stayed));
  const seen = surviving(alive, after);
  return lost.filter((unit) => !seen.hasTwin(unit, before) && !isAskedElsewhere(unit, spare) && !seen.inTables(unit));
}

/** Tests that are left, asked for what a lost test did: as its twin, as a row of a table, or a table spread out. */
function surviving(alive: readonly Unit[], after: SyntaxFacts) {
  const byQuestions = new Map<string, Unit[]>();
  for (const unit of alive) {
    const key = unit.meanings.map(keyOf).join('\u0002');
    byQuestions.set(key, [...(byQuestions.get(key) ?? []).slice(0, maxTwins), unit]);
  }
  const tables = alive.filter((unit) => (unit.test?.rowTexts.length ?? 0) > 0);
  let effort = 0;
  return {
    hasTwin: (unit: Unit, before: SyntaxFacts) =>
      (byQuestions.get(unit.meanings.map(keyOf).join('\u0002')) ?? []).some(
        (other) => wholePrint(other, after) === wholePrint(unit, before),
      ),
    inTables: (unit: Unit) => {
      effort += tables.length * 10 + (unit.test?.rowTexts.length ?? 0) * alive.length;
      return effort < maxTableEffort && (isTableRow(unit, tables) || isSpreadTable(unit, alive));
    },
  };
}

/** All that a test calls and asks: a test with the same print is its twin, and one of the two is enough. */
function wholePrint(unit: Unit, syntax: SyntaxFacts): string {
  const calls = syntax.calls
    .filter((call) => call.line > unit.line && call.line <= unit.endLine)
    .map((call) => `${call.callee}(${call.args.join(', ')})`);
  return [...unit.meanings.map(keyOf), ...(unit.test?.rowTexts ?? []), ...calls].join('\u0002') || unit.name;
}

function questionsOf(units: readonly Unit[]): readonly Meaning[] {
  return units.flatMap((unit) => unit.meanings);
}

/** How often each question of the new file stands beyond what the tests that stayed asked before. */
function spareQuestions(now: readonly Meaning[], stayed: readonly Meaning[]): Map<string, number> {
  const spare = new Map<string, number>();
  const add = (meaning: Meaning, count: number): void => {
    spare.set(keyOf(meaning), (spare.get(keyOf(meaning)) ?? 0) + count);
  };
  for (const meaning of now) if (meaning.fact.guard === null && meaning.strength > 0) add(meaning, 1);
  for (const meaning of stayed) add(meaning, -1);
  return spare;
}

function isAskedElsewhere(unit: Unit, spare: Map<string, number>): boolean {
  const needed = new Map<string, number>();
  for (const meaning of unit.meanings) {
    if (meaning.strength > 0) needed.set(keyOf(meaning), (needed.get(keyOf(meaning)) ?? 0) + 1);
  }
  if (needed.size === 0 || [...needed].some(([key, count]) => (spare.get(key) ?? 0) < count)) return false;
  for (const [key, count] of needed) spare.set(key, (spare.get(key) ?? 0) - count);
  return true;
}

/** Several tests became one with a table: a row of it holds what this one fed in and expected. */
function isTableRow(unit: Unit, now: readonly Unit[]): boolean {
  const asked = unit.meanings.filter((meaning) => meaning.strength > 0);
  return (
    asked.length > 0 &&
    now.some((other) => {
      const rows = other.test?.rowTexts ?? [];
      const families = new Set(other.meanings.map((meaning) => meaning.family));
      return asked.every((meaning) => families.has(meaning.family) && rows.some((row) => rowHolds(row, meaning)));
    })
  );
}

/** A table became several tests: each row's literals stand in one of them. */
function isSpreadTable(unit: Unit, now: readonly Unit[]): boolean {
  const rows = unit.test?.rowTexts ?? [];
  if (rows.length === 0) return false;
  const literals = now.map(
    (other) => new Set(other.meanings.flatMap((it) => [it.subject, ...it.expected].flatMap(literalsOf))),
  );
  return rows.every((row) =>
    literals.some((held) => literalsOf(row).length > 0 && literalsOf(row).every((it) => held.has(it))),
  );
}

function noteOf(unit: Unit, file: string, syntax: SyntaxFacts | null): TestNote {
  return {
    file,
    name: unit.name,
    line: unit.line,
    fingerprint: fingerprintOf(unit, syntax),
    marks: unit.meanings
      .slice(0, marksPerTest)
      .map((it) => [it.family, it.negated ? 'not' : '', ...it.expected].join('\u0001')),
    running: unit.test?.modifiers.some((modifier) => off.has(modifier)) === false,
  };
}

/** Empty for a test that asserts and calls nothing: two such tests are not thereby the same test. */
function fingerprintOf(unit: Unit, syntax: SyntaxFacts | null): string {
  const done =
    unit.meanings.length > 0
      ? unit.meanings.map(keyOf)
      : (syntax?.calls ?? [])
          .filter((call) => call.line > unit.line && call.line <= unit.endLine)
          .map((call) => [call.callee, ...call.args].join('\u0001'));
  return done.length === 0
    ? ''
    : bytesToHex(sha256(utf8ToBytes([...done, ...(unit.test?.rowTexts ?? [])].join('\u0002')))).slice(0, 32);
}
