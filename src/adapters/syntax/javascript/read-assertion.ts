import type { AssertionFact } from '../../../core/caws/syntax-facts.js';
import { isLiteralText } from '../literal-text.js';
import type { Knot } from '../source-tree.js';
import type { Surroundings } from '../surroundings.js';
import { isAwaited } from './awaiting.js';
import { guardAt, logicalGuard } from './guards.js';
import { argumentsOf, type SourceFile } from './source-file.js';
import { headCalls } from './read-test.js';

const contextAssertions = new Set(
  (
    'equal equals is not deepEqual notDeepEqual same notSame strictSame isEqual strictEqual ok notOk truthy falsy true ' +
    'false throws throwsAsync doesNotThrow notThrows notThrowsAsync rejects resolves resolveMatch match notMatch regex ' +
    'notRegex like snapshot matchSnapshot pass fail error ifError deepEquals isNot type looseEqual notEqual has hasStrict ' +
    'emits isA'
  ).split(' '),
);
const fillers = new Set('to been is that which and has have with at of same but does still also'.split(' '));
const promisedMembers = new Set(
  'resolves rejects eventually rejectedWith rejected fulfilled throwsAsync notThrowsAsync doesNotReject'.split(' '),
);
const expectRoots = new Set(['expect', 'expectTypeOf', 'expectError', 'should']);
const namedAssertion = /^(assert|expect|verify|should)[A-Z_]\w*$/;
const strictNames: Readonly<Record<string, string>> = {
  equal: 'strictEqual',
  deepEqual: 'deepStrictEqual',
  notEqual: 'notStrictEqual',
  notDeepEqual: 'notDeepStrictEqual',
};

interface Shape {
  readonly form: string;
  readonly negated: boolean;
  readonly promised: boolean;
  readonly subject: string;
  readonly expected: readonly string[];
}

/** Reads the outermost call of a chain as an assertion; null when it is none. `calls` are marked off in `taken`. */
export function readAssertion(
  file: SourceFile,
  call: Knot,
  segments: readonly string[],
  around: Surroundings,
  taken: Set<Knot>,
): AssertionFact | null {
  const tail = promiseTail(call, segments);
  const shape = shapeOf(file, tail.call, tail.segments, around);
  if (shape === null) return null;
  if (shape.form !== '.expect') for (const head of headCalls(call)) taken.add(head);
  const guard = guardAt(file, around) ?? logicalGuard(file, call) ?? (tail.caught ? 'try' : null);
  return {
    test: around.test,
    functionName: around.functionName,
    line: call.line,
    ...shape,
    literal: shape.expected.length > 0 && shape.expected.every(isLiteralText),
    awaited: isAwaited(file, call),
    guarded: guard !== null,
    guard,
  };
}

/** `expect(f()).rejects.toThrow().catch(() => {})` is the assertion before `.catch`, with its failure swallowed. */
function promiseTail(
  call: Knot,
  segments: readonly string[],
): { readonly call: Knot; readonly segments: readonly string[]; readonly caught: boolean } {
  let inner = { call, segments, caught: false };
  while (/^(then|catch|finally)$/.test(inner.segments.at(-1) ?? '') && inner.segments.at(-2) === '()') {
    const head = headCalls(inner.call)[0];
    if (head === undefined) return inner;
    const caught = inner.caught || inner.segments.at(-1) === 'catch';
    inner = { call: head, segments: inner.segments.slice(0, -2), caught };
  }
  return inner;
}

function shapeOf(file: SourceFile, call: Knot, all: readonly string[], around: Surroundings): Shape | null {
  const inContext = around.context !== '' && all[0] === around.context && all.length > 1;
  const [, ofContext = ''] = all;
  if (inContext && all.length === 2 && contextAssertions.has(ofContext))
    return plainShape(file, call, `t.${ofContext}`, ofContext);
  return shapeOfName(file, call, inContext ? all.slice(1) : all);
}

function shapeOfName(file: SourceFile, call: Knot, segments: readonly string[]): Shape | null {
  const root = segments[0] ?? '';
  const last = segments.at(-1) ?? '';
  if (expectRoots.has(root)) return expectShape(file, call, segments);
  if (segments.includes('should')) return shouldShape(file, call, segments);
  const afterCall = segments.includes('()');
  if (root === 'assert' && !afterCall) return assertShape(file, call, segments);
  return last === 'expect' && afterCall ? receiverShape(file, call, '.expect') : namedShape(file, call, segments);
}

