import type { Guard, SyntaxFacts, TestFact } from '../../../core/caws/syntax-facts.js';
import { joinPath } from '../dotted-path.js';
import { identifiersIn, literalsIn } from '../literal-text.js';
import { childOf, type Knot, type SourceTree } from '../source-tree.js';
import { stringValue } from '../string-literal.js';
import { outermost, type Surroundings } from '../surroundings.js';
import { notePythonExit, pythonBranch, pythonGuardAt } from './guards.js';
import { splitPythonAssignment } from './name-table.js';
import { readAssertionCall, readAssertStatement } from './read-assertion.js';
import { readExcept, readPythonExport, readPythonFunction } from './read-function.js';
import {
  bodySkip,
  definitionName,
  isTestClass,
  type PythonDraft,
  readModuleMarks,
  readPythonTest,
} from './read-test.js';
import {
  argumentTexts,
  blockText,
  conditionText,
  openPython,
  type PythonFile,
  pythonArguments,
  readPythonRows,
  statementsOf,
} from './source-file.js';

/** Suites nested deeper than this share a path. */
const maxPath = 40;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] extends readonly (infer Item)[] ? Item[] : T[Key] };

interface Reading {
  readonly file: PythonFile;
  readonly facts: Omit<Mutable<SyntaxFacts>, 'tests' | 'errorLines'> & { tests: PythonDraft[]; errorLines: number[] };
  readonly bodies: Map<Knot, number>;
  readonly exits: Map<Knot, Guard>;
  readonly exitStarts: Map<Knot, number>;
  readonly assertionStarts: Map<number, number>;
}

