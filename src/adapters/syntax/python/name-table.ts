import { argumentSpans, scanOutside, type Span, trimSpan } from '../bracket-scan.js';
import { type DottedPath, readPath } from '../dotted-path.js';
import { childOf, type Knot, type SourceTree } from '../source-tree.js';
import { foldConstant } from '../string-literal.js';

/** Names of one Python file: what each call is called, and what each alias stands for. */
export interface PythonNames {
  pathOfCall(call: Knot): DottedPath;
  pathIn(knot: Knot, span: Span): DottedPath;
  /** Value span of the assignment of a name. */
  readonly values: ReadonlyMap<string, { readonly knot: Knot; readonly span: Span }>;
  readonly constants: ReadonlyMap<string, string>;
}

/** Modules whose names are resolved: those that rules speak of. */
const known = new Set(
  (
    'os sys builtins signal importlib time atexit ctypes threading inspect types gc warnings contextlib asyncio pytest ' +
    '_pytest unittest mock hypothesis faulthandler random datetime subprocess multiprocessing'
  ).split(' '),
);
const maxHops = 6;

/** Reads all names of the file. Scopes are not told apart. */
export function readPythonNames(tree: SourceTree): PythonNames {
  const halves = tree.knots.flatMap((knot) => {
    const half = knot.kind === 'assignment' ? splitPythonAssignment(tree, knot) : null;
    return half === null ? [] : [{ knot, ...half }];
  });
  const { values, constants } = readValues(tree, halves);
  const raw = readRawPaths(tree, constants);
  const aliases = new Map<string, readonly string[]>();
  for (const knot of tree.knots)
    if (knot.kind.startsWith('import_')) addImports(tree.text.slice(knot.start, knot.end), aliases);
  for (const { knot, target, value } of halves) {
    const name = tree.text.slice(target.start, target.end);
    const segments = valueSegments(tree, knot, value, raw, constants);
    if (/^\w+$/.test(name) && segments !== null && segments[0] !== name) aliases.set(name, segments);
  }
  return {
    values,
    constants,
    pathOfCall: (call) => resolvePath(raw.get(call) ?? { segments: ['<unknown>'], disguised: false }, aliases),
    pathIn: (knot, span) =>
      resolvePath(
        readPath(tree, knot, span, constants, (call) => raw.get(call)),
        aliases,
      ),
  };
}

function readValues(
  tree: SourceTree,
  halves: readonly { readonly knot: Knot; readonly target: Span; readonly value: Span }[],
): { readonly values: Map<string, { knot: Knot; span: Span }>; readonly constants: Map<string, string> } {
  const constants = new Map<string, string>();
  const values = new Map<string, { knot: Knot; span: Span }>();
  for (const { knot, target, value } of halves) {
    const name = tree.text.slice(target.start, target.end);
    if (!/^\w+$/.test(name)) continue;
    values.set(name, { knot, span: value });
    const text =
      value.end - value.start <= 200 ? foldConstant(tree.text.slice(value.start, value.end), constants) : null;
    if (text !== null) constants.set(name, text);
  }
  return { values, constants };
}

function readRawPaths(tree: SourceTree, constants: ReadonlyMap<string, string>): ReadonlyMap<Knot, DottedPath> {
  const paths = new Map<Knot, DottedPath>();
  for (let index = tree.knots.length - 1; index > 0; index -= 1) {
    const call = tree.knots[index];
    if (call?.kind !== 'call') continue;
    const list = childOf(call, 'argument_list');
    const span = { start: call.start, end: list?.start ?? call.end };
    const path = readPath(tree, call, span, constants, (inner) => paths.get(inner));
    const value = list === undefined ? null : calledValue(tree, path.segments, list, constants);
    paths.set(call, value === null ? path : { ...path, value, disguised: true });
  }
  return paths;
}

/** `getattr(os, "_exit")`, `__import__("os")`, `importlib.import_module("os")`, `vars(os)`, `globals()`. */
function calledValue(
  tree: SourceTree,
  segments: readonly string[],
  list: Knot,
  constants: ReadonlyMap<string, string>,
): readonly string[] | null {
  const name = segments.join('.');
  const [first, second] = argumentSpans(tree, list);
  const text = first === undefined ? '' : tree.text.slice(first.start, first.end);
  if (name === '__import__' || name.endsWith('import_module')) return foldConstant(text, constants)?.split('.') ?? null;
  if (!/^[\w.]+$/.test(text)) return null;
  if (name === 'vars') return text.split('.');
  if (name !== 'getattr' || second === undefined) return null;
  const member = tree.text.slice(second.start, second.end);
  return [...text.split('.'), foldConstant(member, constants) ?? `[${member.trim().replace(/\s+/g, ' ')}]`];
}