function namedShape(file: SourceFile, call: Knot, segments: readonly string[]): Shape | null {
  const last = segments.at(-1) ?? '';
  const name = segments.join('.');
  if (/^(sinon\.assert\.\w+|fc\.assert)$/.test(name)) return plainShape(file, call, name, last);
  return segments.length <= 2 && namedAssertion.test(last) ? plainShape(file, call, name, last) : null;
}

/** `expect(x).not.toBe(1)`, `expect.soft(x)`, and chai's `expect(x).to.be.true`, whose end is no call. */
function expectShape(file: SourceFile, call: Knot, segments: readonly string[]): Shape | null {
  const opened = segments.indexOf('()');
  const isRoot = opened < 0;
  const rootNames = isRoot ? segments : segments.slice(0, opened);
  if (rootNames.length > 1 && !/^(soft|poll|element|fail)$/.test(rootNames[1] ?? '')) return null;
  const tail = isRoot ? trailingMembers(file, call) : segments.slice(opened + 1);
  const rootCall = isRoot ? call : (headCalls(call).at(-1) ?? call);
  const members = tail.filter((member) => member !== 'not' && member !== 'never');
  const chained = members.some((member) => fillers.has(member) || member === 'be');
  const kept = chained ? members.filter((member) => !fillers.has(member)) : members;
  return {
    form: [`${rootNames[0] ?? 'expect'}()`, ...kept].join('.').replaceAll('.()', '()'),
    negated: tail.includes('not') || tail.includes('never'),
    promised: rootNames[1] === 'poll' || isPromised(tail),
    subject: printArguments(file, rootCall).join(', '),
    expected: isRoot ? [] : printArguments(file, call),
  };
}

function isPromised(tail: readonly string[]): boolean {
  return tail.some((member) => promisedMembers.has(member)) || tail.at(-1) === 'toMatchFileSnapshot';
}

function trailingMembers(file: SourceFile, call: Knot): readonly string[] {
  const after = file.tree.text.slice(call.end, call.end + 200);
  return /^(?:\s*\??\.\s*[A-Za-z]\w*)+/.exec(after)?.[0]?.match(/\w+/g) ?? [];
}

function shouldShape(file: SourceFile, call: Knot, segments: readonly string[]): Shape | null {
  const at = segments.lastIndexOf('should');
  const tail = segments.slice(at + 1).filter((member) => member !== 'not' && !fillers.has(member));
  if (tail.length === 0 && argumentsOf(file, call).length === 0) return null;
  const raw = file.tree.text.slice(call.start, call.end);
  return {
    form: ['should', ...tail].join('.').replaceAll('.()', '()'),
    negated: segments.includes('not', at),
    promised: tail.some((member) => promisedMembers.has(member)),
    subject: file.print({ start: call.start, end: call.start + Math.max(0, raw.lastIndexOf('.should')) }),
    expected: printArguments(file, call),
  };
}

function assertShape(file: SourceFile, call: Knot, segments: readonly string[]): Shape | null {
  const strict = segments.includes('strict');
  const names = segments.slice(1).filter((name) => name !== 'strict');
  const name = names.join('.');
  if (/^[A-Z]/.test(name)) return null;
  const method = strict ? (strictNames[name] ?? name) : name;
  return plainShape(file, call, method === '' ? 'assert' : `assert.${method}`, method);
}

/** Methods of one value: what follows it is a message. Of all others the second argument is what is expected. */
const unary =
  /^(ok|notOk|truthy|falsy|true|false|assert|pass|fail|error|ifError|isTrue|isFalse|isOk|exists|isNull|snapshot|)$/;

function plainShape(file: SourceFile, call: Knot, form: string, method: string): Shape {
  const args = printArguments(file, call);
  const isNamed = namedAssertion.test(method);
  return {
    form,
    negated: false,
    promised: promisedMembers.has(method) || /^(rejects|doesNotReject|resolves)$/.test(method),
    subject: args[0] ?? '',
    expected: unary.test(method) ? [] : isNamed ? args.slice(1) : expectedOf(method, args),
  };
}

/** The last argument of a comparison is a message, and of a tolerance it is not. */
function expectedOf(method: string, args: readonly string[]): readonly string[] {
  return args.slice(1, /closeTo|approximately|property|throws|rejects|InDelta/i.test(method) ? 3 : 2);
}

function receiverShape(file: SourceFile, call: Knot, form: string): Shape {
  const heads = headCalls(call);
  const end = heads[0]?.end ?? call.start;
  return {
    form,
    negated: false,
    promised: false,
    subject: file.print({ start: call.start, end }).replace(/\.expect\([^()]*\)/g, ''),
    expected: printArguments(file, call),
  };
}

function printArguments(file: SourceFile, call: Knot): string[] {
  return argumentsOf(file, call).map((argument) => file.print(argument.span));
}
