import type { AssertionFact } from '../../syntax-facts.js';
import { type Family, familyOf, type Plain } from './assertion-family.js';
import { strengthOf } from './assertion-strength.js';

/** What an assertion asks, whatever the framework: `expect(x).toBe(1)`, `assert.equal(x, 1)`, `assert x == 1` are one. */
export interface Meaning {
  readonly fact: AssertionFact;
  readonly family: Family;
  readonly negated: boolean;
  readonly subject: string;
  /** The subject with its leading variable replaced by what the variable was set to. */
  readonly source: string;
  readonly expected: readonly string[];
  /** 0 asserts nothing, 100 pins one exact value; differences up to `sameStrength` are no weakening. */
  readonly strength: number;
}

/** Differences of strength up to this one lie between frameworks, not between intentions. */
export const sameStrength = 3;

/** Reads an assertion's meaning; `source` is where its subject comes from. */
export function meaningOf(fact: AssertionFact, source: string): Meaning {
  const plain = comparisonMeaning(fact) ?? constantMeaning(fact) ?? plainMeaning(fact);
  const strength = strengthOf(fact, plain);
  return { fact, ...plain, source: plain.subject === fact.subject ? source : plain.subject, strength };
}

const negativeForm =
  /\b(not|isNot|notEqual\w*|not[A-Z]\w*|doesNot\w*|assertNot\w+|assertIsNot\w*|is not|!=|not in|assert_not_called)\b/;

function plainMeaning(fact: AssertionFact): Plain {
  const family = familyOf(fact.form);
  const negated = fact.negated !== negativeForm.test(fact.form.replace(/^.*expect\(\)\./, ''));
  return { family, negated, subject: fact.subject.replace(/^await /, ''), expected: fact.expected };
}

/** `assert(a === b)` and `expect(a == b).toBe(true)` compare like `assert.equal(a, b)`. */
function comparisonMeaning(fact: AssertionFact): Plain | null {
  const asksTrue =
    /^(assert|assert\.ok|self\.assertTrue|t\.(ok|true|truthy|assert)|expect\(\)\.(toBeTruthy|be\.true|ok))$/.test(
      fact.form,
    ) ||
    (/toBe$|toEqual$|equal$/.test(fact.form) && fact.expected[0] === 'true');
  if (!asksTrue || /&&|\|\||\bor\b|\band\b|\?|=>/.test(fact.subject)) return null;
  const parts = /^(.+?) (===?|!==?) (.+)$/.exec(fact.subject);
  if (parts?.[1] === undefined || parts[3] === undefined || balance(parts[1]) !== 0) return null;
  return {
    family: 'equal',
    negated: fact.negated !== parts[2]?.startsWith('!'),
    subject: parts[1],
    expected: [parts[3]],
  };
}

function balance(text: string): number {
  return (text.match(/[([{]/g)?.length ?? 0) - (text.match(/[)\]}]/g)?.length ?? 0);
}

const constants: readonly (readonly [RegExp, string])[] = [
  [/^expect\(\)\.(toBeNull|be\.null|null)$|assert\.isNull$/, 'null'],
  [/^expect\(\)\.(toBeUndefined|be\.undefined|undefined)$|assert\.isUndefined$/, 'undefined'],
  [/^expect\(\)\.(be\.true|true)$|^t\.true$|assert\.isTrue$|^expect\(\)\.toBeTrue$/, 'true'],
  [/^expect\(\)\.(be\.false|false)$|^t\.false$|assert\.isFalse$|^expect\(\)\.toBeFalse$/, 'false'],
  [/^expect\(\)\.toBeNaN$/, 'NaN'],
  [/^self\.assertIsNone$/, 'None'],
];

/** `toBeNull()` is `toBe(null)`. */
function constantMeaning(fact: AssertionFact): Plain | null {
  const value = constants.find(([pattern]) => pattern.test(fact.form))?.[1];
  return value === undefined
    ? null
    : { family: 'equal', negated: fact.negated, subject: fact.subject, expected: [value] };
}

/** The same for the same question, whatever the framework. */
export function keyOf(meaning: Meaning): string {
  const kept = keys.get(meaning);
  if (kept !== undefined) return kept;
  const made = makeKey(meaning);
  keys.set(meaning, made);
  return made;
}

const keys = new WeakMap<Meaning, string>();

function makeKey(meaning: Meaning): string {
  return [meaning.family, meaning.negated ? 'not' : '', meaning.subject, ...meaning.expected].join('\u0001');
}
