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
  const candidates = (after ?? []).filter((fact) => touches(fact, added) && tells(fact));
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

/** What makes two calls the same one, wherever they stand. */
export function callKeyOf(call: CallFact): string {
  return `${call.callee}(${call.args.join(', ')}) ${call.functionName ?? ''} ${call.condition}`;
}

const lineSets = new WeakMap<FileFacts, ReadonlySet<number>>();

/** Numbers of the lines that the change adds; kept, since every rule asks for them. */
export function addedLineSet(facts: FileFacts): ReadonlySet<number> {
  const kept = lineSets.get(facts);
  if (kept !== undefined) return kept;
  const made = new Set(facts.addedLines.map(({ line }) => line));
  lineSets.set(facts, made);
  return made;
}

const counts = new WeakMap<ReadonlySet<number>, Uint32Array>();

/** How many added lines there are up to each line, so that a range is asked in two steps however long it is. */
function countsOf(added: ReadonlySet<number>): Uint32Array {
  const kept = counts.get(added);
  if (kept !== undefined) return kept;
  let last = 0;
  for (const line of added) if (line > last) last = line;
  const made = new Uint32Array(last + 1);
  for (let line = 1; line <= last; line += 1) made[line] = (made[line - 1] ?? 0) + (added.has(line) ? 1 : 0);
  counts.set(added, made);
  return made;
}

/** True when the change adds a line of what stands at `line`, or from there to `endLine`. */
export function touches(fact: Place, added: ReadonlySet<number>): boolean {
  if (fact.endLine === undefined || fact.endLine === fact.line) return added.has(fact.line);
  const upTo = countsOf(added);
  const at = (line: number): number => upTo[Math.min(Math.max(line, 0), upTo.length - 1)] ?? 0;
  return at(fact.endLine) > at(fact.line - 1);
}

const machinery = new WeakMap<FileFacts, boolean>();

/** True for a test, a helper of tests, or the configuration of a runner: what runs there decides over the judgement. */
export function isTestMachinery(facts: FileFacts): boolean {
  const kept = machinery.get(facts);
  if (kept !== undefined) return kept;
  const path = pathOf(facts.file);
  const made =
    isTestPath(path) ||
    isRunnerFile(path) ||
    /(^|\/)(test|vitest|jest|mocha)[-_.]?(setup|utils?|helpers?)\b|(^|\/)(conftest|setup-?tests?)\.\w+$/i.test(path);
  machinery.set(facts, made);
  return made;
}

/** True for a file that tests feed to what they test, rather than run as a part of themselves. */
export function isFixture(path: string): boolean {
  return (
    /(^|\/)(__fixtures__|fixtures?|testdata|test-data|samples?|test-?apps?|examples?)\//i.test(path) &&
    !/\.(test|spec)\.|(^|\/)(test_[^/]*|conftest)\.py$/.test(path)
  );
}