/** Target and value of an assignment; null for a bare annotation. A chain's value is the chain's rest. */
export function splitPythonAssignment(
  tree: SourceTree,
  knot: Knot,
): { readonly target: Span; readonly value: Span } | null {
  let depth = 0;
  const equals = scanOutside(tree, knot, knot, (character) => {
    if ('([{'.includes(character)) depth += 1;
    else if (')]}'.includes(character)) depth -= 1;
    return character === '=' && depth === 0;
  });
  if (equals >= knot.end) return null;
  const annotated = tree.text.slice(knot.start, equals);
  const colon = /^[\w.]+\s*:/.exec(annotated);
  const end = colon === null ? equals : knot.start + colon[0].length - 1;
  return {
    target: trimSpan(tree, knot, { start: knot.start, end }),
    value: trimSpan(tree, knot, { start: equals + 1, end: knot.end }),
  };
}

function valueSegments(
  tree: SourceTree,
  knot: Knot,
  value: Span,
  raw: ReadonlyMap<Knot, DottedPath>,
  constants: ReadonlyMap<string, string>,
): readonly string[] | null {
  if (value.end - value.start > 200) return null;
  const head = knot.children.find((child) => child.start === value.start && child.end === value.end);
  const path = head === undefined ? undefined : raw.get(head);
  if (path !== undefined) return path.value ?? (isMark(path.segments) ? [...path.segments, '()'] : null);
  const text = tree.text.slice(value.start, value.end);
  if (!/^[A-Za-z_][\w.\s[\]'"+]*$/.test(text)) return null;
  const read = readPath(tree, knot, value, constants, (call) => raw.get(call));
  return read.segments.some((segment) => segment.startsWith('<')) ? null : read.segments;
}

/** `slow = pytest.mark.skipif(...)` is used like the mark itself. */
function isMark(segments: readonly string[]): boolean {
  return segments.includes('mark') || /^(skip|skipIf|skipUnless)$/.test(segments.at(-1) ?? '');
}

function addImports(text: string, aliases: Map<string, readonly string[]>): void {
  const from = /^from\s+([\w.]+)\s+import\s+([\s\S]*)$/.exec(text);
  const names = (from?.[2] ?? text.replace(/^import\s+/, '')).replace(/[()\\]/g, ' ').replace(/#.*$/gm, ' ');
  const module = from?.[1]?.split('.') ?? [];
  for (const part of names.split(',')) {
    const [name = '', local] = part.trim().split(/\s+as\s+/);
    const segments = [...module, ...name.split('.')];
    if (name === '' || !known.has(segments[0] ?? '')) continue;
    if (from !== null) aliases.set(local ?? name, segments);
    else if (local !== undefined) aliases.set(local, segments);
  }
}

function resolvePath(path: DottedPath, aliases: ReadonlyMap<string, readonly string[]>): DottedPath {
  let segments = settle(path.segments);
  let disguised = path.disguised;
  const seen = new Set<string>();
  for (let hop = 0; hop < maxHops; hop += 1) {
    const name = segments[0] ?? '';
    const target = aliases.get(name);
    if (target === undefined || seen.has(name)) break;
    seen.add(name);
    segments = settle([...target, ...segments.slice(1)]);
    disguised ||= target.at(-1) !== name && target.length > 1;
  }
  return { segments, disguised };
}

/** `sys.modules["os"].x` is `os.x`, `os.__dict__["x"]` is `os.x`, `unittest.mock.patch` is `mock.patch`. */
function settle(segments: readonly string[]): readonly string[] {
  let rest = segments;
  if (rest[0] === 'sys' && rest[1] === 'modules' && rest.length > 2) rest = rest.slice(2);
  if (rest[1] === '__dict__') rest = [rest[0] ?? '', ...rest.slice(2)];
  if (rest[0] === 'unittest' && rest[1] === 'mock') rest = rest.slice(1);
  return rest;
}
