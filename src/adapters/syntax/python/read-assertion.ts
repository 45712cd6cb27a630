import type { AssertionFact } from '../../../core/caws/syntax-facts.js';
import { scanOutside, type Span, trimSpan } from '../bracket-scan.js';
import { isLiteralText } from '../literal-text.js';
import { childOf, type Knot } from '../source-tree.js';
import type { Surroundings } from '../surroundings.js';
import { pythonGuardAt } from './guards.js';
import { argumentTexts, blockText, type PythonFile, pythonArguments } from './source-file.js';

type Shape = Pick<AssertionFact, 'form' | 'negated' | 'subject' | 'expected'>;

const unaryMethods = /^(assertTrue|assertFalse|assertIsNone|assertIsNotNone|fail|assert_)$/;
const contexts =
  /^(assertRaises|assertRaisesRegex|assertWarns|assertWarnsRegex|assertLogs|assertNoLogs|assertRaisesMessage)$/;
const namedAssertion = /^(assert|expect|verify|should)(_|[A-Z])\w*$/;
const operators = /^(==|!=|<=|>=|<|>|is not|not in|is|in)$/;

/** `assert a == 1 and b, "message"` is two assertions: `assert ==` and `assert`. */
export function readAssertStatement(file: PythonFile, knot: Knot, around: Surroundings): readonly AssertionFact[] {
  const parts = topLevelWords(file, knot, { start: knot.start + 'assert'.length, end: knot.end });
  const comma = parts.find((part) => part.word === ',');
  const end = comma?.start ?? knot.end;
  const words = parts.filter((part) => part.start < end);
  const ors = words.some((part) => part.word === 'or' || part.word === 'if');
  const cuts = ors ? [] : words.filter((part) => part.word === 'and');
  let start = knot.start + 'assert'.length;
  const spans: Span[] = [];
  for (const cut of [...cuts, { start: end, end, word: '' }]) {
    spans.push(unwrap(file, knot, { start, end: cut.start }));
    start = cut.end;
  }
  return spans.map((span) =>
    factOf(file, knot, around, ors ? plainAssert(file, span, 'assert or') : comparison(file, knot, span)),
  );
}

/** `assert (a == 1)` is `assert a == 1`. */
function unwrap(file: PythonFile, knot: Knot, span: Span): Span {
  let inner = trimSpan(file.tree, knot, span);
  for (let hop = 0; hop < 5; hop += 1) {
    const text = file.tree.text.slice(inner.start, inner.end);
    if (!text.startsWith('(') || !text.endsWith(')') || closesEarly(file, knot, inner)) return inner;
    inner = trimSpan(file.tree, knot, { start: inner.start + 1, end: inner.end - 1 });
  }
  return inner;
}

function closesEarly(file: PythonFile, knot: Knot, span: Span): boolean {
  let depth = 0;
  const close = scanOutside(file.tree, knot, span, (character) => {
    if ('([{'.includes(character)) depth += 1;
    else if (')]}'.includes(character)) depth -= 1;
    return depth === 0;
  });
  return (
    close < span.end - 1 ||
    topLevelWords(file, knot, { start: span.start + 1, end: span.end - 1 }).some((it) => it.word === ',')
  );
}

function comparison(file: PythonFile, knot: Knot, span: Span): Shape {
  const words = topLevelWords(file, knot, span);
  const operator = words.find((part) => operators.test(part.word));
  if (operator === undefined) return plainAssert(file, span, 'assert');
  const left = file.print({ start: span.start, end: operator.start });
  const right = file.print({ start: operator.end, end: span.end });
  const negated = left.startsWith('not ');
  // `assert 3 == f(x)` examines f(x), whichever side it stands on.
  const swapped = isLiteralText(left) && !isLiteralText(right) && (operator.word === '==' || operator.word === 'is');
  return {
    form: `assert ${operator.word}`,
    negated,
    subject: (swapped ? right : left).replace(/^not /, ''),
    expected: [swapped ? left : right],
  };
}

function plainAssert(file: PythonFile, span: Span, form: string): Shape {
  const text = file.print(span);
  const call = /^(not )?isinstance\((.*?), (\(.*\)|[^,()]+)\)$/.exec(text);
  if (call !== null && form === 'assert') {
    return {
      form: 'assert isinstance',
      negated: call[1] !== undefined,
      subject: call[2] ?? '',
      expected: [call[3] ?? ''],
    };
  }
  return { form, negated: text.startsWith('not '), subject: text.replace(/^not /, ''), expected: [] };
}

interface Word extends Span {
  readonly word: string;
}

