import type { AssignmentFact, CallFact, FunctionFact, SyntaxFacts } from '../../syntax-facts.js';

/** Something of the test machinery, of the loader or of the clock that is given another meaning. */
export interface Patch {
  readonly what: string;
  readonly line: number;
  readonly kind: 'machinery' | 'loader' | 'timer' | 'clock' | 'builtin';
  /** The same file puts the original back. */
  readonly restored: boolean;
}

const assertMembers =
  /^(ok|equal|notEqual|strictEqual|notStrictEqual|deepEqual|notDeepEqual|deepStrictEqual|notDeepStrictEqual|partialDeepStrictEqual|throws|doesNotThrow|rejects|doesNotReject|match|doesNotMatch|fail|ifError|strict|AssertionError|isTrue|isFalse|isOk|include|\[.*\])$/;
const expectMembers =
  /^(extend|assertions|hasAssertions|any|anything|objectContaining|soft|poll|prototype|getState|setState|addSnapshotSerializer|addEqualityTesters|\[.*\])$/;
const testGlobals = /^(expect|assert|it|test|describe|suite|beforeEach|afterEach|beforeAll|afterAll|vi|jest)$/;
const loaders =
  /^(Module\.(_load|_resolveFilename|_extensions\b.*|_compile|_cache\b.*|wrap|prototype\.(require|_compile|load))|require\.(cache|extensions)\b.*|process\.getBuiltinModule|process\.binding|module\.constructor\.\w+)/;
const timers =
  /^(setTimeout|setInterval|setImmediate|clearTimeout|queueMicrotask|process\.nextTick|time\.sleep|asyncio\.sleep)$/;
const clocks =
  /^(Date|Date\.now|performance\.now|process\.hrtime(\.bigint)?|time\.(time|monotonic|perf_counter)|Math\.random)$/;
const builtins =
  /^(Object\.is|Object\.prototype\.(toString|valueOf|hasOwnProperty|isPrototypeOf|__\w+__)|(Array|String|Number|Function|Promise|Map|Set)\.prototype\.(includes|every|some|map|filter|forEach|indexOf|find|findIndex|join|reduce|push|sort|slice|concat|toString|valueOf|call|apply|bind|then|catch|has|get|localeCompare|\[.*\])|JSON\.(stringify|parse)|util\.(isDeepStrictEqual|inspect)|Array\.isArray|Number\.isNaN|builtins\.\w+|AssertionError\.\w+)$/;
const pythonMachinery =
  /^(_?pytest(\.|$)|unittest(\.|$)|_pytest\.|nose\.|hypothesis\.|(\w+\.)?(TestCase|TestResult|TextTestResult|TestReport)\.)/;

/** What a project rightly sets there. */
const pythonSettings = /\.(maxDiff|longMessage|addTypeEqualityFunc|settings|register_assert_rewrite|pytestmark)$/;

const frameworkRoots = /^(it|test|describe|suite|vi|jest|vitest|mocha|jasmine)$/;
const frameworkMembers = /^(skip|only|each|fn|mock|todo|concurrent|run|test|it|prototype\.\w+)$/;
const runners = /^(node:test|Assertion|chai\.Assertion|Mocha|Runner|Test|Suite)\.prototype\./;
const kinds: readonly (readonly [RegExp, Patch['kind']])[] = [
  [runners, 'machinery'],
  [loaders, 'loader'],
  [timers, 'timer'],
  [clocks, 'clock'],
  [builtins, 'builtin'],
];

/** What kind of thing a dotted name is, or null when patching it is nobody's business. */
function patchKind(name: string, language: SyntaxFacts['language']): Patch['kind'] | null {
  if (language === 'python' && pythonMachinery.test(name)) return pythonSettings.test(name) ? null : 'machinery';
  if (isMachinery(name)) return 'machinery';
  return kinds.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}

function isMachinery(name: string): boolean {
  const [root = '', ...rest] = name.replaceAll('[', '.[').split('.');
  if (rest.length === 0) return false;
  const member = rest.filter((part) => part !== 'strict' && part !== 'default').join('.');
  if (root === 'assert') return assertMembers.test(member);
  if (root === 'expect') return expectMembers.test(member);
  return frameworkRoots.test(root) && frameworkMembers.test(member);
}

/** All patches of one file. */
export function patchesOf(syntax: SyntaxFacts): readonly Patch[] {
  return [
    ...syntax.assignments.flatMap((it) => ofAssignment(it, syntax) ?? []),
    ...syntax.calls.flatMap((call) => ofCall(call, syntax)),
    ...syntax.functions.flatMap((fn) => ofFunction(fn, syntax) ?? []),
  ];
}

