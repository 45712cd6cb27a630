import type { TestFact } from '../../../core/caws/syntax-facts.js';
import { argumentSpans, type Span, splitAtCommas } from '../bracket-scan.js';
import type { Knot } from '../source-tree.js';
import { stringValue } from '../string-literal.js';
import type { LoopRows, Surroundings } from '../surroundings.js';
import type { DottedPath } from '../dotted-path.js';
import { argumentList } from './name-table.js';
import { type Argument, argumentsOf, bodyOf, functionArgument, type SourceFile } from './source-file.js';

const testRoots = new Set(['it', 'test', 'specify', 'xit', 'xtest', 'xspecify', 'fit', 'ftest']);
const suiteRoots = new Set(['describe', 'context', 'suite', 'xdescribe', 'xcontext', 'fdescribe', 'fcontext']);
const notTests = new Set(
  (
    'before after beforeEach afterEach beforeAll afterAll use extend step setTimeout slow info mock expect configure ' +
    'assert run snapshot teardown setup plan end each for skipIf runIf prop bind call apply test it'
  ).split(' '),
);
const memberModifiers: Readonly<Record<string, string>> = {
  skip: 'skip',
  only: 'only',
  todo: 'todo',
  fails: 'fails',
  failing: 'fails',
  fail: 'fails',
  fixme: 'skip',
  ignore: 'skip',
};
/** `test.describe` and the like. */
const kindsOfMembers = new Map<string, 'suite' | 'test'>([
  ['describe', 'suite'],
  ['suite', 'suite'],
  ['it', 'test'],
  ['test', 'test'],
]);
const maxRows = 500;
/** Expressions that are an empty list, whatever they start from. */
const emptyList =
  /\.slice\(0, ?0\)$|\.filter\(\(?\w*\)? => (false|!1|0|null)\)$|\.splice\(0\)$|^(new )?Array\((0?)\)$|^Array\.(from|of)\((\[\])?\)$|^\[\]\./;
const maxHeads = 64;

/** A test under way: its modifiers may still grow while its body is read. */
export interface TestDraft extends Omit<TestFact, 'modifiers' | 'conditions' | 'emptyBody' | 'rowTexts'> {
  readonly rowTexts: string[];
  readonly modifiers: Set<string>;
  readonly conditions: string[];
  readonly body: Knot | undefined;
  readonly emptyBody: boolean;
  /** The function, where it is given by name. */
  readonly bodyName: string | null;
}

interface TestKind {
  readonly kind: 'test' | 'suite';
  readonly members: readonly string[];
}

/** Whether a name is one of a test or a suite, and with what members. `context` is the `t` of the test around. */
function testKindOf(segments: readonly string[], context: string): TestKind | null {
  const own = [context, 'Deno', 'QUnit'].includes(segments[0] ?? '') ? segments.slice(1) : segments;
  const [root = '', second = ''] = own;
  if (own !== segments && root === 'module') return { kind: 'suite', members: own.slice(1) };
  const kindOfMember = root === 'test' ? kindsOfMembers.get(second) : undefined;
  if (kindOfMember !== undefined) return { kind: kindOfMember, members: own.slice(2) };
  if (isOtherMember(own)) return null;
  if (testRoots.has(root)) return { kind: 'test', members: own };
  return suiteRoots.has(root) ? { kind: 'suite', members: own } : null;
}

/** `it.beforeEach`, `test.mock.method`: a member that makes it something else than a test. */
function isOtherMember(own: readonly string[]): boolean {
  if (own.length <= 1) return false;
  if (notTests.has(own.at(-1) ?? '') || own.slice(1).some((member) => member.startsWith('<'))) return true;
  return ['mock', 'expect', 'assert', 'snapshot'].includes(own[1] ?? '');
}