/** Comparison and boolean operators and commas that stand in no bracket. */
function topLevelWords(file: PythonFile, knot: Knot, span: Span): readonly Word[] {
  const { text } = file.tree;
  const found: Word[] = [];
  const matcher = /(?:==|!=|<=|>=|<(?!<)|>(?!>))|(?:is\s+not|not\s+in|is|in|and|or|if|lambda)(?![\w])|,/y;
  let depth = 0;
  let skipTo = 0;
  scanOutside(file.tree, knot, span, (character, at) => {
    if ('([{'.includes(character)) depth += 1;
    else if (')]}'.includes(character)) depth -= 1;
    if (depth !== 0 || at < skipTo || (/\w/.test(text.charAt(at - 1)) === /\w/.test(character) && /\w/.test(character)))
      return false;
    matcher.lastIndex = at;
    const word = matcher.exec(text)?.[0];
    if (word === undefined) return false;
    if (word === 'lambda') return true;
    found.push({ start: at, end: at + word.length, word: word.replace(/\s+/g, ' ') });
    skipTo = at + word.length;
    return false;
  });
  return found;
}

/** A call that asserts: `self.assertEqual`, `pytest.raises`, `mock.assert_called_once_with`, `np.testing.assert_…`. */
export function readAssertionCall(
  file: PythonFile,
  call: Knot,
  segments: readonly string[],
  around: Surroundings,
): AssertionFact | null {
  const last = segments.at(-1) ?? '';
  const name = segments.join('.');
  const args = pythonArguments(file, call);
  const texts = argumentTexts(args);
  if (/^pytest\.(raises|warns|deprecated_call)$/.test(name)) {
    const body = texts.length > 1 && args[1]?.name === '' ? texts.slice(1).join(', ') : withBody(file, call);
    const named = args.filter((it) => it.name !== '').map((it) => `${it.name}=${it.text}`);
    return factOf(file, call, around, {
      form: name,
      negated: false,
      subject: body,
      expected: [...texts.slice(0, 1), ...named],
    });
  }
  if (name === 'pytest.fail') return null;
  const owner = segments[0] ?? '';
  if (owner === 'self' || owner === 'cls') return selfAssertion(file, call, last, texts, around);
  if (/^assert_(called|any|has|not|awaited)/.test(last)) {
    const subject = file.print({ start: call.start, end: receiverEnd(file, call) });
    return factOf(file, call, around, { form: `.${last}`, negated: false, subject, expected: texts });
  }
  if (!namedAssertion.test(last)) return null;
  return factOf(file, call, around, { form: last, negated: false, subject: texts[0] ?? '', expected: texts.slice(1) });
}

function selfAssertion(
  file: PythonFile,
  call: Knot,
  last: string,
  texts: readonly string[],
  around: Surroundings,
): AssertionFact | null {
  if (!/^assert/.test(last) || /^assert_(called|any|has|not|awaited)/.test(last)) return null;
  const sides = contexts.test(last) ? contextSides(file, call, last, texts) : comparedSides(last, texts);
  return factOf(file, call, around, { form: `self.${last}`, negated: false, ...sides });
}

type Sides = Pick<Shape, 'subject' | 'expected'>;

/** `assertRaises(Error)` around a block, or with the callable as its further arguments. */
function contextSides(file: PythonFile, call: Knot, last: string, texts: readonly string[]): Sides {
  const count = last.includes('Regex') || last.includes('Message') ? 2 : 1;
  const subject = texts.length > count ? texts.slice(count).join(', ') : withBody(file, call);
  return { subject, expected: texts.slice(0, count) };
}

/** `assertEqual(5, total())` expects 5 as `assertEqual(total(), 5)` does. */
function comparedSides(last: string, texts: readonly string[]): Sides {
  const [first = '', second = ''] = texts;
  const swapped = isLiteralText(first) && !isLiteralText(second) && /Equal$|^assertIs$/.test(last);
  const subject = swapped ? second : first;
  if (unaryMethods.test(last)) return { subject, expected: [] };
  const others = texts.slice(1, /AlmostEqual|InDelta/.test(last) ? 4 : 2);
  return { subject, expected: swapped ? texts.slice(0, 1) : others };
}

/** The body of the `with` whose item the call is. */
function withBody(file: PythonFile, call: Knot): string {
  const statement = call.parent;
  return statement?.kind === 'with_statement' ? blockText(file, childOf(statement, 'block')) : '';
}

function receiverEnd(file: PythonFile, call: Knot): number {
  const list = childOf(call, 'argument_list');
  const callee = file.tree.text.slice(call.start, list?.start ?? call.end);
  return call.start + Math.max(0, callee.lastIndexOf('.'));
}

function factOf(file: PythonFile, knot: Knot, around: Surroundings, shape: Shape): AssertionFact {
  const guard = pythonGuardAt(file, around);
  return {
    test: around.test,
    functionName: around.functionName,
    line: knot.line,
    ...shape,
    literal: shape.expected.length > 0 && shape.expected.every(isLiteralText),
    awaited: knot.parent?.kind === 'await',
    promised: false,
    guarded: guard !== null,
    guard,
  };
}