function ofAssignment(it: AssignmentFact, syntax: SyntaxFacts): Patch | null {
  if (!/^=|\|\|=|\?\?=|del$/.test(it.operator)) return null;
  const whole = testGlobals.test(it.target) && it.operator === '=' && isMadeHere(it.value);
  const kind = whole ? 'machinery' : namedKind(it, syntax);
  if (kind === null || isOriginal(it.value)) return null;
  return { what: it.target, line: it.line, kind, restored: isRestored(it.target, syntax) };
}

function namedKind(it: AssignmentFact, syntax: SyntaxFacts): Patch['kind'] | null {
  const kind = patchKind(it.target, syntax.language);
  if (kind === 'machinery' && isOwnFunction(it.target, syntax)) return null;
  const bare = /^[\w$]+$/.test(it.target);
  // A bare name is a variable of the place; it is the global when `globalThis.` stood before it, or nothing declares it.
  if (bare && (kind === null || syntax.language === 'python' || isDeclared(it, syntax))) return null;
  return kind;
}

/** `function assert(…) {…}` and then `assert.equal = …`: a library of assertions is made here, none is replaced. */
function isOwnFunction(target: string, syntax: SyntaxFacts): boolean {
  return syntax.tests.length === 0 && namesOf(syntax).assertions.has(/^\w+/.exec(target)?.[0] ?? '');
}

function isDeclared({ target, line }: AssignmentFact, syntax: SyntaxFacts): boolean {
  const { declared, functionLines } = namesOf(syntax);
  const lines = functionLines.get(target);
  return declared.has(target) || (lines !== undefined && (lines.size > 1 || !lines.has(line)));
}

/** What a file says of its names, gathered once: the questions come for each of its assignments. */
interface Names {
  readonly declared: ReadonlySet<string>;
  readonly functionLines: ReadonlyMap<string, ReadonlySet<number>>;
  /** Functions outside classes that can fail. */
  readonly assertions: ReadonlySet<string>;
  readonly restored: ReadonlySet<string>;
  readonly restoresAll: boolean;
}

const gathered = new WeakMap<SyntaxFacts, Names>();

function namesOf(syntax: SyntaxFacts): Names {
  const known = gathered.get(syntax);
  if (known !== undefined) return known;
  const functionLines = new Map<string, Set<number>>();
  for (const { name, line } of syntax.functions) {
    functionLines.set(name, (functionLines.get(name) ?? new Set<number>()).add(line));
  }
  const declarations = syntax.assignments.filter(({ operator }) => /^(const|let|var)$/.test(operator));
  const names: Names = {
    declared: new Set([
      ...declarations.map(({ target }) => target),
      ...syntax.functions.flatMap(({ parameters }) => parameters),
    ]),
    functionLines,
    assertions: new Set(
      syntax.functions.filter((fn) => fn.owner === '' && canFail.test(fn.bodyText)).map(({ name }) => name),
    ),
    restored: new Set(syntax.assignments.filter(({ value }) => isOriginal(value)).map(({ target }) => target)),
    restoresAll: syntax.calls.some((call) => /restore(AllMocks)?$|unstub|useRealTimers/.test(call.callee)),
  };
  gathered.set(syntax, names);
  return names;
}

