import type { TestFact } from '../../../core/caws/syntax-facts.js';
import { childOf, type Knot } from '../source-tree.js';
import type { LoopRows } from '../surroundings.js';
import {
  argumentTexts,
  decoratorPath,
  type PythonArgument,
  type PythonFile,
  pythonArguments,
  readPythonRows,
  statementsOf,
} from './source-file.js';

/** A test under way. */
export interface PythonDraft extends Omit<TestFact, 'modifiers' | 'conditions' | 'rowTexts'> {
  readonly modifiers: Set<string>;
  readonly conditions: string[];
  readonly rowTexts: string[];
  readonly body: Knot | undefined;
}

/** Decorators of a definition, outermost first. */
export function decoratorsOf(definition: Knot): readonly Knot[] {
  const holder = definition.parent;
  return holder?.kind === 'decorated_definition' ? holder.children.filter((child) => child.kind === 'decorator') : [];
}

export function definitionName(file: PythonFile, definition: Knot): string {
  const head = file.tree.text.slice(definition.start, definition.start + 200);
  return /(?:def|class)\s+([\w\u0080-\uffff]+)/.exec(head)?.[1] ?? '';
}

/** A class that pytest or unittest collects: by its name or by a base that is a test case. */
export function isTestClass(file: PythonFile, definition: Knot): boolean {
  const bases = childOf(definition, 'argument_list');
  const text = bases === undefined ? '' : file.tree.text.slice(bases.start, bases.end);
  return /^Test|Tests?$|TestCase$/.test(definitionName(file, definition)) || /TestCase\b/.test(text);
}

/** Reads a test function or a test class with what its decorators say. */
export function readPythonTest(
  file: PythonFile,
  definition: Knot,
  kind: 'test' | 'suite',
  parents: readonly string[],
): PythonDraft {
  const body = childOf(definition, 'block');
  const modifiers = new Set<string>();
  const conditions: string[] = [];
  let table: LoopRows | null = null;
  for (const decorator of decoratorsOf(definition)) {
    const { path, call } = decoratorPath(file, decorator);
    const args = call === undefined ? [] : pythonArguments(file, call);
    const name = path.segments.filter((segment) => segment !== '()').join('.');
    readMark(file, name, args, modifiers, conditions);
    if (/(^|\.)(parametrize|expand|data|cases?)$/.test(name)) table = joinRows(table, readTable(file, args, name));
  }
  const holder = definition.parent?.kind === 'decorated_definition' ? definition.parent : definition;
  const rowTexts = [...(table?.texts ?? [])];
  const live = rowTexts.filter((row) => !markedRow.test(row));
  if (live.length < rowTexts.length) {
    modifiers.add('skipif');
    conditions.push(...rowTexts.filter((row) => markedRow.test(row)));
  }
  return {
    kind,
    path: parents,
    title: definitionName(file, definition),
    line: holder.line,
    endLine: holder.endLine,
    modifiers,
    conditions,
    rows: table?.rows === null || table === null ? null : table.rows - (rowTexts.length - live.length),
    rowTexts,
    parametrised: table !== null,
    emptyBody: body === undefined || statementsOf(file, body).every((statement) => statement.kind === 'pass_statement'),
    body,
  };
}

const markedRow = /\bmarks\s*=.*\b(skip|skipif|xfail)\b/;

/** Several `parametrize` multiply; an empty one leaves nothing. */
function joinRows(one: LoopRows | null, other: LoopRows): LoopRows {
  if (one === null) return other;
  const rows = one.rows === null || other.rows === null ? null : one.rows * other.rows;
  return { rows, texts: [...one.texts, ...other.texts] };
}

function readTable(file: PythonFile, args: readonly PythonArgument[], name: string): LoopRows {
  if (name === 'ddt.data' || name === 'data') return { rows: args.length, texts: args.map((it) => it.text) };
  const table = args.find((it) => it.name === 'argvalues') ?? (args.length > 1 ? args[1] : args[0]);
  return table === undefined ? { rows: null, texts: [] } : readPythonRows(file, table.knot ?? table.list, table.span);
}

