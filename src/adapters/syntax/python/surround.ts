import { childOf, type Knot } from '../source-tree.js';
import { outermost, type Surroundings } from '../surroundings.js';
import { pythonBranch } from './guards.js';
import { definitionName, isTestClass, readPythonTest } from './read-test.js';
import { pathAround, type Reading } from './reading.js';
import { readPythonRows } from './source-file.js';

/** What stands around a knot: test, function, guard. Its parent's must be known. Enters tests into the facts. */
export function surround(reading: Reading, knot: Knot): Surroundings {
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
  if (collected && /^test/.test(name)) return enterTest(reading, definition, around);
  const inTest = around.test !== null && facts.tests[around.test]?.kind === 'test';
  const decorated = definition.parent?.kind === 'decorated_definition';
  const named = inTest && !decorated ? { name, up: around.named } : null;
  return { ...around, test: inTest ? around.test : null, fn: definition, functionName: name, named, condition: '' };
}

function enterTest(reading: Reading, definition: Knot, around: Surroundings): Surroundings {
  const { tests } = reading.facts;
  tests.push(readPythonTest(reading.file, definition, 'test', pathAround(tests, around)));
  const test = tests.length - 1;
  noteGuard(reading, test, around);
  const body = childOf(definition, 'block');
  if (body !== undefined) reading.bodies.set(body, test);
  return { ...around, test, fn: definition, functionName: null, named: null, guard: null, condition: '' };
}

function noteGuard(reading: Reading, test: number, around: Surroundings): void {
  const draft = reading.facts.tests[test];
  if (draft === undefined || around.guard === null) return;
  if (around.guard === 'branch' || around.guard === 'maybe-return' || around.guard === 'catch') {
    draft.modifiers.add('skipif');
    draft.conditions.push(around.condition);
  } else if (around.guard !== 'try') draft.modifiers.add('unreachable');
}
