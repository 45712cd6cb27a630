import { Lang, type SgNode, parse } from '@ast-grep/napi';
import type { SourceTree } from './source-tree.js';

/** `path:line name` of each exported function or class that has no docstring right above it. */
export function exportsWithoutDocstring(tree: SourceTree): readonly string[] {
  return [...tree].flatMap(([path, text]) =>
    parse(Lang.TypeScript, text)
      .root()
      .children()
      .filter((node) => node.kind() === 'export_statement' && declaresCallable(node) && !hasDocstring(node))
      .map((node) => `${path}:${node.range().start.line + 1} ${node.text().split('\n')[0]}`),
  );
}

function declaresCallable(node: SgNode): boolean {
  const declaration = node.field('declaration');
  if (declaration === null) return false;
  if (['function_declaration', 'class_declaration'].includes(String(declaration.kind()))) return true;
  return declaration.children().some((child) => child.field('value')?.kind() === 'arrow_function');
}

/** An overload counts as documented when the one above it is. */
function hasDocstring(node: SgNode): boolean {
  const above = node.prev();
  if (above === null) return false;
  if (above.kind() === 'comment') return above.text().startsWith('/**');
  return above.kind() === 'export_statement' && above.child(1)?.kind() === 'function_signature' && hasDocstring(above);
}

/** `path:line` of each comment that holds one of the words; strings and names are not looked at. */
export function commentsWith(words: RegExp, tree: SourceTree): readonly string[] {
  return [...tree].flatMap(([path, text]) =>
    parse(Lang.TypeScript, text)
      .root()
      .findAll({ rule: { kind: 'comment' } })
      .filter((node) => words.test(node.text()))
      .map((node) => `${path}:${node.range().start.line + 1} ${words.exec(node.text())?.[0]}`),
  );
}