/** What a mark or a decorator of unittest does to the test. */
function readMark(
  file: PythonFile,
  name: string,
  args: readonly PythonArgument[],
  modifiers: Set<string>,
  conditions: string[],
): void {
  const last = name.split('.').at(-1) ?? '';
  if (last === 'skip') modifiers.add('skip');
  else if (last === 'expectedFailure') modifiers.add('fails');
  else if (last === 'xfail') addConditional('xfail', args, modifiers, conditions);
  else if (last === 'skipif' || last === 'skipIf') addConditional('skip', args, modifiers, conditions);
  else if (last === 'skipUnless') addConditional('run', args, modifiers, conditions);
  else if (!name.includes('.') && localSkips(file, name)) modifiers.add('skip');
}

function addConditional(
  what: 'skip' | 'run' | 'xfail',
  args: readonly PythonArgument[],
  modifiers: Set<string>,
  conditions: string[],
): void {
  const condition = args.find((it) => it.name === 'condition') ?? args.find((it) => it.name === '');
  const text = condition?.text ?? '';
  const isReason = text.startsWith('"') && what === 'xfail';
  const truth = text === '' || isReason ? true : pythonTruth(text);
  if (truth === null) {
    modifiers.add(what === 'xfail' ? 'xfail' : 'skipif');
    conditions.push(what === 'run' ? `not (${text})` : text);
  } else if (truth !== (what === 'run')) modifiers.add(what === 'xfail' ? 'xfail' : 'skip');
}

/** True, false or null (unknown) for the text of a constant. */
function pythonTruth(text: string): boolean | null {
  if (/^(False|0|None|""|\[\]|not True)$/.test(text)) return false;
  return /^(True|[1-9]\d*|not False|1 == 1)$/.test(text) ? true : null;
}

/** A decorator of this very file that skips, or that gives no test back. */
function localSkips(file: PythonFile, name: string): boolean {
  const definition = file.tree.knots.find(
    (knot) => knot.kind === 'function_definition' && definitionName(file, knot) === name,
  );
  if (definition === undefined) return false;
  return /\b(skip|xfail|SkipTest|skipTest)\b|return None\b|lambda[^:]*: None/.test(
    file.tree.text.slice(definition.start, Math.min(definition.end, definition.start + 2000)),
  );
}

/** `pytestmark = pytest.mark.skip`, or a list of marks. */
export function readModuleMarks(file: PythonFile, knot: Knot, modifiers: Set<string>, conditions: string[]): void {
  for (const call of file.tree.knots) {
    if (call.kind !== 'call' || call.start < knot.start || call.end > knot.end) continue;
    const name = file.names.pathOfCall(call).segments.join('.');
    if (name.includes('mark.')) readMark(file, name, pythonArguments(file, call), modifiers, conditions);
  }
  const bare = file.print(knot).match(/\bmark\.(skip|xfail)\b(?!\()/g);
  if (bare !== null) modifiers.add(bare[0].endsWith('skip') ? 'skip' : 'xfail');
}

/** A call in a test's body or at the top of a module that skips what follows; null for any other call. */
export function bodySkip(
  callee: string,
  args: readonly PythonArgument[],
): { readonly modifier: string; readonly condition: string } | null {
  const texts = argumentTexts(args);
  if (/^(pytest\.skip|self\.skipTest|cls\.skipTest|unittest\.SkipTest|pytest\.skip\.Exception)$/.test(callee)) {
    return { modifier: 'skip', condition: '' };
  }
  if (callee === 'pytest.xfail') return { modifier: 'xfail', condition: '' };
  return callee === 'pytest.importorskip' ? { modifier: 'skipif', condition: `import ${texts[0] ?? ''}` } : null;
}
