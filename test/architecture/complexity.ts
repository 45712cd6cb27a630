import { Lang, type SgNode, parse } from '@ast-grep/napi';
import type { SourceTree } from './source-tree.js';

const functions = [
  'function_declaration',
  'generator_function_declaration',
  'function_expression',
  'arrow_function',
  'method_definition',
];
const branches = [
  'if_statement',
  'for_statement',
  'for_in_statement',
  'while_statement',
  'do_statement',
  'switch_statement',
  'catch_clause',
  'ternary_expression',
  'binary_expression',
];
const wanted = { rule: { any: [...functions, ...branches].map((kind) => ({ kind })) } };

interface Counted {
  readonly at: string;
  readonly end: number;
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
  return [...tree].flatMap(([path, text]) =>
    countPaths(path, text)
      .filter(({ paths }) => paths > limit)
      .map(({ at, paths }) => `${at} (${paths})`),
  );
}

/** Nodes come outer before inner, so that the innermost function still open is the one that a branch belongs to. */
function countPaths(path: string, text: string): readonly Counted[] {
  const counted: Counted[] = [];
  let open: Counted[] = [];
  for (const node of parse(Lang.TypeScript, text).root().findAll(wanted)) {
    const { start, end } = node.range();
    open = open.filter((fn) => fn.end > start.index);
    if (functions.includes(String(node.kind()))) {
      const name = node.field('name')?.text() ?? 'function';
      const fn = { at: `${path}:${start.line + 1} ${name}`, end: end.index, paths: 1 };
      counted.push(fn);
      open.push(fn);
    } else {
      const around = open.at(-1);
      if (around !== undefined && isBranch(node)) around.paths += 1;
    }
  }
  return counted;
}

function isBranch(node: SgNode): boolean {
  return node.kind() !== 'binary_expression' || /^(&&|\|\|)$/.test(node.field('operator')?.text() ?? '');
}
