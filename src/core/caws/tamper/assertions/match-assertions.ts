import { keyOf, type Meaning, sameStrength } from './assertion-meaning.js';
import { toleranceOf } from './assertion-strength.js';
import { isConstantOf, type Lookup } from './definitions.js';
import { hasSameInput, isLiteral, isSubjectRenamed, literalsOf, wordsOf } from './subjects.js';

/** What became of an old assertion that does not stand as it was. */
export type Fate =
  | { readonly kind: 'removed'; readonly old: Meaning }
  | { readonly kind: 'weakened'; readonly old: Meaning; readonly now: Meaning; readonly how: string }
  | { readonly kind: 'changed'; readonly old: Meaning; readonly now: Meaning; readonly how: string };

export interface Matched {
  readonly fates: readonly Fate[];
  /** New assertions that stand for no old one. */
  readonly fresh: readonly Meaning[];
}

type Judge = (old: Meaning, now: Meaning) => 'same' | Fate | null;

/** New assertions looked at for one old one, and pairs looked at in one test: beyond, what is left counts as removed. */
const maxCandidates = 200;
const maxPairs = 200_000;

/**
 * Finds for each old assertion the new one that stands for it, the surest first: the same question; the same subject;
 * the same subject with other literals; the same expectation of a renamed subject. `lookup` tells what names stand for.
 */
export function matchAssertions(before: readonly Meaning[], after: readonly Meaning[], lookup: Lookup): Matched {
  let left = before;
  let pairs = 0;
  const taken = new Set<Meaning>();
  const fates: Fate[] = [];
  const run = (bucketOf: (meaning: Meaning) => string, judge: Judge): void => {
    const buckets = bucketed(
      after.filter((now) => !taken.has(now)),
      bucketOf,
    );
    left = left.filter((old) => {
      const candidates = pairs > maxPairs ? [] : (buckets.get(bucketOf(old)) ?? []);
      pairs += Math.min(candidates.length, maxCandidates);
      const at = bestMatch(old, candidates, judge);
      const now = candidates[at];
      const fate = now === undefined ? null : judge(old, now);
      if (now === undefined || fate === null) return true;
      if (fate !== 'same') fates.push(fate);
      taken.add(now);
      candidates.splice(at, 1);
      return false;
    });
  };
  run(keyOf, (old, now) => sameQuestion(old, now, lookup));
  run(
    ({ subject }) => subject,
    (old, now) => sameSubject(old, now, lookup),
  );
  run(
    ({ source }) => source,
    (old, now) => sameSubject(old, now, lookup),
  );
  run(({ family, expected }) => [family, ...expected].join('\u0001'), otherInput);
  run(() => '', renamedSubject);
  const removed = left.map((old): Fate => ({ kind: 'removed', old }));
  return { fates: [...fates, ...removed], fresh: after.filter((now) => !taken.has(now)) };
}

function bucketed(meanings: readonly Meaning[], bucketOf: (meaning: Meaning) => string): Map<string, Meaning[]> {
  const buckets = new Map<string, Meaning[]>();
  for (const meaning of meanings) {
    const bucket = buckets.get(bucketOf(meaning));
    if (bucket === undefined) buckets.set(bucketOf(meaning), [meaning]);
    else bucket.push(meaning);
  }
  return buckets;
}

/** A match without a fault wins over one with. */
function bestMatch(old: Meaning, candidates: readonly Meaning[], judge: Judge): number {
  let faulty = -1;
  for (const [index, now] of candidates.entries()) {
    if (index >= maxCandidates) break;
    const fate = judge(old, now);
    if (fate === 'same') return index;
    if (fate !== null && faulty < 0) faulty = index;
  }
  return faulty;
}

const guardTexts: Readonly<Record<string, string>> = {
  branch: 'it now stands behind a condition',
  'maybe-return': 'it now stands behind a condition that may return first',
  'after-return': 'it now stands after a return',
  unreachable: 'it can no longer be reached',
  catch: 'it now stands in a catch clause',
  try: 'a try or a suppression around it now swallows its failure',
  'never-called': 'it now stands in a function that nothing calls',
  'empty-loop': 'it now stands in a loop over nothing',
  timer: 'it now stands in a timer callback, after the test has ended',
};

function sameQuestion(old: Meaning, now: Meaning, lookup: Lookup): 'same' | Fate {
  const weakened = (how: string): Fate => ({ kind: 'weakened', old, now, how });
  if (now.fact.guard !== null && old.fact.guard === null)
    return weakened(guardTexts[now.fact.guard] ?? 'it may not run');
  if (now.fact.promised && !now.fact.awaited && (old.fact.awaited || !old.fact.promised)) {
    return weakened('nobody waits for its promise any more');
  }
  if (now.strength < old.strength - sameStrength)
    return weakened(`"${now.fact.form}" asks less than "${old.fact.form}"`);
  const fixed = lookup.fixedSubject(old, now);
  if (fixed !== null) return weakened(fixed);
  const constant = lookup.changedConstant(old, now);
  return constant === null ? 'same' : { kind: 'changed', old, now, how: constant };
}