/** Reads a call as a test or suite; null when it is none. */
export function readTest(
  file: SourceFile,
  call: Knot,
  path: DottedPath,
  around: Surroundings,
  parents: readonly string[],
): TestDraft | null {
  const named = testKindOf(path.segments, around.context);
  if (named === null) return null;
  const args = argumentsOf(file, call);
  const first = args[0];
  const fn = functionArgument(args);
  if (first === undefined || (fn === undefined && !isTitle(first))) return null;
  const table = readTable(file, call) ?? around.loop;
  const conditions: string[] = [];
  const modifiers = readModifiers(file, call, named.members, conditions);
  addIdle(fn, modifiers);
  readOptions(file, args, modifiers, conditions);
  const { body, bodyName } = readBody(file, fn, args);
  const isBare = body === undefined && bodyName === null && args.length === 1;
  if (isBare && named.kind === 'test') modifiers.add('todo');
  return {
    kind: named.kind,
    path: parents,
    title: titleOf(file, first),
    line: call.line,
    endLine: call.endLine,
    modifiers,
    conditions,
    rows: table?.rows ?? null,
    rowTexts: [...(table?.texts ?? [])],
    parametrised: table !== null,
    emptyBody: body !== undefined && isBlankBody(file, body),
    body,
    bodyName,
  };
}

/** The function of a test, or the name under which it is given. */
function readBody(
  file: SourceFile,
  fn: Knot | undefined,
  args: readonly Argument[],
): Pick<TestDraft, 'body' | 'bodyName'> {
  if (fn === undefined) return { body: undefined, bodyName: bodyNameOf(file, args) };
  return { body: bodyOf(fn) ?? fn, bodyName: null };
}

/** A generator's body runs only for one who asks it for values. */
function addIdle(fn: Knot | undefined, modifiers: Set<string>): void {
  if (fn?.kind === 'generator_function') modifiers.add('unreachable');
}

function isTitle(argument: Argument): boolean {
  return argument.knot?.kind === 'string' || argument.knot?.kind === 'template_string';
}

function titleOf(file: SourceFile, first: Argument): string {
  const raw = file.tree.text.slice(first.span.start, first.span.end);
  if (first.knot !== undefined && !isTitle(first)) return /^(?:async\s+)?function\s*([\w$]+)/.exec(raw)?.[1] ?? '';
  return stringValue(raw) ?? (raw.startsWith('`') ? raw.slice(1, -1) : file.print(first.span));
}

function bodyNameOf(file: SourceFile, args: readonly Argument[]): string | null {
  const named = args.slice(1).findLast((it) => it.knot === undefined);
  const text = named === undefined ? '' : file.tree.text.slice(named.span.start, named.span.end);
  return /^[A-Za-z_$][\w$.]*$/.test(text) ? text : null;
}

function isBlankBody(file: SourceFile, body: Knot): boolean {
  if (body.kind !== 'statement_block') return false;
  const comments = body.children.filter((child) => child.kind === 'comment');
  if (comments.length !== body.children.length) return false;
  return (
    file
      .print({ start: body.start + 1, end: body.end - 1 })
      .replaceAll(';', '')
      .trim() === ''
  );
}

function readModifiers(file: SourceFile, call: Knot, members: readonly string[], conditions: string[]): Set<string> {
  const modifiers = new Set<string>();
  const root = members[0] ?? '';
  if (root.startsWith('x')) modifiers.add('skip');
  if (/^f(it|test|describe|context)$/.test(root)) modifiers.add('only');
  for (const member of members) {
    const modifier = memberModifiers[member];
    if (modifier !== undefined) modifiers.add(modifier);
    else if (member === 'skipIf' || member === 'runIf') addCondition(file, call, member, modifiers, conditions);
  }
  return modifiers;
}

function addCondition(
  file: SourceFile,
  call: Knot,
  member: 'skipIf' | 'runIf',
  modifiers: Set<string>,
  conditions: string[],
): void {
  const inner = headCalls(call).find((head) => file.names.pathOfCall(head).segments.at(-1) === member);
  const text =
    inner === undefined
      ? ''
      : argumentsOf(file, inner)
          .map((it) => file.print(it.span))
          .join(', ');
  const skips = member === 'skipIf' ? truthText(text) : truthText(text) === null ? null : truthText(text) !== true;
  if (skips === true) modifiers.add('skip');
  else if (skips === null) {
    modifiers.add('skipif');
    conditions.push(member === 'runIf' ? `!(${text})` : text);
  }
}

