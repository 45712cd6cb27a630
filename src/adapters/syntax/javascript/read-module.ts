import type { ImportFact, SyntaxFacts } from '../../../core/caws/syntax-facts.js';
import type { Knot } from '../source-tree.js';
import { stringValue } from '../string-literal.js';
import { argumentsOf, bodyOf, isFunction, type SourceFile } from './source-file.js';
import { importedNames, moduleText, argumentList, splitAssignment } from './name-table.js';

type ExportFact = SyntaxFacts['exports'][number];

/** `import … from`, or `export … from`; null when the statement names no module. */
export function readImport(file: SourceFile, knot: Knot): ImportFact | null {
  const source = knot.children.findLast((child) => child.kind === 'string');
  if (source === undefined) return null;
  const clause = file.tree.text.slice(knot.start, source.start);
  if (knot.kind === 'export_statement' && !/\bfrom\s*$/.test(clause)) return null;
  const module = stringValue(file.tree.text.slice(source.start, source.end)) ?? '';
  return { module, names: importedNames(clause).map((it) => it.name), line: knot.line, dynamic: false };
}

/** `require("x")`, `import("x")`, `process.getBuiltinModule("x")`; null for any other call. */
export function readDynamicImport(file: SourceFile, call: Knot, callee: string): ImportFact | null {
  if (callee !== 'require' && callee !== 'import' && !callee.endsWith('getBuiltinModule')) return null;
  const list = argumentList(call);
  const known = list === undefined ? null : moduleText(file.tree, list, file.names.constants);
  const module =
    known ??
    argumentsOf(file, call)
      .map((it) => file.print(it.span))
      .join(', ');
  const half = call.parent?.kind === 'variable_declarator' ? splitAssignment(file.tree, call.parent) : null;
  const target = half === null ? '' : file.tree.text.slice(half.target.start, half.target.end);
  const names = target.startsWith('{') ? importedNames(`import ${target.replace(/:/g, ' as ')}`) : [];
  return { module, names: names.map((it) => it.name), line: call.line, dynamic: true };
}

/** What an `export` statement adds to the public surface. */
export function readExports(file: SourceFile, knot: Knot): readonly ExportFact[] {
  const { line } = knot;
  const signature = signatureOf(file, knot);
  const text = signature.replace(/^export (default )?(declare )?/, '');
  if (signature.startsWith('export default')) return [{ name: 'default', signature, line }];
  const declared =
    /^(?:async )?(?:abstract )?(?:function|class|interface|type|enum|const enum|namespace|module)\s*\*? ?([\w$]+)/.exec(
      text,
    );
  if (declared?.[1] !== undefined) return [{ name: declared[1], signature, line }];
  const variables = knot.children.find((child) => /^(lexical|variable)_declaration$/.test(child.kind));
  if (variables !== undefined) {
    return variables.children.flatMap((declarator) => {
      const name = /^[\w$]+/.exec(file.tree.text.slice(declarator.start, declarator.end))?.[0];
      return name === undefined ? [] : [{ name, signature: signatureOf(file, declarator), line: declarator.line }];
    });
  }
  if (text.startsWith('*')) return [{ name: /^\* as ([\w$]+)/.exec(text)?.[1] ?? '*', signature, line }];
  return (/^(?:type )?\{(.*?)\}/.exec(text)?.[1]?.split(',') ?? []).flatMap((part) => {
    const name =
      part
        .trim()
        .split(' as ')
        .at(-1)
        ?.replace(/^type /, '') ?? '';
    return name === '' ? [] : [{ name, signature: part.trim(), line }];
  });
}

/** `module.exports = {a, b}` and `exports.a = …`. */
export function readCommonExports(file: SourceFile, target: string, value: string, knot: Knot): readonly ExportFact[] {
  const single = /^(?:module\.)?exports\.([\w$]+)$/.exec(target)?.[1];
  if (single !== undefined) return [{ name: single, signature: signatureOf(file, knot), line: knot.line }];
  if (target !== 'module.exports') return [];
  const inside = /^\{(.*)\}$/.exec(value)?.[1];
  const names = inside === undefined ? [] : (inside.match(/(?:^|, )(?:async )?([\w$]+)(?=[,:(]|$)/g) ?? []);
  if (names.length === 0) return [{ name: 'default', signature: signatureOf(file, knot), line: knot.line }];
  return names.map((name) => ({
    name: name.replace(/^, /, '').replace(/^async /, ''),
    signature: name.replace(/^, /, ''),
    line: knot.line,
  }));
}

/** The text of a declaration without the bodies of functions and without the values of variables. */
function signatureOf(file: SourceFile, knot: Knot): string {
  const fn = firstFunction(knot);
  const body = fn === undefined ? undefined : bodyOf(fn);
  if (body !== undefined && fn?.kind !== 'method_definition') return file.print({ start: knot.start, end: body.start });
  const isClass = knot.children.some((child) => /class/.test(child.kind));
  return isClass ? classSignature(file, knot) : file.print(knot);
}

function firstFunction(knot: Knot): Knot | undefined {
  let at: Knot | undefined = knot;
  for (let hop = 0; hop < 3 && at !== undefined; hop += 1) {
    const found: Knot | undefined = at.children.find((child) => isFunction(child));
    if (found !== undefined) return found;
    at = at.children.find((child) => /declaration|declarator/.test(child.kind));
  }
  return undefined;
}

/** The head of the class and the heads of its public methods. */
function classSignature(file: SourceFile, knot: Knot): string {
  const declared = knot.children.find((child) => /class/.test(child.kind)) ?? knot;
  const brace = file.tree.text.indexOf('{', declared.start);
  const head = file.print({ start: knot.start, end: brace < 0 ? declared.end : brace });
  const methods = declared.children
    .filter((child) => child.kind === 'method_definition')
    .map((method) => file.print({ start: method.start, end: bodyOf(method)?.start ?? method.end }))
    .filter((method) => !/^(private |#|static #)/.test(method));
  return methods.length === 0 ? head : `${head} { ${methods.join('; ')} }`;
}
