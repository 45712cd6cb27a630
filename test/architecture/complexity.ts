import { Lang, type SgNode, parse } from '@ast-grep/napi';
import type { SourceTree } from './source-tree.js';

const functions = new Set([
  'function_declaration',
  'generator_function_declaration',
  'function_expression',
  'arrow_function',
  'method_definition',
]);
const branches = new Set([
  'if_statement',
  'for_statement',
  'for_in_statement',
  'while_statement',
  'do_statement',
  'switch_statement',
  'catch_clause',
  'ternary_expression',
]);

interface Counted {
  readonly at: string;
  paths: number;
}

/**
 * `path:line name (paths)` of each function with more than `limit` paths through it, after McCabe: one, and one more for
 * each if, loop, switch, catch, `?:`, `&&` and `||`. A switch counts once, however many cases: they are read one by one. A function inside another counts for itself. `?.` and `??` are not
 * counted: they say what stands for a missing value, and lead nowhere else. (oxlint's own rule counts them, so that a
 * flat list of `match[1] ?? ''` reads as a maze.)
 * @see McCabe 1976, "A Complexity Measure", doi:10.1109/TSE.1976.233837
 */
export function tooComplex(tree: SourceTree, limit: number): readonly string[] {
  const counted: Counted[] = [];
  for (const [path, text] of tree) walk(parse(Lang.TypeScript, text).root(), null, path, counted);
  return counted.filter(({ paths }) => paths > limit).map(({ at, paths }) => `${at} (${paths})`);
}

function walk(node: SgNode, around: Counted | null, path: string, counted: Counted[]): void {
  let current = around;
  if (functions.has(String(node.kind()))) {
    current = { at: `${path}:${node.range().start.line + 1} ${node.field('name')?.text() ?? 'function'}`, paths: 1 };
    counted.push(current);
  } else if (current !== null && isBranch(node)) {
    current.paths += 1;
  }
  for (const child of node.children()) walk(child, current, path, counted);
}

function isBranch(node: SgNode): boolean {
  if (branches.has(String(node.kind()))) return true;
  return node.kind() === 'binary_expression' && /^(&&|\|\|)$/.test(node.field('operator')?.text() ?? '');
}