/** True, false or null (unknown) for the text of a constant. */
export function truthText(text: string): boolean | null {
  if (/^(false|0|null|undefined|""|!1|!true|)$/.test(text)) return text === '' ? null : false;
  return /^(true|\d+|!0|!false|"[\s\S]+")$/.test(text) ? true : null;
}

/** The calls that the callee of `call` consists of, outermost first. */
export function headCalls(call: Knot): readonly Knot[] {
  const heads: Knot[] = [];
  let head: Knot | undefined = call.children[0];
  while (heads.length < maxHeads && head?.start === call.start && head.kind === 'call_expression') {
    heads.push(head);
    head = head.children[0];
  }
  return heads;
}

/** `{skip: true, todo: "later"}` of node:test and vitest. */
function readOptions(file: SourceFile, args: readonly Argument[], modifiers: Set<string>, conditions: string[]): void {
  for (const argument of args.slice(0, 3)) {
    if (file.tree.text.charAt(argument.span.start) !== '{') continue;
    const inside: Span = { start: argument.span.start + 1, end: argument.span.end - 1 };
    for (const part of splitAtCommas(file.tree, argument.list, inside)) {
      const option = /^"?(skip|only|todo|fails)"?(?::\s*([\s\S]+))?$/.exec(file.print(part));
      if (option?.[1] === undefined) continue;
      const truth = option[2] === undefined ? null : truthText(option[2]);
      if (truth === true) modifiers.add(option[1]);
      else if (truth === null) {
        modifiers.add(option[1] === 'skip' ? 'skipif' : option[1]);
        conditions.push(option[2] ?? option[1]);
      }
    }
  }
}

/** The rows of `it.each(...)(...)` or of a tagged template; null when the test is not parametrised. */
function readTable(file: SourceFile, call: Knot): LoopRows | null {
  const inner = headCalls(call).find((head) =>
    ['each', 'for', 'cases'].includes(file.names.pathOfCall(head).segments.at(-1) ?? ''),
  );
  const list = inner === undefined ? undefined : argumentList(inner);
  if (list === undefined) return null;
  if (list.kind === 'template_string') return templateRows(file, list);
  const first = argumentSpans(file.tree, list)[0];
  return first === undefined ? { rows: 0, texts: [] } : readRows(file, list, first);
}

/** Rows of a list that is written here or in a constant of this file. */
export function readRows(file: SourceFile, knot: Knot, span: Span): LoopRows {
  const text = file.tree.text.slice(span.start, span.end);
  if (text.startsWith('[') && /\]\s*(as const)?$/.test(text)) {
    const end = span.start + text.lastIndexOf(']');
    const parts = splitAtCommas(file.tree, knot, { start: span.start + 1, end });
    const texts = parts.slice(0, maxRows).map((part) => file.print(part));
    return { rows: texts.some((row) => row.startsWith('...')) ? null : parts.length, texts };
  }
  if (emptyList.test(text)) return { rows: 0, texts: [] };
  const constant = /^[\w$]+$/.test(text) ? file.names.values.get(text) : undefined;
  if (constant === undefined || constant.knot === knot) return { rows: null, texts: [] };
  const value = file.tree.text.slice(constant.span.start, constant.span.end);
  return value.startsWith('[') ? readRows(file, constant.knot, constant.span) : { rows: null, texts: [] };
}

function templateRows(file: SourceFile, template: Knot): LoopRows {
  const lines = file.tree.text
    .slice(template.start + 1, template.end - 1)
    .split('\n')
    .map((line) => line.replace(/\s+/g, ' ').trim())
    .filter((line) => line !== '');
  return { rows: Math.max(0, lines.length - 1), texts: lines.slice(1, maxRows + 1) };
}