function sameSubject(old: Meaning, now: Meaning, lookup: Lookup): 'same' | Fate | null {
  const tolerance = looser(old, now);
  if (tolerance !== null) return { kind: 'weakened', old, now, how: tolerance };
  if (now.strength < old.strength - sameStrength || old.negated !== now.negated) {
    const how =
      old.negated === now.negated
        ? `"${now.fact.form}" asks less than "${old.fact.form}"`
        : `it asks the opposite of "${old.fact.form}"`;
    return { kind: 'weakened', old, now, how };
  }
  if (old.family === 'snapshot' && now.family === 'snapshot') {
    return { kind: 'weakened', old, now, how: 'its snapshot was rewritten' };
  }
  return sameExpected(old, now, lookup) ? sameQuestion(old, now, lookup) : changed(old, now);
}

function changed(old: Meaning, now: Meaning): Fate {
  return { kind: 'changed', old, now, how: `expected ${showExpected(old)} before, ${showExpected(now)} now` };
}

function showExpected(meaning: Meaning): string {
  const text = meaning.expected.join(', ');
  return text === '' ? `"${meaning.fact.form}"` : text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

/** Looser tolerance of the same value. */
function looser(old: Meaning, now: Meaning): string | null {
  const [before, after] = [toleranceOf(old), toleranceOf(now)];
  if (old.expected[0]?.split(',')[0] !== now.expected[0]?.split(',')[0]) return null;
  if (before === null || after === null || after <= before) return null;
  return `its tolerance was widened from ${before} to ${after}`;
}

/** Expectations that are no literals may be renamed; a literal may become more precise, or a name for itself. */
function sameExpected(old: Meaning, now: Meaning, lookup: Lookup): boolean {
  if (old.expected.join('\u0001') === now.expected.join('\u0001')) return true;
  if (old.expected.length === 0) return true;
  const pinned = old.family === 'throws' ? old.expected : old.expected.filter(isLiteral);
  const stricter = now.strength > old.strength + sameStrength;
  return pinned.every((text) => {
    if (now.expected.includes(text) || (stricter && isWithin(text, now))) return true;
    if (old.family === 'throws' && now.expected.some((other) => patternOf(other).includes(patternOf(text))))
      return true;
    return now.expected.some((other) => isConstantOf(lookup, other, text) || isWrapped(other, text));
  });
}

/** `"no file"` and `/no file/` ask for one text. */
function patternOf(text: string): string {
  return text
    .replace(/^(match|message)\s*[=:]\s*/, '')
    .replace(/^r?"(.*)"$/s, '$1')
    .replace(/^\/(.*)\/[a-z]*$/s, '$1');
}

/** All names and literals of the old expectation stand in the new one, which asks for more. */
function isWithin(text: string, now: Meaning): boolean {
  const held = new Set(now.expected.flatMap((other) => [...wordsOf(other), ...literalsOf(other)]));
  return [...wordsOf(text), ...literalsOf(text)].every((part) => held.has(part));
}

/** `3` within `BigInt(3)` or `new Set([3])`; a whole text within a longer one is still asked for. */
function isWrapped(now: string, old: string): boolean {
  const at = now.indexOf(old);
  if (at < 0 || now.length === old.length || isLiteral(now)) return false;
  return (
    !/[\w.]/.test(now.charAt(at - 1)) &&
    !/[\w.]/.test(now.charAt(at + old.length)) &&
    !/ [+\-*/%] |\|\||&&|\?|\b(or|and|if|not)\b/.test(now)
  );
}

/** The same call with other literals: the question was changed, not the name. */
function otherInput(old: Meaning, now: Meaning): Fate | null {
  if (old.family !== now.family || old.negated !== now.negated) return null;
  if (old.expected.join() !== now.expected.join() || !hasSameInput(old.subject, now.subject)) return null;
  return { kind: 'changed', old, now, how: `it examines ${now.subject} instead of ${old.subject}` };
}

function renamedSubject(old: Meaning, now: Meaning): 'same' | Fate | null {
  const same = old.family === now.family && old.negated === now.negated && old.expected.join() === now.expected.join();
  if (!same && isRenamedThroughout(old, now)) return 'same';
  if (!same || now.strength < old.strength - sameStrength) return fromCatch(old, now);
  if (!isSubjectRenamed(old.subject, now.subject, old.expected)) return null;
  if (now.fact.guard !== null && old.fact.guard === null) {
    return { kind: 'weakened', old, now, how: guardTexts[now.fact.guard] ?? 'it may not run' };
  }
  return 'same';
}

/** `expect(result.name).toBe(expected)` and `expect(actual.name).toBe(name)`: both sides are names, and both changed. */
function isRenamedThroughout(old: Meaning, now: Meaning): boolean {
  const name = /^[A-Za-z_$][\w$]*$/;
  const tail = (text: string) => text.replace(/^[A-Za-z_$][\w$]*/, '');
  const names = [...old.expected, ...now.expected].every((text) => name.test(text) && !isLiteral(text));
  const kind = old.family === now.family && old.negated === now.negated && old.fact.form === now.fact.form;
  return kind && names && old.expected.length === now.expected.length && tail(old.subject) === tail(now.subject);
}

/** `try { f() } catch (e) { expect(e.message)… }` became `expect(f).toThrow(…)`, which asks more. */
function fromCatch(old: Meaning, now: Meaning): 'same' | null {
  return old.fact.guard === 'catch' && now.family === 'throws' && now.fact.guard === null && now.strength >= 60
    ? 'same'
    : null;
}
