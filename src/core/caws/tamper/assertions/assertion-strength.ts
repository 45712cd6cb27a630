import type { AssertionFact } from '../../syntax-facts.js';
import type { Family, Plain } from './assertion-family.js';

const familyStrength: Readonly<Record<Family, number>> = {
  equal: 98,
  snapshot: 85,
  called: 70,
  close: 80,
  part: 60,
  match: 60,
  throws: 60,
  order: 50,
  type: 45,
  length: 65,
  property: 60,
  helper: 50,
  truth: 30,
  defined: 20,
  other: 40,
};

/** How much an assertion pins down, 0 to 100: order matters, distances hardly. */
export function strengthOf(fact: AssertionFact, plain: Plain): number {
  if (isTautology(fact, plain)) return 0;
  if (plain.negated) return plain.family === 'equal' ? 25 : Math.min(40, familyStrength[plain.family]);
  return Math.min(formStrength(fact.form, plain), expectedStrength(plain), fact.form === 'assert or' ? 25 : 100);
}

/** True whatever the code under test does: `expect(true).toBe(true)`, `assert 1`, `assert x or True`. */
function isTautology(fact: AssertionFact, { family, subject, expected, negated }: Plain): boolean {
  if (fact.form === 'expect()' || /\.pass$/.test(fact.form)) return true;
  if (/(\|\||\bor) (true|True|1|!0)$|^(true|True) (\|\||or) /.test(subject)) return true;
  if (family === 'truth') return /^(true|True|1|!0|!false|not False|"[^"]+"|\(.+, ".*"\))$/.test(subject) && !negated;
  return family === 'equal' && !negated && expected[0] !== undefined && equalsItself(subject, expected[0]);
}

function equalsItself(subject: string, expected: string): boolean {
  if (subject === expected && !/\bnew\b/.test(subject)) return true;
  // `f() || 3` compared with 3 holds for every falsy answer.
  return [`|| ${expected}`, `?? ${expected}`, ` or ${expected}`].some((tail) => subject.endsWith(tail));
}

function formStrength(form: string, plain: Plain): number {
  if (/toStrictEqual|strictSame/.test(form)) return 100;
  if (/^assert\.(equal|deepEqual)$|looseEqual/.test(form)) return 92;
  if (/toEqual$|\beql$/.test(form)) return 96;
  if (plain.family === 'called') return calledStrength(form, plain);
  if (plain.family === 'throws') return thrownStrength(plain);
  if (plain.family === 'property') return plain.expected.length > 1 ? 75 : 40;
  if (/toMatchObject|containSubset|t\.(like|has)/.test(form)) return 70;
  return familyStrength[plain.family];
}

function calledStrength(form: string, plain: Plain): number {
  if (/With|has_calls|any_call/i.test(form)) return 90;
  if (/Times|Once/i.test(form)) return 70;
  return plain.expected.length > 0 ? 70 : 40;
}

function thrownStrength({ expected }: Plain): number {
  return expected.length > 0 && !isBroad(expected) ? 80 : 50;
}

/** An exception or pattern that nearly everything meets. */
function isBroad(expected: readonly string[]): boolean {
  const rest = expected.filter(
    (text) => !/^(Exception|BaseException|Error|Throwable|""|\/\.[*+]?\/\w*|match="(\.[*+])?")$/.test(text),
  );
  return rest.length === 0;
}

/** `expect.anything()` as the whole value asks little, inside a value it leaves that part open. */
function expectedStrength({ expected, family }: Plain): number {
  const text = expected.join(', ');
  if (/^(expect\.anything\(\)|mock\.ANY|ANY|sinon\.match\.any)$/.test(text)) return 15;
  if (/^expect\.any\(/.test(text)) return 35;
  if (/^(expect\.(objectContaining|arrayContaining|stringContaining|stringMatching))\(/.test(text)) return 65;
  if (/^(pytest\.)?approx\(|^expect\.closeTo\(/.test(text)) return 80;
  if (/expect\.(anything|any|objectContaining|arrayContaining|stringMatching|stringContaining)\(|\bANY\b/.test(text)) {
    return 90 - Math.min(20, 4 * (text.match(/expect\.\w+\(|\bANY\b/g)?.length ?? 0));
  }
  return family === 'match' && /^\/(\.[*+]?)?\/\w*$|^"(\.[*+])?"$/.test(text) ? 5 : 100;
}

/** How far from exact a tolerance lets the value be; a larger number is looser. Null when nothing says. */
export function toleranceOf(meaning: Plain & { readonly fact: AssertionFact }): number | null {
  const text = meaning.expected.join(', ');
  const margin = /\b(?:abs|rel|delta|atol|rtol)_?\w*\s*=\s*([\d.e+-]+)/.exec(text)?.[1];
  if (margin !== undefined) return Number(margin);
  const places = /\b(?:places|decimal)\s*=\s*(\d+)/.exec(text)?.[1];
  if (places !== undefined) return 10 ** -Number(places);
  const second = meaning.expected[1];
  if (meaning.family !== 'close') return null;
  if (/toBeCloseTo|AlmostEqual|almost_equal/i.test(meaning.fact.form)) {
    return 10 ** -(second === undefined ? (/toBeCloseTo/.test(meaning.fact.form) ? 2 : 7) : Number(second));
  }
  return second === undefined ? null : Number(second);
}
