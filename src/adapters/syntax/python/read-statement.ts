import { joinPath } from '../dotted-path.js';
import { identifiersIn, literalsIn } from '../literal-text.js';
import { childOf, type Knot } from '../source-tree.js';
import type { Surroundings } from '../surroundings.js';
import { notePythonExit } from './guards.js';
import { splitPythonAssignment } from './name-table.js';
import { readModuleMarks } from './read-test.js';
import { moduleSuite, noteSkip, type Reading } from './reading.js';
import { blockText, conditionText, statementsOf } from './source-file.js';

/** Reads what a statement leaves, imports, assigns or asks; nothing of other kinds. */
export function readStatement(reading: Reading, knot: Knot, around: Surroundings): void {
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
  if (around.fn === null) readMarks(reading, knot, around, { target, value: file.print(half.value) });
}

/** `pytestmark = …` and `__test__ = False` speak for the class or module that they stand in. */
function readMarks(
  reading: Reading,
  knot: Knot,
  around: Surroundings,
  { target, value }: { readonly target: string; readonly value: string },
): void {
  if (target !== 'pytestmark' && !(target === '__test__' && value === 'False')) return;
  const suite = around.test === null ? moduleSuite(reading, knot) : reading.facts.tests[around.test];
  if (suite === undefined) return;
  if (target === 'pytestmark') readModuleMarks(reading.file, knot, suite.modifiers, suite.conditions);
  else suite.modifiers.add('skip');
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
