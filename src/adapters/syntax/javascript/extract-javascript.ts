import type { AssertionFact, Guard, SyntaxFacts, TestFact } from '../../../core/caws/syntax-facts.js';
import type { Knot, SourceTree } from '../source-tree.js';
import { outermost, type Surroundings } from '../surroundings.js';
import { branchOf, callbackGuard, guardAt, logicalGuard, noteExit } from './guards.js';
import { classKinds } from './kinds.js';
import { readAssignment } from './read-assignment.js';
import { isAwaited } from './awaiting.js';
import { readAssertion } from './read-assertion.js';
import { readCondition } from './read-condition.js';
import { functionName, isPromiseCatch, parametersOf, readCatch, readFunction } from './read-function.js';
import { readCommonExports, readDynamicImport, readExports, readImport } from './read-module.js';
import { readRows, readTest, type TestDraft } from './read-test.js';
import { applyBodySkips, type SkipCall, settleTest } from './settle-test.js';
import { argumentsOf, functionArgument, isFunction, openSource, type SourceFile } from './source-file.js';
import { printedArguments } from './printed-arguments.js';
import { joinPath } from '../dotted-path.js';

/** Suites nested deeper than this share a path. */
const maxPath = 40;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] extends readonly (infer Item)[] ? Item[] : T[Key] };

/** Facts under way. */
export interface Reading extends Pick<SourceFile, 'tree'> {
  readonly file: SourceFile;
  readonly facts: Omit<Mutable<SyntaxFacts>, 'tests' | 'errorLines'> & { tests: TestDraft[]; errorLines: number[] };
  /** Functions that are the body of a test. */
  readonly bodies: Map<Knot, number>;
  readonly exits: Map<Knot, Guard>;
  /** Calls that are part of an assertion already read. */
  readonly taken: Set<Knot>;
  readonly skips: SkipCall[];
  readonly assertionStarts: Map<number, number>;
  /** Where the first return of a block ends, or the branch that holds it. */
  readonly exitStarts: Map<Knot, number>;
}

/** Reads all facts in one pass over the knots, outer before inner. */
export function extractJavascript(tree: SourceTree, language: 'javascript' | 'typescript'): SyntaxFacts {
  const file = openSource(tree);
  const reading: Reading = {
    tree,
    file,
    facts: {
      language,
      errorLines: [],
      tests: [],
      assertions: [],
      calls: [],
      imports: [],
      assignments: [],
      conditions: [],
      functions: [],
      catches: [],
      comments: [],
      exports: [],
    },
    bodies: new Map(),
    exits: new Map(),
    taken: new Set(),
    skips: [],
    assertionStarts: new Map(),
    exitStarts: new Map(),
  };
  file.around[0] = outermost;
  for (const knot of tree.knots.slice(1)) {
    file.around[knot.index] = surround(reading, knot);
    readKnot(reading, knot);
  }
  applyBodySkips(reading.facts.tests, reading.skips);
  const tests: TestFact[] = reading.facts.tests.map((draft, index) =>
    settleTest(draft, draft.body === undefined ? undefined : reading.exits.get(draft.body), reading, index),
  );
  return { ...reading.facts, tests, errorLines: [...new Set(reading.facts.errorLines)].sort((a, b) => a - b) };
}

function surround(reading: Reading, knot: Knot): Surroundings {
  const { file } = reading;
  const parent = knot.parent ?? file.tree.root;
  let around = file.around[parent.index] ?? outermost;
  const branch = branchOf(file, parent, knot);
  if (branch !== null) {
    const condition = branch.condition === null ? around.condition : file.print(branch.condition);
    around = { ...around, guard: around.guard ?? branch.guard, condition };
  }
  const exit = reading.exits.get(parent);
  if (exit !== undefined && around.guard === null && !knot.kind.endsWith('function_declaration')) {
    around = { ...around, guard: exit };
  }
  if (parent.kind === 'for_in_statement' && knot.kind === 'statement_block')
    around = loopOver(reading, parent, knot, around);
  if (isFunction(knot)) around = enterFunction(reading, knot, around);
  else if (classKinds.has(knot.kind)) {
    const name = /class\s+([\w$]+)/.exec(file.tree.text.slice(knot.start, knot.start + 100))?.[1];
    around = { ...around, owner: name ?? '' };
  }
  return around;
}

