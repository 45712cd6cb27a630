import { pathOf } from '../../change.js';
import type { FileFacts } from '../../file-facts.js';
import type { SyntaxFacts } from '../../syntax-facts.js';
import { isTestPath } from '../../test-path.js';
import type { Meaning } from './assertion-meaning.js';
import { lookupFor } from './definitions.js';
import { type Fate, matchAssertions } from './match-assertions.js';
import { hasMoved, isInPool, poolOf, type Refuge } from './moved-assertions.js';
import { pairUnits, type PairedUnits, type Unit, unitsOfHelpers, unitsOfTests } from './pair-tests.js';
import { comparePlans, type PlanFate } from './planned-count.js';
import { compareRows, type RowFate } from './table-rows.js';

/** What became of the assertions of one existing test, hook or helper. */
export interface ComparedUnit {
  readonly old: Unit;
  readonly now: Unit;
  readonly fates: readonly Fate[];
  readonly rows: readonly RowFate[];
  readonly plan: PlanFate | null;
}

export interface ComparedFile {
  readonly tests: PairedUnits;
  readonly compared: readonly ComparedUnit[];
}

const nothing: ComparedFile = { tests: { pairs: [], lost: [], gained: [] }, compared: [] };
const known = new WeakMap<FileFacts, ComparedFile>();

/** Compares old and new tests of a file; a file without tests on either side gives nothing. Remembered per `facts`. */
export function compareTests(facts: FileFacts): ComparedFile {
  const done = known.get(facts) ?? compare(facts);
  known.set(facts, done);
  return done;
}

function compare({ file, oldSyntax, newSyntax }: FileFacts): ComparedFile {
  if (oldSyntax === null || newSyntax === null) return nothing;
  const inTests = isTestPath(pathOf({ ...file, newPath: file.oldPath ?? file.newPath }));
  if (!inTests && oldSyntax.tests.length === 0 && newSyntax.tests.length === 0) return nothing;
  const tests = pairUnits(unitsOfTests(oldSyntax), unitsOfTests(newSyntax));
  const helpers = inTests ? pairUnits(unitsOfHelpers(oldSyntax), unitsOfHelpers(newSyntax)) : nothing.tests;
  const refuge = refugeOf(newSyntax, tests, helpers);
  const compared = [...tests.pairs, ...helpers.pairs].map(([old, now]) => compareUnit(old, now, oldSyntax, refuge));
  return { tests, compared };
}

function refugeOf(after: SyntaxFacts, tests: PairedUnits, helpers: PairedUnits): Refuge {
  const alive = tests.gained.filter((unit) => unit.test?.modifiers.length === 0);
  const called = helpers.gained.filter((unit) => isUsed(after, unit.name));
  const byName = new Map<string, readonly Meaning[]>(
    [...helpers.gained, ...helpers.pairs.map(([, now]) => now)].map((unit) => [unit.name, unit.meanings]),
  );
  return { pool: poolOf([...alive, ...called]), after, helpers: byName };
}

/** A helper counts when something calls it or hands it on; what asserts outside functions always runs. */
export function isUsed(syntax: SyntaxFacts, name: string): boolean {
  if (name === '') return true;
  const word = new RegExp(`(^|[^\\w$])${name.replace(/[^\w]/g, '\\$&')}($|[^\\w$])`);
  return syntax.calls.some(
    (call) =>
      call.functionName !== name && (call.callee.split('.').at(-1) === name || call.args.some((arg) => word.test(arg))),
  );
}

/** Removed assertions times new ones: beyond, only those count as moved that stand elsewhere word for word. */
const maxMovePairs = 200_000;

function compareUnit(old: Unit, now: Unit, before: SyntaxFacts, refuge: Refuge): ComparedUnit {
  const { fates, fresh } = matchAssertions(old.meanings, now.meanings, lookupFor(before, refuge.after, old, now));
  const removed = fates.filter((fate) => fate.kind === 'removed').length;
  const many = removed * (now.meanings.length + refuge.after.calls.length) > maxMovePairs;
  const hasGone = (lost: Meaning) => !(many ? isInPool(lost, refuge) : hasMoved(lost, now, fresh, refuge));
  return {
    old,
    now,
    fates: fates.filter((fate) => fate.kind !== 'removed' || hasGone(fate.old)),
    rows: compareRows(old, now),
    plan: comparePlans(old, now, before, refuge.after),
  };
}
