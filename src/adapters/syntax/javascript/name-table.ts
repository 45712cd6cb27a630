import { argumentSpans, scanOutside, trimSpan, type Span } from '../bracket-scan.js';
import type { Knot, SourceTree } from '../source-tree.js';
import { childOf } from '../source-tree.js';
import { foldConstant, stringValue } from '../string-literal.js';
import { choiceSegments, type DottedPath, readPath } from '../dotted-path.js';
import { moduleSegments, settleModule } from './module-names.js';

/** Names of one file: what each call is called, and what each alias stands for. */
export interface NameTable {
  /** Resolved name of a call or `new` expression. */
  pathOfCall(call: Knot): DottedPath;
  /** Resolved name written in a span of `knot`. */
  pathIn(knot: Knot, span: Span): DottedPath;
  /** Value span of the declarator of a name, for tables that stand in a constant. */
  readonly values: ReadonlyMap<string, { readonly knot: Knot; readonly span: Span }>;
  readonly constants: ReadonlyMap<string, string>;
}

const globals = new Set(['globalThis', 'global', 'window', 'self']);
const maxHops = 6;

/** Reads all names of the file. Scopes are not told apart: an alias holds for the whole file. */
export function readNames(tree: SourceTree): NameTable {
  const declarators = tree.knots.filter((knot) => knot.kind === 'variable_declarator');
  const constants = new Map<string, string>();
  const values = new Map<string, { knot: Knot; span: Span }>();
  const halves = declarators.flatMap((knot) => {
    const half = splitAssignment(tree, knot);
    return half === null ? [] : [{ knot, ...half }];
  });
  for (const { knot, target, value } of halves) {
    const name = tree.text.slice(target.start, target.end).split(':')[0]?.trim() ?? '';
    if (!/^[\w$]+$/.test(name)) continue;
    values.set(name, { knot, span: value });
    const text =
      value.end - value.start <= 200 ? foldConstant(tree.text.slice(value.start, value.end), constants) : null;
    if (text !== null) constants.set(name, text);
  }
  const raw = readDottedPaths(tree, constants);
  const aliases: Aliases = new Map();
  readImportAliases(tree, aliases);
  const assigned = tree.knots.flatMap((knot) => {
    const half = knot.kind === 'assignment_expression' ? splitAssignment(tree, knot) : null;
    return half === null ? [] : [{ knot, ...half }];
  });
  for (const { knot, target, value } of [...halves, ...assigned]) {
    const alias = valueAlias(tree, knot, value, raw, constants);
    if (alias !== null) addAliases(tree.text.slice(target.start, target.end), alias, aliases);
  }
  const resolved = new Map<Knot, DottedPath>();
  return {
    values,
    constants,
    pathOfCall: (call) => {
      const known = resolved.get(call);
      if (known !== undefined) return known;
      const path = resolvePath(raw.get(call) ?? { segments: ['<unknown>'], disguised: false }, aliases);
      resolved.set(call, path);
      return path;
    },
    pathIn: (knot, span) =>
      resolvePath(
        readPath(tree, knot, span, constants, (call) => raw.get(call)),
        aliases,
      ),
  };
}

/** An alias; `final` when it names a module's own, which no other alias may change. */
interface Alias {
  readonly segments: readonly string[];
  readonly final: boolean;
}
type Aliases = Map<string, Alias>;

/** Inner calls start with their outer one and come later, so that the reverse order knows each head. */
function readDottedPaths(tree: SourceTree, constants: ReadonlyMap<string, string>): ReadonlyMap<Knot, DottedPath> {
  const paths = new Map<Knot, DottedPath>();
  for (let index = tree.knots.length - 1; index > 0; index -= 1) {
    const call = tree.knots[index];
    if (call === undefined || (call.kind !== 'call_expression' && call.kind !== 'new_expression')) continue;
    const list = argumentList(call);
    const isNew = call.kind === 'new_expression';
    const start = isNew ? call.start + 'new'.length : call.start;
    const path = readPath(tree, call, { start, end: list?.start ?? call.end }, constants, (inner) => paths.get(inner));
    const segments = isNew ? [`new ${path.segments[0] ?? ''}`, ...path.segments.slice(1)] : path.segments;
    const value = list === undefined ? null : calledModule(tree, segments, list, constants);
    paths.set(call, { segments, disguised: path.disguised, ...(value === null ? {} : { value }) });
  }
  return paths;
}