/** The value is a function, an object or a proxy that is written here. */
function isMadeHere(value: string): boolean {
  return /^(async\s*)?(\(.*\)|\w+) =>|^(async )?function|^\{|^new Proxy|^class\b|^Object\.(assign|create)|^lambda\b/.test(
    value,
  );
}

const original =
  /(^|\.)_?(orig|original|real|saved|old|prev|previous|native|actual)\w*$|(^|\.)_?\w+(Original|Backup|Real)$/i;

function isOriginal(value: string): boolean {
  return original.test(value);
}

function isRestored(target: string, syntax: SyntaxFacts): boolean {
  const { restored, restoresAll } = namesOf(syntax);
  return restoresAll || restored.has(target);
}

const definers =
  /^(Object\.(defineProperty|defineProperties|assign|setPrototypeOf)|Reflect\.(set|defineProperty|deleteProperty|setPrototypeOf)|setattr|vi\.stubGlobal|monkeypatch\.(setattr|delattr)|(mock|mocker)\.patch(\.object)?)$/;
const spies = /^(vi|jest|sinon|mock|\w+\.mock|td)\.(spyOn|method|stub|replace\w*|getter)$/;

function ofCall(call: CallFact, syntax: SyntaxFacts): readonly Patch[] {
  if (call.callee === 'expect.extend') return ofExtend(call);
  if (!definers.test(call.callee) && !spies.test(call.callee)) return [];
  const [target = '', member = ''] = call.args.map((arg) => arg.replace(/^"(.*)"$/, '$1'));
  const whole = /^(Object\.(assign|defineProperties|setPrototypeOf)|Reflect\.setPrototypeOf)$/.test(call.callee);
  const names = whole
    ? membersSet(call.args[1] ?? '').map((name) => `${target}.${name}`)
    : [joined(call, target, member)];
  const restored = /^(monkeypatch|mock|mocker)\./.test(call.callee) || isRestored(names[0] ?? '', syntax);
  return names.flatMap((what) => {
    const stubbed = call.callee === 'vi.stubGlobal' && testGlobals.test(what);
    const kind = stubbed ? 'machinery' : patchKind(what, syntax.language);
    const spied = spies.test(call.callee) || /^(mock|mocker)\.patch/.test(call.callee);
    if (kind === null || (spied && kind !== 'machinery')) return [];
    return [{ what, line: call.line, kind, restored: restored && kind !== 'machinery' }];
  });
}

/** `setattr(pytest, "raises", …)` and `monkeypatch.setattr("pytest.raises", …)` name the same. */
function joined(call: CallFact, target: string, member: string): string {
  const dotted = call.args[0]?.startsWith('"') === true || call.callee.endsWith('.patch');
  const global = /^(globalThis|global|window|self)$/.test(target);
  return dotted ? target : global ? member : `${target}.${member}`;
}

function membersSet(text: string): readonly string[] {
  return [...text.matchAll(/(?:^\{|[,{] ?)(?:async |get )?"?([\w$]+)"?(?=[:(,}])/g)].map((found) => found[1] ?? '');
}

const matchers =
  /^(toBe|toEqual|toStrictEqual|toMatchObject|toMatch|toContain|toContainEqual|toThrow|toThrowError|toBeTruthy|toBeFalsy|toBeNull|toBeDefined|toBeUndefined|toHaveLength|toHaveProperty|toBeCloseTo|toBeInstanceOf|toHaveBeenCalled\w*|toMatchSnapshot|toMatchInlineSnapshot|toBeGreaterThan\w*|toBeLessThan\w*)$/;

/** A matcher of one's own is honest; one by the name of a built-in matcher takes its place, one that always passes asks nothing. */
function ofExtend(call: CallFact): readonly Patch[] {
  const text = call.args[0] ?? '';
  const blind = /\bpass: (true|!0)\b/.test(text) && !/\bpass\b(?!: (true|!0))|\bthrow\b|…/.test(text);
  if (blind) return [{ what: 'expect.extend', line: call.line, kind: 'machinery', restored: false }];
  return membersSet(text)
    .filter((name) => matchers.test(name))
    .map((name) => ({ what: `expect().${name}`, line: call.line, kind: 'machinery' as const, restored: false }));
}

const canFail = /\b(throw|raise|assert\w*|fail\w*|expect\w*|reject\w*|super|Error|exit|original\w*|orig\w*)\b/;

/** A function by the name of an assertion that cannot fail, or by the name of a test that never runs its body. */
function ofFunction(fn: FunctionFact, syntax: SyntaxFacts): Patch | null {
  if (fn.bodyText.includes('…')) return null;
  const python = /^assert[A-Z]\w*$/.test(fn.name) && fn.owner !== '';
  const named = syntax.language === 'python' ? python : /^(expect|assert)$/.test(fn.name) && fn.owner === '';
  const hollow = (named && !canFail.test(fn.bodyText)) || neverRuns(fn, syntax);
  return hollow ? { what: fn.name, line: fn.line, kind: 'machinery', restored: false } : null;
}

function neverRuns(fn: FunctionFact, syntax: SyntaxFacts): boolean {
  if (syntax.language === 'python' || fn.owner !== '' || !/^(it|test|describe|suite)$/.test(fn.name)) return false;
  const body = /^[\w$]+/.exec(fn.parameters.at(-1) ?? '')?.[0];
  if (syntax.tests.length === 0) return false;
  // A property `test() {…}` of an options object does its own work; a runner that takes no body has none.
  if (body === undefined) return fn.body !== 'normal';
  return !new RegExp(`(^|[^\\w$])${body.replaceAll('$', '\\$')}($|[^\\w$])`).test(fn.bodyText);
}
