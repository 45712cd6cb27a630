import type { SyntaxFacts } from '../../syntax-facts.js';
import { keyOf, type Meaning, sameStrength } from './assertion-meaning.js';
import type { Unit } from './pair-tests.js';
import { literalsOf, wordsOf } from './subjects.js';

/** Where an assertion that is gone from its test may have gone to. */
export interface Refuge {
  /** Assertions that no old assertion stands for: of new tests, hooks, helpers. Each serves once. */
  readonly pool: Map<string, number>;
  readonly after: SyntaxFacts;
  /** Helpers of the new file that assert, by name. */
  readonly helpers: ReadonlyMap<string, readonly Meaning[]>;
}

/** A pool over new assertions. */
export function poolOf(units: readonly Unit[]): Map<string, number> {
  const pool = new Map<string, number>();
  for (const meaning of units.flatMap((unit) => unit.meanings)) {
    if (meaning.fact.guard !== null) continue;
    pool.set(keyOf(meaning), (pool.get(keyOf(meaning)) ?? 0) + 1);
  }
  return pool;
}

/**
 * True when a lost assertion is still asked for: moved elsewhere in the file, split into parts or merged into a whole,
 * implied by a stronger one, turned into a row of a table, or asked by a helper that the test calls.
 */
export function hasMoved(old: Meaning, unit: Unit, fresh: readonly Meaning[], refuge: Refuge): boolean {
  return (
    isInPool(old, refuge) ||
    isImplied(old, unit.meanings) ||
    isSplit(old, fresh) ||
    isMerged(old, unit.meanings) ||
    isRow(old, unit) ||
    isDelegated(old, unit, refuge)
  );
}

/** The very assertion stands elsewhere in the file; it serves once. */
export function isInPool(old: Meaning, { pool }: Refuge): boolean {
  const count = pool.get(keyOf(old)) ?? 0;
  if (count > 0) pool.set(keyOf(old), count - 1);
  return count > 0;
}

function startsWithPath(text: string, path: string): boolean {
  return text === path || (text.startsWith(path) && /^[.[?!]/.test(text.slice(path.length)));
}

/** `expect(r).toBeDefined()` says nothing beyond `expect(r.sum).toBe(3)`. */
function isImplied(old: Meaning, now: readonly Meaning[]): boolean {
  const isWeak = (old.strength > 0 && old.strength <= 45) || old.family === 'length';
  return (
    (old.strength === 0 && now.length > 0) ||
    (isWeak &&
      now.some((other) => {
        const examines =
          startsWithPath(other.source, old.source) || startsWithPath(bare(other.source), bare(old.source));
        return examines && other.strength > Math.max(old.strength, 55) && other.fact.guard === null && !other.negated;
      }))
  );
}

function bare(subject: string): string {
  return subject
    .replace(/^await /, '')
    .replace(/^(?:Object\.keys|typeof|len)\b\(?(.*?)\)?$/, '$1')
    .replace(/\.(length|size)$/, '');
}

/** `toEqual({a: 1, b: 2})` became `expect(r.a).toBe(1)` and `expect(r.b).toBe(2)`. */
function isSplit(old: Meaning, fresh: readonly Meaning[]): boolean {
  const parts = fresh.filter(
    (now) => startsWithPath(now.source, old.source) && now.source !== old.source && now.strength >= 60,
  );
  if (parts.length === 0) return false;
  const asked = new Set(parts.flatMap((now) => now.expected.flatMap(literalsOf)));
  return old.expected.flatMap(literalsOf).every((literal) => asked.has(literal));
}

/** `expect(r.a).toBe(1)` became part of `expect(r).toEqual({a: 1, …})`. */
function isMerged(old: Meaning, now: readonly Meaning[]): boolean {
  return now.some((other) => {
    if (other.source === old.source || !startsWithPath(old.source, other.source) || other.fact.guard !== null)
      return false;
    const member =
      old.source
        .slice(other.source.length)
        .match(/[\w$]+/g)
        ?.at(-1) ?? '';
    const text = other.expected.join(', ');
    const values = old.expected.every((value) => text.includes(value));
    return values && (member === 'length' || text.includes(member)) && other.strength >= 55;
  });
}

/** A loop or a table row holds the literals, and one assertion asks for each row. */
function isRow(old: Meaning, unit: Unit): boolean {
  const rows = unit.test?.rowTexts ?? [];
  const asks = unit.meanings.some(
    (now) => now.family === old.family && now.fact.guard === null && now.strength >= old.strength - sameStrength,
  );
  return asks && rows.some((row) => rowHolds(row, old));
}

/** True when every literal of the assertion stands in the row. */
export function rowHolds(row: string, meaning: Meaning): boolean {
  const literals = [meaning.subject, ...meaning.expected].flatMap(literalsOf);
  const held = literalsOf(row);
  return literals.length > 0 && literals.every((literal) => held.includes(literal));
}

const askingName = /(^|\.|_)(assert|expect|verify|check|ensure|should|validate|matches)/i;

/** The test calls a helper that asks it: one of this file with such an assertion, or one from elsewhere by its name. */
function isDelegated(old: Meaning, unit: Unit, refuge: Refuge): boolean {
  return refuge.after.calls.some((call) => {
    if (call.line < unit.line || call.line > unit.endLine || call.guard !== null) return false;
    const name = call.callee.split('.').at(-1) ?? '';
    const inside = refuge.helpers.get(name);
    const args = call.args.join(', ');
    if (inside !== undefined) {
      const asks = inside.some(
        (meaning) => meaning.family === old.family && meaning.strength >= old.strength - sameStrength,
      );
      return asks && holdsWords(args, old, inside);
    }
    return askingName.test(call.callee) && !/^(expect|assert)\b/.test(call.callee) && holdsWords(args, old, []);
  });
}

function holdsWords(args: string, old: Meaning, inside: readonly Meaning[]): boolean {
  const given = `${args} ${inside.map((meaning) => [meaning.subject, ...meaning.expected].join(' ')).join(' ')}`;
  const words = new Set([...wordsOf(given), ...literalsOf(given)]);
  const literals = old.expected.flatMap(literalsOf);
  const subject = [...wordsOf(old.subject), ...literalsOf(old.subject)];
  return literals.every((literal) => words.has(literal)) && subject.some((word) => words.has(word));
}