/** The argument list of a call; a tagged template is its own. */
export function argumentList(call: Knot): Knot | undefined {
  const last = childOf(call, 'arguments');
  if (last !== undefined) return last;
  const tail = call.children.at(-1);
  return tail?.kind === 'template_string' && tail.end === call.end ? tail : undefined;
}

const moduleGetters = new Set(['require', 'import', 'process.getBuiltinModule', 'module.require', 'createRequire.()']);

function calledModule(
  tree: SourceTree,
  segments: readonly string[],
  list: Knot,
  constants: ReadonlyMap<string, string>,
): readonly string[] | null {
  const name = segments.join('.');
  if (name.endsWith('.extend') && /^(base|test|it)\w*\.extend$/i.test(name)) return segments.slice(0, -1);
  if (!moduleGetters.has(name) && !name.endsWith('.getBuiltinModule')) return null;
  const module = moduleText(tree, list, constants);
  return module === null ? null : moduleSegments(module);
}

/** The constant first argument, or null when it is computed. */
export function moduleText(tree: SourceTree, list: Knot, constants: ReadonlyMap<string, string>): string | null {
  const first = argumentSpans(tree, list)[0];
  return first === undefined ? null : foldConstant(tree.text.slice(first.start, first.end), constants);
}

/** Target and value around the top-level `=` of a declarator or an assignment; null when there is none. */
export function splitAssignment(tree: SourceTree, knot: Knot): { readonly target: Span; readonly value: Span } | null {
  let depth = 0;
  const equals = scanOutside(tree, knot, knot, (character, at) => {
    if ('([{'.includes(character)) depth += 1;
    else if (')]}'.includes(character)) depth -= 1;
    return character === '=' && depth === 0 && tree.text.charAt(at + 1) !== '>' && tree.text.charAt(at - 1) !== '=';
  });
  if (equals >= knot.end) return null;
  return {
    target: trimSpan(tree, knot, { start: knot.start, end: equals }),
    value: trimSpan(tree, knot, { start: equals + 1, end: knot.end }),
  };
}