function loopOver(reading: Reading, loop: Knot, block: Knot, around: Surroundings): Surroundings {
  const { file } = reading;
  const header = file.tree.text.slice(loop.start, block.start);
  const at = /\s(?:of|in)\s+/.exec(header);
  if (at === null) return around;
  const start = loop.start + at.index + at[0].length;
  const end = loop.start + header.lastIndexOf(')');
  const rows = readRows(file, loop, { start, end });
  noteRows(reading, around, rows);
  return { ...around, loop: rows };
}

/** The rows of a loop inside a test are rows of the test. */
function noteRows(reading: Reading, around: Surroundings, rows: Surroundings['loop']): void {
  const draft = around.test === null ? undefined : reading.facts.tests[around.test];
  if (draft?.kind === 'test' && rows !== null) draft.rowTexts.push(...rows.texts);
}

function enterFunction(reading: Reading, fn: Knot, around: Surroundings): Surroundings {
  const { file } = reading;
  const test = reading.bodies.get(fn);
  if (test !== undefined) {
    const context = /^[\w$]+/.exec(parametersOf(file, fn)[0] ?? '')?.[0] ?? '';
    return { ...around, test, context, fn, functionName: null, named: null, guard: null, condition: '', loop: null };
  }
  const name = functionName(file, fn);
  const local = fn.kind === 'function_declaration' || fn.parent?.kind === 'variable_declarator';
  const callback = callbackGuard(file, fn);
  const loop = loopCallback(file, fn);
  noteRows(reading, around, loop);
  return {
    ...around,
    fn,
    functionName: name ?? around.functionName,
    named: local && name !== null && !isPublic(fn) ? { name, up: around.named } : around.named,
    guard: around.guard ?? callback,
    condition: '',
    loop: loop ?? around.loop,
  };
}

function isPublic(fn: Knot): boolean {
  const holder = fn.kind === 'function_declaration' ? fn.parent : fn.parent?.parent?.parent;
  return holder?.kind === 'export_statement';
}

/** `[1, 2].forEach((row) => it(...))` and `cases.forEach(...)`. */
function loopCallback(file: SourceFile, fn: Knot): Surroundings['loop'] {
  const call = fn.parent?.kind === 'arguments' ? fn.parent.parent : null;
  if (call?.kind !== 'call_expression') return null;
  const { segments } = file.names.pathOfCall(call);
  const last = segments.at(-1);
  if (last !== 'forEach' && last !== 'map') return null;
  const callee = file.tree.text.slice(call.start, fn.parent?.start ?? call.end);
  const end = call.start + callee.lastIndexOf('.');
  return end <= call.start ? null : readRows(file, call, { start: call.start, end });
}

function readKnot(reading: Reading, knot: Knot): void {
  const { file, facts } = reading;
  const around = file.around[knot.index] ?? outermost;
  const outside = file.around[knot.parent?.index ?? 0] ?? outermost;
  if (isFunction(knot)) return readNamedFunction(reading, knot, outside);
  switch (knot.kind) {
    case 'call_expression':
    case 'new_expression':
      return readCall(reading, knot, around);
    case 'comment':
      facts.comments.push({ line: knot.line, text: file.tree.text.slice(knot.start, knot.end) });
      return;
    case 'catch_clause':
      facts.catches.push(readCatch(file, knot, around.functionName));
      return;
    case 'return_statement':
    case 'throw_statement':
      return noteExit(file, knot, reading);
    case 'import_statement':
    case 'export_statement':
      return readModule(reading, knot);
    case 'ERROR':
      facts.errorLines.push(knot.line);
      return;
    default:
      return readRest(reading, knot, around);
  }
}