/** Reads all facts of a Python file in one pass over the knots, outer before inner. */
export function extractPython(tree: SourceTree): SyntaxFacts {
  const reading: Reading = {
    file: openPython(tree),
    facts: {
      language: 'python',
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
    exitStarts: new Map(),
    assertionStarts: new Map(),
  };
  reading.file.around[0] = outermost;
  for (const knot of tree.knots.slice(1)) {
    const around = surround(reading, knot);
    reading.file.around[knot.index] = around;
    readKnot(reading, knot, around);
  }
  markShadowed(reading);
  const tests = reading.facts.tests.map((draft, index) => settle(reading, draft, index));
  return { ...reading.facts, tests, errorLines: [...new Set(reading.facts.errorLines)].sort((a, b) => a - b) };
}

function surround(reading: Reading, knot: Knot): Surroundings {
  const { file } = reading;
  const parent = knot.parent ?? file.tree.root;
  let around = file.around[parent.index] ?? outermost;
  const branch = pythonBranch(file, parent, knot);
  if (branch !== null) {
    around = { ...around, guard: around.guard ?? branch.guard, condition: branch.condition || around.condition };
  }
  const exit = reading.exits.get(parent);
  if (exit !== undefined && around.guard === null && !knot.kind.endsWith('_definition'))
    around = { ...around, guard: exit };
  if (parent.kind === 'for_statement' && knot.kind === 'block') noteLoop(reading, parent, knot, around);
  if (knot.kind === 'function_definition') return enterFunction(reading, knot, around);
  return knot.kind === 'class_definition' ? enterClass(reading, knot, around) : around;
}

/** The rows of a loop inside a test are rows of the test. */
function noteLoop(reading: Reading, loop: Knot, block: Knot, around: Surroundings): void {
  const draft = around.test === null ? undefined : reading.facts.tests[around.test];
  if (draft?.kind !== 'test') return;
  const header = reading.file.tree.text.slice(loop.start, block.start);
  const at = /\sin\s+/.exec(header);
  if (at === null) return;
  const start = loop.start + at.index + at[0].length;
  const end = loop.start + Math.max(header.lastIndexOf(':'), 0);
  draft.rowTexts.push(...readPythonRows(reading.file, loop, { start, end }).texts);
}

function enterClass(reading: Reading, definition: Knot, around: Surroundings): Surroundings {
  const { file, facts } = reading;
  const inner = { ...around, owner: definitionName(file, definition) };
  if (around.fn !== null || !isTestClass(file, definition)) return inner;
  facts.tests.push(readPythonTest(file, definition, 'suite', pathAround(facts.tests, around)));
  const test = facts.tests.length - 1;
  noteGuard(reading, test, around);
  return { ...inner, test, guard: null, condition: '' };
}

function enterFunction(reading: Reading, definition: Knot, around: Surroundings): Surroundings {
  const { file, facts } = reading;
  const name = definitionName(file, definition);
  const inSuite = around.test !== null && facts.tests[around.test]?.kind === 'suite';
  const collected = around.fn === null && (around.owner === '' || inSuite);
  if (collected && /^test/.test(name)) {
    facts.tests.push(readPythonTest(file, definition, 'test', pathAround(facts.tests, around)));
    const test = facts.tests.length - 1;
    noteGuard(reading, test, around);
    const body = childOf(definition, 'block');
    if (body !== undefined) reading.bodies.set(body, test);
    return { ...around, test, fn: definition, functionName: null, named: null, guard: null, condition: '' };
  }
  const inTest = around.test !== null && facts.tests[around.test]?.kind === 'test';
  const decorated = definition.parent?.kind === 'decorated_definition';
  const named = inTest && !decorated ? { name, up: around.named } : null;
  return { ...around, test: inTest ? around.test : null, fn: definition, functionName: name, named, condition: '' };
}

function noteGuard(reading: Reading, test: number, around: Surroundings): void {
  const draft = reading.facts.tests[test];
  if (draft === undefined || around.guard === null) return;
  if (around.guard === 'branch' || around.guard === 'maybe-return' || around.guard === 'catch') {
    draft.modifiers.add('skipif');
    draft.conditions.push(around.condition);
  } else if (around.guard !== 'try') draft.modifiers.add('unreachable');
}

function pathAround(tests: readonly PythonDraft[], around: Surroundings): readonly string[] {
  const parent = around.test === null ? undefined : tests[around.test];
  return parent === undefined ? [] : [...parent.path.slice(0, maxPath), parent.title];
}

function readKnot(reading: Reading, knot: Knot, around: Surroundings): void {
  const { file, facts } = reading;
  const outside = file.around[knot.parent?.index ?? 0] ?? outermost;
  switch (knot.kind) {
    case 'call':
      return readCall(reading, knot, around);
    case 'assert_statement':
      for (const fact of readAssertStatement(file, knot, around)) noteAssertion(reading, knot, fact);
      return;
    case 'function_definition':
      facts.functions.push(readPythonFunction(file, knot, outside));
      if (isTopLevel(knot)) facts.exports.push(...readPythonExport(file, knot));
      return;
    case 'class_definition':
      if (isTopLevel(knot)) facts.exports.push(...readPythonExport(file, knot));
      return;
    case 'comment':
      facts.comments.push({ line: knot.line, text: file.tree.text.slice(knot.start, knot.end) });
      return;
    case 'except_clause':
      facts.catches.push(readExcept(file, knot, around));
      return;
    default:
      return readStatement(reading, knot, around);
  }
}

function readStatement(reading: Reading, knot: Knot, around: Surroundings): void {
  switch (knot.kind) {
    case 'return_statement':
      return notePythonExit(reading.file, knot, reading);
    case 'raise_statement':
      readRaise(reading, knot, around);
      return notePythonExit(reading.file, knot, reading);
    case 'import_statement':
    case 'import_from_statement':
      return readImport(reading, knot);
    case 'assignment':
    case 'augmented_assignment':
    case 'delete_statement':
      return readAssignment(reading, knot, around);
    case 'if_statement':
    case 'elif_clause':
    case 'while_statement':
    case 'conditional_expression':
      return readCondition(reading, knot, around);
    case 'ERROR':
      reading.facts.errorLines.push(knot.line);
      return;
    default:
  }
}

function isTopLevel(definition: Knot): boolean {
  const holder = definition.parent?.kind === 'decorated_definition' ? definition.parent : definition;
  return holder.parent?.kind === 'file';
}

function readCall(reading: Reading, call: Knot, around: Surroundings): void {
  const { file, facts } = reading;
  const path = file.names.pathOfCall(call);
  const callee = joinPath(path).slice(0, 300);
  const args = pythonArguments(file, call);
  const assertion = readAssertionCall(file, call, path.segments, around);
  if (assertion !== null) noteAssertion(reading, call, assertion);
  const skip = bodySkip(callee, args);
  if (skip !== null && call.parent?.kind !== 'decorator') noteSkip(reading, call, skip, around);
  if (callee === '__import__' || callee.endsWith('import_module')) {
    const module = stringValue(args[0]?.text ?? '') ?? args[0]?.text ?? '';
    facts.imports.push({ module, names: [], line: call.line, dynamic: true });
  }
  facts.calls.push({
    callee,
    disguised: path.disguised,
    args: argumentTexts(args),
    line: call.line,
    test: around.test,
    functionName: around.functionName,
    moduleLevel: around.fn === null,
    condition: around.condition,
    guard: pythonGuardAt(file, around),
    awaited: call.parent?.kind === 'await',
  });
}

/** A skip at the head of a test skips it; one at the top of a module skips all, and stands as a suite of its own. */
function noteSkip(
  reading: Reading,
  call: Knot,
  skip: { modifier: string; condition: string },
  around: Surroundings,
): void {
  const { tests } = reading.facts;
  const draft = around.test === null ? undefined : tests[around.test];
  if (draft === undefined && around.fn !== null) return;
  const target = draft ?? moduleSuite(reading, call);
  const free = around.guard === null;
  target.modifiers.add(free || skip.modifier === 'skipif' ? skip.modifier : 'skipif');
  if (!free || skip.condition !== '') target.conditions.push(skip.condition || around.condition);
}

function moduleSuite(reading: Reading, knot: Knot): PythonDraft {
  const { tests } = reading.facts;
  const known = tests.find((test) => test.title === '<module>');
  if (known !== undefined) return known;
  const made: PythonDraft = {
    kind: 'suite',
    path: [],
    title: '<module>',
    line: knot.line,
    endLine: knot.endLine,
    modifiers: new Set(),
    conditions: [],
    rows: null,
    rowTexts: [],
    parametrised: false,
    emptyBody: false,
    body: undefined,
  };
  tests.push(made);
  return made;
}

/** `raise unittest.SkipTest` without a call. */
function readRaise(reading: Reading, knot: Knot, around: Surroundings): void {
  if (knot.children.length > 0) return;
  const text = reading.file.print(knot).replace(/^raise /, '');
  const name = reading.file.names
    .pathIn(knot, { start: knot.start + 'raise'.length, end: knot.end })
    .segments.join('.');
  if (/SkipTest$|^pytest\.skip\.Exception$/.test(name) || /SkipTest$/.test(text)) {
    noteSkip(reading, knot, { modifier: 'skip', condition: '' }, around);
  }
}

function noteAssertion(reading: Reading, knot: Knot, fact: SyntaxFacts['assertions'][number]): void {
  reading.facts.assertions.push(fact);
  if (fact.test !== null && !reading.assertionStarts.has(fact.test)) reading.assertionStarts.set(fact.test, knot.start);
}

function readImport(reading: Reading, knot: Knot): void {
  const text = reading.file.print(knot);
  const from = /^from (\.*[\w.]*) import (.*)$/s.exec(text);
  const names = (from?.[2] ?? text.replace(/^import /, '')).replace(/[()]/g, '').split(', ');
  const bare = names.map((name) => name.split(' as ')[0]?.trim() ?? '');
  if (from !== null)
    reading.facts.imports.push({ module: from[1] ?? '', names: bare, line: knot.line, dynamic: false });
  else for (const module of bare) reading.facts.imports.push({ module, names: ['*'], line: knot.line, dynamic: false });
}

function readAssignment(reading: Reading, knot: Knot, around: Surroundings): void {
  const { file, facts } = reading;
  const common = { line: knot.line, functionName: around.functionName, moduleLevel: around.fn === null };
  if (knot.kind === 'delete_statement') {
    const target = joinPath(file.names.pathIn(knot, { start: knot.start + 'del'.length, end: knot.end }));
    facts.assignments.push({ ...common, target, operator: 'del', value: '' });
    return;
  }
  const half = splitPythonAssignment(file.tree, knot);
  if (half === null) return;
  const raw = file.tree.text.slice(half.target.start, half.target.end);
  const sign = knot.kind === 'augmented_assignment' ? (/[^\w\s\])]+$/.exec(raw)?.[0] ?? '') : '';
  const span = { start: half.target.start, end: half.target.end - sign.length };
  const target = /^\w+\s*(\.|\[)/.test(raw) ? joinPath(file.names.pathIn(knot, span)).slice(0, 300) : file.print(span);
  facts.assignments.push({ ...common, target, operator: `${sign}=`, value: file.print(half.value) });
  if (target === 'pytestmark' && around.fn === null) {
    const suite = around.test === null ? moduleSuite(reading, knot) : facts.tests[around.test];
    if (suite !== undefined) readModuleMarks(file, knot, suite.modifiers, suite.conditions);
  }
  if (target === '__test__' && around.fn === null && file.print(half.value) === 'False') {
    (around.test === null ? moduleSuite(reading, knot) : facts.tests[around.test])?.modifiers.add('skip');
  }
}

