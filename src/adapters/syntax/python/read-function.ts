import type { CatchFact, FunctionFact, SyntaxFacts } from '../../../core/caws/syntax-facts.js';
import { argumentSpans } from '../bracket-scan.js';
import { isLiteralText } from '../literal-text.js';
import { childOf, type Knot } from '../source-tree.js';
import type { Surroundings } from '../surroundings.js';
import { decoratorsOf, definitionName } from './read-test.js';
import { blockText, type PythonFile, statementsOf } from './source-file.js';

const logging = /^(print|logging|logger|log|_?logger|LOG|LOGGER|warnings|traceback)(\.\w+)*\(.*\)$/s;

/** The fact of a `def`. */
export function readPythonFunction(file: PythonFile, definition: Knot, around: Surroundings): FunctionFact {
  const block = childOf(definition, 'block');
  const parameters = childOf(definition, 'parameters');
  return {
    name: definitionName(file, definition),
    owner: around.owner,
    line: definition.line,
    endLine: definition.endLine,
    exported: around.fn === null && !definitionName(file, definition).startsWith('_'),
    parameters: parameters === undefined ? [] : argumentSpans(file.tree, parameters).map((span) => file.print(span)),
    decorators: decoratorsOf(definition).map((decorator) =>
      file.print({ start: decorator.start + 1, end: decorator.end }),
    ),
    body: functionBody(file, block),
    bodyText: blockText(file, block),
  };
}

function functionBody(file: PythonFile, block: Knot | undefined): FunctionFact['body'] {
  if (block === undefined) return 'empty';
  const statements = statementsOf(file, block).filter((statement) => statement.kind !== 'pass_statement');
  const first = statements[0];
  if (first === undefined) return 'empty';
  if (statements.length > 1) return 'normal';
  const text = file.print(first);
  if (/^raise NotImplementedError\b|^raise \w+\(.*not (yet )?implemented/i.test(text)) return 'throws-unimplemented';
  if (first.kind !== 'return_statement') return 'normal';
  const value = text.replace(/^return ?/, '');
  if (value === '' || value === 'None') return 'empty';
  return isConstant(value) ? 'constant' : 'normal';
}

function isConstant(value: string): boolean {
  return isLiteralText(value) || /^(not (True|False|None|0|1)|\{\}|\[\]|\(\)|bool\(1\))$/.test(value);
}

/** An `except` clause. */
export function readExcept(file: PythonFile, clause: Knot, around: Surroundings): CatchFact {
  const block = childOf(clause, 'block');
  const head = file.print({ start: clause.start + 'except'.length, end: block?.start ?? clause.end });
  return {
    line: clause.line,
    endLine: clause.endLine,
    body: exceptBody(file, block),
    bodyText: blockText(file, block),
    binding: head.replace(/:$/, '').trim(),
    functionName: around.functionName,
  };
}

function exceptBody(file: PythonFile, block: Knot | undefined): CatchFact['body'] {
  if (block === undefined) return 'empty';
  const statements = statementsOf(file, block).filter((it) => !/^(pass|continue)$/.test(file.print(it)));
  if (statements.length === 0) return 'empty';
  const texts = statements.map((statement) => file.print(statement));
  const last = texts.at(-1) ?? '';
  const rest = texts.slice(0, -1).every((text) => logging.test(text));
  if (rest && /^return\b/.test(last)) {
    const value = last.replace(/^return ?/, '');
    return value === '' || isConstant(value) ? 'returns-constant' : 'normal';
  }
  return rest && logging.test(last) ? 'logs-only' : 'normal';
}

/** A top-level name without a leading underscore is public. */
export function readPythonExport(file: PythonFile, definition: Knot): SyntaxFacts['exports'] {
  const name = definitionName(file, definition);
  if (name === '' || name.startsWith('_')) return [];
  const block = childOf(definition, 'block');
  const head = file.print({ start: definition.start, end: block?.start ?? definition.end }).replace(/:$/, '');
  const methods =
    definition.kind !== 'class_definition' || block === undefined
      ? []
      : block.children
          .map((child) => (child.kind === 'decorated_definition' ? childOf(child, 'function_definition') : child))
          .filter((child): child is Knot => child?.kind === 'function_definition')
          .filter((method) => !/^_(?!_init__)/.test(definitionName(file, method)))
          .map((method) =>
            file.print({ start: method.start, end: childOf(method, 'block')?.start ?? method.end }).replace(/:$/, ''),
          );
  return [{ name, signature: methods.length === 0 ? head : `${head}: ${methods.join('; ')}`, line: definition.line }];
}
