import { pathOf } from '../change.js';
import type { FileFacts } from '../file-facts.js';
import { isRunnerFile } from '../gate/runner-files.js';
import type { CallFact } from '../syntax-facts.js';
import { isTestPath } from '../test-path.js';

interface Place {
  readonly line: number;
  readonly endLine?: number;
}

/**
 * Facts on added lines that the new content has more often than the old one, by a key that says nothing of lines:
 * code that only moved is not fresh. Without an old content everything is. `tells` says cheaply which facts a rule could
 * find anything in: where no added line holds one, no key is made.
 */
export function freshOf<Fact extends Place>(
  before: readonly Fact[] | undefined,
  after: readonly Fact[] | undefined,
  added: ReadonlySet<number>,
  keyOf: (fact: Fact) => string,
  tells: (fact: Fact) => boolean = () => true,
): readonly Fact[] {
  const candidates = touchedOf(after ?? [], added).filter(tells);
  if (candidates.length === 0) return [];
  const left = new Map<string, number>();
  const count = (fact: Fact, step: number): number => {
    const key = keyOf(fact);
    const sum = (left.get(key) ?? 0) + step;
    left.set(key, sum);
    return sum;
  };
  for (const fact of before ?? []) count(fact, 1);
  // What stands on untouched lines is what stood there before.
  for (const fact of after ?? []) if (!touches(fact, added)) count(fact, -1);
  return candidates.filter((fact) => count(fact, -1) < 0);
}

// Every rule asks the same lists of a file for the same few facts, before the next file comes.
const touchedLists = new Map<readonly Place[], readonly Place[]>();
let touchedBy: ReadonlySet<number> | null = null;

function touchedOf<Fact extends Place>(facts: readonly Fact[], added: ReadonlySet<number>): readonly Fact[] {
  if (touchedBy !== added) {
    touchedLists.clear();
    touchedBy = added;
  }
  // The list is the key, so that what was kept for it holds facts of its own.
  const kept = touchedLists.get(facts);
  if (kept !== undefined) return kept as readonly Fact[];
  const made = facts.filter((fact) => touches(fact, added));
  touchedLists.set(facts, made);
  return made;
}

/** What makes two calls the same one, wherever they stand. */
export function callKeyOf(call: CallFact): string {
  return `${call.callee}(${call.args.join(', ')}) ${call.functionName ?? ''} ${call.condition}`;
}

let latestLines: readonly [FileFacts, ReadonlySet<number>] | null = null;

/** Numbers of the lines that the change adds; the latest are kept, since every rule asks for them. */
export function addedLineSet(facts: FileFacts): ReadonlySet<number> {
  if (latestLines?.[0] === facts) return latestLines[1];
  latestLines = [facts, new Set(facts.addedLines.map(({ line }) => line))];
  return latestLines[1];
}

interface AddedRange {
  readonly first: number;
  readonly last: number;
  /** How many added lines there are up to each line. */
  readonly upTo: Uint32Array;
}

// One file is asked by all rules before the next one comes.
let latest: readonly [ReadonlySet<number>, AddedRange] | null = null;

function rangeOf(added: ReadonlySet<number>): AddedRange {
  if (latest?.[0] === added) return latest[1];
  latest = [added, measureRange(added)];
  return latest[1];
}

function measureRange(added: ReadonlySet<number>): AddedRange {
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  for (const line of added) {
    if (line < first) first = line;
    if (line > last) last = line;
  }
  const upTo = new Uint32Array(last + 1);
  for (let line = 1; line <= last; line += 1) upTo[line] = (upTo[line - 1] ?? 0) + (added.has(line) ? 1 : 0);
  return { first, last, upTo };
}

/** True when the change adds a line of what stands at `line`, or from there to `endLine`; two steps, however long. */
export function touches(fact: Place, added: ReadonlySet<number>): boolean {
  const { first, last, upTo } = rangeOf(added);
  const end = fact.endLine ?? fact.line;
  if (fact.line > last || end < first) return false;
  return (upTo[Math.min(end, last)] ?? 0) > (upTo[Math.max(fact.line - 1, 0)] ?? 0);
}

let latestMachinery: readonly [FileFacts, boolean] | null = null;

/** True for a test, a helper of tests, or the configuration of a runner: what runs there decides over the judgement. */
export function isTestMachinery(facts: FileFacts): boolean {
  if (latestMachinery?.[0] === facts) return latestMachinery[1];
  const path = pathOf(facts.file);
  const made =
    isTestPath(path) ||
    isRunnerFile(path) ||
    /(^|\/)(test|vitest|jest|mocha)[-_.]?(setup|utils?|helpers?)\b|(^|\/)(conftest|setup-?tests?)\.\w+$/i.test(path);
  latestMachinery = [facts, made];
  return made;
}

/** True for a file that tests feed to what they test, rather than run as a part of themselves. */
export function isFixture(path: string): boolean {
  return (
    /(^|\/)(__fixtures__|fixtures?|testdata|test-data|samples?|test-?apps?|examples?)\//i.test(path) &&
    !/\.(test|spec)\.|(^|\/)(test_[^/]*|conftest)\.py$/.test(path)
  );
}