function valueAlias(
  tree: SourceTree,
  knot: Knot,
  value: Span,
  raw: ReadonlyMap<Knot, DottedPath>,
  constants: ReadonlyMap<string, string>,
): Alias | null {
  if (value.end - value.start > 200) return null;
  let head = knot.children.find((child) => child.start >= value.start);
  if (head?.kind === 'await_expression' && head.start === value.start) head = head.children[0];
  if (head?.kind === 'ternary_expression') {
    return { segments: choiceSegments(tree.text.slice(head.start, head.end)), final: false };
  }
  const called = head?.end === value.end ? raw.get(head) : undefined;
  if (called !== undefined) return calledAlias(called);
  const text = tree.text.slice(value.start, value.end);
  if (!/^[\w$.\s[\]'"`+?!()@:/-]+$/.test(text) || /^['"`\d(]/.test(text)) return null;
  const path = readPath(tree, knot, value, constants, (call) => raw.get(call));
  if (path.segments.some((segment) => segment.startsWith('<'))) return null;
  return { segments: path.segments, final: path.value !== undefined };
}

function calledAlias(path: DottedPath): Alias | null {
  if (path.value === undefined) return boundAlias(path);
  return { segments: path.value, final: path.segments.at(-1) !== 'extend' };
}

/** `it.skipIf(x)` and `it.skip.bind(null)` give functions that are as good as their names. */
function boundAlias(path: DottedPath): Alias | null {
  const last = path.segments.at(-1);
  if (last === 'bind') return { segments: path.segments.slice(0, -1), final: false };
  return last === 'skipIf' || last === 'runIf' ? { segments: [...path.segments, '()'], final: false } : null;
}

/** `name`, or the names of `{a, b: c}`. */
function addAliases(target: string, alias: Alias, aliases: Aliases): void {
  const { segments, final } = alias;
  if (/^[\w$]+(\s*:[\s\S]*)?$/.test(target)) {
    const name = target.split(':')[0]?.trim() ?? '';
    if (final || segments.length > 1 || segments[0] !== name) aliases.set(name, alias);
    return;
  }
  const inside = /^\{([\s\S]*)\}/.exec(target)?.[1];
  for (const part of inside?.split(',') ?? []) {
    const [key = '', local = key] =
      part
        .split('=')[0]
        ?.split(':')
        .map((piece) => piece.trim()) ?? [];
    if (/^[\w$]+$/.test(key) && /^[\w$]+$/.test(local)) aliases.set(local, { segments: [...segments, key], final });
  }
}

function readImportAliases(tree: SourceTree, aliases: Aliases): void {
  for (const knot of tree.knots) {
    const source =
      knot.kind === 'import_statement' ? knot.children.findLast((child) => child.kind === 'string') : undefined;
    const module = source === undefined ? null : stringValue(tree.text.slice(source.start, source.end));
    const segments = module === null ? null : moduleSegments(module);
    if (segments === null || source === undefined) continue;
    const clause = tree.text.slice(knot.start, source.start);
    for (const { name, local } of importedNames(clause)) {
      const whole = name === '*' || name === 'default';
      aliases.set(local, { segments: whole ? segments : [...segments, name], final: true });
    }
  }
}

/** Names of `import a, {b as c}, * as d from`, as exported and as used here. */
export function importedNames(clause: string): readonly { readonly name: string; readonly local: string }[] {
  const text = clause.replace(/^import\s+(type\s+)?/, '').replace(/\bfrom\s*$/, '');
  const names: { name: string; local: string }[] = [];
  const first = /^\s*([\w$]+)/.exec(text)?.[1];
  if (first !== undefined) names.push({ name: 'default', local: first });
  const space = /\*\s*as\s+([\w$]+)/.exec(text)?.[1];
  if (space !== undefined) names.push({ name: '*', local: space });
  for (const part of /\{([\s\S]*)\}/.exec(text)?.[1]?.split(',') ?? []) {
    const [name = '', local = name] = part
      .trim()
      .replace(/^type\s+/, '')
      .split(/\s+as\s+/);
    if (name !== '') names.push({ name, local });
  }
  return names;
}

function resolvePath(path: DottedPath, aliases: ReadonlyMap<string, Alias>): DottedPath {
  if (path.segments[0]?.startsWith('new ') === true) return path;
  const { segments, disguised } = followAliases(path, aliases);
  const last = segments.at(-1);
  if ((last === 'call' || last === 'apply') && segments.length > 2) {
    return { segments: settleModule(segments.slice(0, -1)), disguised: true };
  }
  return { segments: settleModule(segments), disguised };
}

function followAliases(path: DottedPath, aliases: ReadonlyMap<string, Alias>): DottedPath {
  let { segments, disguised } = path;
  const seen = new Set<string>();
  for (let hop = 0; hop < maxHops; hop += 1) {
    if (globals.has(segments[0] ?? '') && segments.length > 1 && segments[1] !== '()') segments = segments.slice(1);
    const name = segments[0] ?? '';
    const alias = aliases.get(name);
    if (alias === undefined || seen.has(name)) break;
    seen.add(name);
    segments = [...alias.segments, ...segments.slice(1)];
    disguised ||= alias.segments.length > 1 && alias.segments.at(-1) !== name && alias.segments[1] !== 'strict';
    if (alias.final) break;
  }
  return { segments, disguised };
}
