import type { SyntaxFacts } from '../../../core/caws/syntax-facts.js';
import { joinPath } from '../dotted-path.js';
import type { Knot, SourceTree } from '../source-tree.js';
import { stringValue } from '../string-literal.js';
import { outermost, type Surroundings } from '../surroundings.js';
import { pythonGuardAt } from './guards.js';
import { readAssertionCall, readAssertStatement } from './read-assertion.js';
import { readExcept, readPythonExport, readPythonFunction } from './read-function.js';
import { readStatement } from './read-statement.js';
import { bodySkip } from './read-test.js';
import { noteAssertion, noteSkip, type Reading } from './reading.js';
import { markShadowed, settlePythonTest } from './settle-test.js';
import { argumentTexts, openPython, type PythonArgument, pythonArguments, type PythonFile } from './source-file.js';
import { surround } from './surround.js';

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
  const tests = reading.facts.tests.map((draft, index) => settlePythonTest(reading, draft, index));
  return { ...reading.facts, tests, errorLines: [...new Set(reading.facts.errorLines)].sort((a, b) => a - b) };
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
    args: resolvedTexts(file, callee, args),
    line: call.line,
    test: around.test,
    functionName: around.functionName,
    moduleLevel: around.fn === null,
    condition: around.condition,
    guard: pythonGuardAt(file, around),
    awaited: call.parent?.kind === 'await',
  });
}

/** What `setattr` and its like act on is named like a callee: its alias is resolved. */
function resolvedTexts(file: PythonFile, callee: string, args: readonly PythonArgument[]): readonly string[] {
  const texts = argumentTexts(args);
  const first = args[0];
  const acts = /(^|\.)(setattr|delattr|object)$/.test(callee);
  if (first === undefined || !acts || !/^[A-Za-z_][\w.]*$/.test(first.text)) return texts;
  return [joinPath(file.names.pathIn(first.list, first.span)), ...texts.slice(1)];
}