function readRest(reading: Reading, knot: Knot, around: Surroundings): void {
  const condition = readCondition(reading.file, knot, around.functionName);
  if (condition !== null) reading.facts.conditions.push(condition);
  else if (/assignment_expression$|^update_expression$|^variable_declarator$/.test(knot.kind)) {
    const assignment = readAssignment(reading.file, knot, around);
    if (assignment === null) return;
    reading.facts.assignments.push(assignment);
    if (knot.kind !== 'variable_declarator') {
      reading.facts.exports.push(...readCommonExports(reading.file, assignment.target, assignment.value, knot));
    }
  }
}

function readModule(reading: Reading, knot: Knot): void {
  const imported = readImport(reading.file, knot);
  if (imported !== null) reading.facts.imports.push(imported);
  if (knot.kind === 'export_statement') reading.facts.exports.push(...readExports(reading.file, knot));
}

function readNamedFunction(reading: Reading, fn: Knot, outside: Surroundings): void {
  const { file, facts } = reading;
  if (isPromiseCatch(file, fn)) facts.catches.push(readCatch(file, fn, outside.functionName));
  if (reading.bodies.has(fn)) return;
  const name = functionName(file, fn);
  if (name !== null) facts.functions.push(readFunction(file, fn, name, outside));
}

function readCall(reading: Reading, call: Knot, around: Surroundings): void {
  const { file, facts } = reading;
  const path = file.names.pathOfCall(call);
  const callee = joinPath(path).slice(0, 300);
  const draft = readTest(file, call, path, around, pathAround(facts.tests, around));
  if (draft !== null) noteTest(reading, call, draft, around);
  else if (!reading.taken.has(call)) {
    const assertion = readAssertion(file, call, path.segments, around, reading.taken);
    if (assertion !== null) noteAssertion(reading, call, assertion);
  }
  if (/\.(skip|todo|pending|fixme)$|^pending$/.test(callee)) {
    reading.skips.push({ call, callee, around, args: argumentsOf(file, call).map((it) => file.print(it.span)) });
  }
  const imported = readDynamicImport(file, call, callee);
  if (imported !== null) facts.imports.push(imported);
  facts.calls.push({
    callee,
    disguised: path.disguised,
    args: printedArguments(file, call, callee),
    line: call.line,
    test: around.test,
    functionName: around.functionName,
    moduleLevel: around.fn === null,
    condition: around.condition,
    guard: guardAt(file, around) ?? logicalGuard(file, call),
    awaited: isAwaited(file, call),
  });
}

function pathAround(tests: readonly TestDraft[], around: Surroundings): readonly string[] {
  const parent = around.test === null ? undefined : tests[around.test];
  return parent === undefined ? [] : [...parent.path.slice(0, maxPath), parent.title];
}

function noteTest(reading: Reading, call: Knot, draft: TestDraft, around: Surroundings): void {
  const guard = guardAt(reading.file, around) ?? logicalGuard(reading.file, call);
  if (guard === 'branch' || guard === 'maybe-return' || guard === 'catch') {
    draft.modifiers.add('skipif');
    draft.conditions.push(around.condition);
  } else if (guard === 'never-called' || guard === 'timer') draft.modifiers.add('never-called');
  else if (guard !== null && guard !== 'try') draft.modifiers.add('unreachable');
  const fn = functionArgument(argumentsOf(reading.file, call));
  if (fn !== undefined) reading.bodies.set(fn, reading.facts.tests.length);
  reading.facts.tests.push(draft);
}

function noteAssertion(reading: Reading, call: Knot, assertion: AssertionFact): void {
  reading.facts.assertions.push(assertion);
  if (assertion.test === null) return;
  const first = reading.assertionStarts.get(assertion.test);
  if (first === undefined || call.start < first) reading.assertionStarts.set(assertion.test, call.start);
}
