import type { Knot } from '../source-tree.js';
import { isFunction, type SourceFile } from './source-file.js';

const keepers = new Set(['await_expression', 'return_statement', 'variable_declarator', 'assignment_expression']);

/** Awaited, returned, kept in a variable, or handed to a call that is: somebody waits for it. */
export function isAwaited(file: SourceFile, call: Knot): boolean {
  let knot: Knot = call;
  for (let hop = 0; hop < 64 && knot.parent !== null; hop += 1) {
    const parent: Knot = knot.parent;
    if (keepers.has(parent.kind)) return true;
    if (isFunction(parent)) return parent.kind === 'arrow_function' && knot.kind !== 'statement_block';
    if (parent.kind === 'expression_statement' || parent.kind === 'statement_block') return false;
    if (parent.kind === 'call_expression' && file.names.pathOfCall(parent).segments.at(-1) === 'push') return true;
    knot = parent;
  }
  return false;
}
