import { Lang, type SgNode, parse } from '@ast-grep/napi';
import { posix } from 'node:path';
import type { SourceTree } from './source-tree.js';

export interface Import {
  readonly from: string;
  readonly line: number;
  /** As written. */
  readonly specifier: string;
  /** Path from the root for a relative specifier, with the ending `.ts`; null for a package. */
  readonly target: string | null;
}

/**
 * Every way in which a file can name another: import and export … from, `import type`, `import()` as call and as type.
 * Read from the syntax tree, so that a string or a comment that looks like an import is none.
 */
export function importsOf(path: string, text: string): readonly Import[] {
  const root = parse(Lang.TypeScript, text).root();
  return [
    ...root.findAll({ rule: { any: [{ kind: 'import_statement' }, { kind: 'export_statement' }] } }).map(sourceOf),
    ...root.findAll({ rule: { kind: 'call_expression', has: { field: 'function', kind: 'import' } } }).map(callOf),
  ]
    .filter((found) => found !== null)
    .map(({ node, specifier }) => ({
      from: path,
      line: node.range().start.line + 1,
      specifier,
      target: specifier.startsWith('.') ? resolveFrom(path, specifier) : null,
    }));
}

function sourceOf(node: SgNode): { node: SgNode; specifier: string } | null {
  const source = node.field('source');
  return source === null ? null : { node, specifier: unquote(source.text()) };
}

/** `import('x')`; an argument that is no literal is given as `<computed>`, which no floor allows. */
function callOf(node: SgNode): { node: SgNode; specifier: string } {
  const argument = node.field('arguments')?.child(1);
  return { node, specifier: argument?.kind() === 'string' ? unquote(argument.text()) : '<computed>' };
}

function unquote(text: string): string {
  return text.slice(1, -1);
}

function resolveFrom(path: string, specifier: string): string {
  return posix.join(posix.dirname(path), specifier).replace(/\.js$/, '.ts');
}

/** Each circle as the list of its files, the first repeated at the end; empty when arrows never come back. */
export function circlesOf(tree: SourceTree): readonly (readonly string[])[] {
  const next = new Map([...tree].map(([path, text]) => [path, importsOf(path, text).flatMap((i) => i.target ?? [])]));
  const circles: string[][] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const seenAt = trail.indexOf(path);
    if (seenAt >= 0) circles.push([...trail.slice(seenAt), path]);
    if (seenAt >= 0 || done.has(path)) return;
    for (const target of next.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of tree.keys()) visit(path, []);
  return circles;
}