function readCondition(reading: Reading, knot: Knot, around: Surroundings): void {
  const { file } = reading;
  const whole = file.print(knot);
  const inline = knot.kind === 'conditional_expression' ? /^(.*?) if (.*) else (.*)$/s.exec(whole) : null;
  if (knot.kind === 'conditional_expression' && inline === null) return;
  const text = inline?.[2] ?? conditionText(file, knot);
  const block = childOf(knot, 'block');
  const first = block === undefined ? undefined : statementsOf(file, block)[0];
  const inner = inline?.[1] ?? (first === undefined ? blockText(file, block) : file.print(first));
  const kind =
    inline !== null || first?.kind === 'return_statement'
      ? 'return'
      : first?.kind === 'raise_statement'
        ? 'throw'
        : 'other';
  reading.facts.conditions.push({
    line: knot.line,
    text,
    identifiers: identifiersIn(text),
    literals: literalsIn(text),
    functionName: around.functionName,
    consequence: kind,
    consequenceText: inner.replace(/^return ?/, ''),
  });
}

/** Of two definitions of one name the later wins; a name given another value or deleted is no test any more. */
function markShadowed(reading: Reading): void {
  const last = new Map<string, number>();
  reading.facts.tests.forEach((test, index) => last.set(JSON.stringify([...test.path, test.title]), index));
  reading.facts.tests.forEach((test, index) => {
    const shadowed = last.get(JSON.stringify([...test.path, test.title])) !== index;
    const unset = reading.facts.assignments.some(
      (it) => it.moduleLevel && it.target === test.title && it.line > test.endLine && test.path.length === 0,
    );
    if ((shadowed && !test.modifiers.has('skipif')) || unset) test.modifiers.add('never-called');
  });
}

function settle(reading: Reading, draft: PythonDraft, index: number): TestFact {
  const { body, modifiers, conditions, ...rest } = draft;
  const exit = body === undefined ? undefined : reading.exits.get(body);
  const exitStart = body === undefined ? undefined : reading.exitStarts.get(body);
  const first = reading.assertionStarts.get(index) ?? Number.POSITIVE_INFINITY;
  const last = body?.children.findLast((child) => child.kind !== 'comment');
  if (
    exit !== undefined &&
    exitStart !== undefined &&
    exitStart < first &&
    last !== undefined &&
    last.start > exitStart
  ) {
    if (draft.kind === 'test' && !modifiers.has('skip'))
      modifiers.add(exit === 'after-return' ? 'early-return' : 'skipif');
  }
  return { ...rest, modifiers: [...modifiers].sort(), conditions };
}
