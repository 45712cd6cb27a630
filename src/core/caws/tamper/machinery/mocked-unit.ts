import type { AssertionFact, CallFact, SyntaxFacts } from '../../syntax-facts.js';

/** A mock that takes the place of what the test is there to test. */
export interface MockedUnit {
  readonly text: string;
  readonly line: number;
  /** The module by its name is certain; a function that is mocked and then asked is likely. */
  readonly certain: boolean;
}

const moduleMocks =
  /^(vi|jest|vitest)\.(mock|doMock|setMock|unstable_mockModule|enableAutomock)$|^(\w+\.)?mock\.module$|^td\.replace(Esm)?$|^mock$/;
/** Modules that decide over tests. */
const judging =
  /^(node:)?(assert(\/strict)?|test)$|^(vitest|chai|expect|mocha|jasmine|ava|tap|uvu|uvu\/assert|should|@jest\/globals|@vitest\/expect)$/;
const ownPath = /^[.@~/#]/;
const besideTests = /(^|\/)(tests?|helpers?|fixtures?|__mocks__|mocks?|utils?|setup|testing|types?)(\/|\.|$)/i;
const partial = /importActual|importOriginal|requireActual|actual|original|spy: ?true/i;

/** Mocks of the unit under test in a test file. */
export function mockedUnits(path: string, syntax: SyntaxFacts): readonly MockedUnit[] {
  const modules =
    syntax.language === 'python'
      ? replacedModules(path, syntax)
      : syntax.calls.flatMap((call) => mockedModule(path, call, syntax) ?? []);
  const asked = new Map<string, AssertionFact[]>();
  for (const assertion of syntax.assertions) {
    const name = /^(?:await |\(\) => )?([^(]+)\(/.exec(assertion.subject)?.[1];
    if (name === undefined) continue;
    const same = asked.get(name) ?? [];
    if (same.length < sameSubjects) same.push(assertion);
    asked.set(name, same);
  }
  const fixing = new Set(
    syntax.calls.filter(({ callee }) => fixesAnswer.test(`.${callee.split('.').at(-1) ?? ''}`)).map(({ line }) => line),
  );
  return [...modules, ...syntax.calls.flatMap((call) => answeredMock(call, syntax, asked, fixing) ?? [])];
}

function mockedModule(path: string, call: CallFact, syntax: SyntaxFacts): MockedUnit | null {
  const specifier = /^(?:import\()?"([^"]+)"\)?$/.exec(call.args[0] ?? '')?.[1];
  if (!moduleMocks.test(call.callee) || specifier === undefined) return null;
  if (judging.test(specifier)) return isPartial(call) ? null : mockOf(specifier, call);
  if (!ownPath.test(specifier)) return null;
  if (/\.(css|scss|less|svg|png|json|graphql|module\.\w+)$/.test(specifier) || isPartial(call)) return null;
  if (!isUnit(path, specifier, syntax)) return null;
  // Without the name, the unit may still be another one that comes by the package's own name.
  return { ...mockOf(specifier, call), certain: stemOf(specifier) === stemOf(path) };
}

function mockOf(specifier: string, call: CallFact): MockedUnit {
  const what = judging.test(specifier) ? 'what judges the test' : 'the module under test';
  return { text: `${what}, "${specifier}", is mocked`, line: call.line, certain: true };
}

function isPartial(call: CallFact): boolean {
  return partial.test(call.args.slice(1).join(', '));
}

/** The module of the test's own name, or else the only one of the project that the test imports. */
function isUnit(path: string, specifier: string, syntax: SyntaxFacts): boolean {
  const own = syntax.imports.filter((it) => ownPath.test(it.module) && !besideTests.test(it.module));
  const stem = stemOf(path);
  const units = stemOf(specifier) === stem ? own.filter((it) => stemOf(it.module) === stem) : own;
  return units.length > 0 && units.every((it) => sameModule(it.module, specifier));
}

/** `sys.modules["shop.cart"] = MagicMock()` in `test_cart.py`; the facts say `shop.cart = …`. */
function replacedModules(path: string, { assignments }: SyntaxFacts): readonly MockedUnit[] {
  const stem = stemOf(path).replace(/^test_|_test(?=\.)|\.py$/g, '');
  return assignments
    .filter(
      ({ target, operator, value }) =>
        operator === '=' &&
        target.endsWith(`.${stem}`) &&
        !/^(self|cls|request|config)\./.test(target) &&
        /Mock|ModuleType|SimpleNamespace|^types\.|lambda/.test(value),
    )
    .map(({ target, line }) => ({ text: `the module under test, "${target}", is replaced`, line, certain: true }));
}

/** `src/sum/index.ts`, `sum.test.ts`, `../sum.js` are all `sum`. */
function stemOf(path: string): string {
  const parts = path
    .replace(/\.(test|spec|e2e|unit|integration|it)(?=\.)/g, '')
    .replace(/\.[cm]?[jt]sx?$/, '')
    .split('/');
  const last = parts.at(-1) ?? '';
  return (last === 'index' ? (parts.at(-2) ?? last) : last).toLowerCase();
}

function sameModule(one: string, other: string): boolean {
  const plain = (text: string) => text.replace(/\.[cm]?[jt]sx?$/, '').replace(/\/index$/, '');
  return plain(one) === plain(other);
}

/** Of assertions that ask the same name this many are looked at: enough for people, and bounded. */
const sameSubjects = 1000;

const fixesAnswer =
  /return_value|side_effect|mockReturnValue|mockResolvedValue|mockImplementation|\.returns|\.resolves|=> |lambda/;

/** `vi.spyOn(math, "sum").mockReturnValue(3)` and then `expect(math.sum(1, 2)).toBe(3)`: the mock answers, not the code. */
function answeredMock(
  call: CallFact,
  syntax: SyntaxFacts,
  byName: ReadonlyMap<string, readonly AssertionFact[]>,
  fixing: ReadonlySet<number>,
): MockedUnit | null {
  const name = replacedName(call, syntax, fixing);
  if (name === null) return null;
  // Python's tests may call the end of a dotted name: `calc.add(` for `pkg.calc.add`.
  const parts = name.split('.').slice(-8);
  const spellings = syntax.language === 'python' ? parts.map((_, index) => parts.slice(index).join('.')) : [];
  const asked = [name, ...spellings]
    .flatMap((it) => byName.get(it) ?? [])
    .find((assertion) => asks(assertion, name, call, syntax));
  if (asked === undefined) return null;
  return {
    text: `"${name}" is mocked, and the assertion in line ${asked.line} asks the mock`,
    line: call.line,
    certain: false,
  };
}

function replacedName(call: CallFact, syntax: SyntaxFacts, fixing: ReadonlySet<number>): string | null {
  const [target = '', member = ''] = call.args.map((arg) => arg.replace(/^"(.*)"$/, '$1'));
  if (/^(vi|jest|sinon)\.(spyOn|stub)$|\.mock\.method$|^mock\.method$/.test(call.callee)) {
    const fixed =
      fixing.has(call.line) &&
      syntax.calls.some(
        (other) =>
          other.line === call.line &&
          other.callee.startsWith(`${call.callee}()`) &&
          fixesAnswer.test(`.${other.callee.split('.').at(-1) ?? ''}`),
      );
    return fixed || fixesAnswer.test(call.args.slice(2).join()) ? `${target}.${member}` : null;
  }
  if (/^(mock|mocker)\.patch$/.test(call.callee)) {
    return fixesAnswer.test(call.args.slice(1).join()) || call.args.length > 1 ? target : null;
  }
  if (/^(mock|mocker)\.patch\.object$|^monkeypatch\.setattr$/.test(call.callee)) {
    return call.args[0]?.startsWith('"') === true ? target : `${target}.${member}`;
  }
  return null;
}

/** The assertion stands in the test that mocks, and its subject is a call of just that name. */
function asks(assertion: AssertionFact, name: string, call: CallFact, syntax: SyntaxFacts): boolean {
  if (assertion.promised || /[cC]alled/.test(assertion.form) || !isSameTest(assertion, call, syntax)) return false;
  const subject = assertion.subject.replace(/^(await |\(\) => )/, '');
  if (subject.startsWith(`${name}(`)) return true;
  const last = name.split('.').at(-1) ?? name;
  return syntax.language === 'python' && (subject.startsWith(`${last}(`) || endsWithName(subject, name));
}

/** A decorator that mocks stands within the lines of its test. */
function isSameTest(assertion: AssertionFact, call: CallFact, syntax: SyntaxFacts): boolean {
  const test = assertion.test === null ? undefined : syntax.tests[assertion.test];
  return call.test === assertion.test || (test !== undefined && call.line >= test.line && call.line <= test.endLine);
}

/** `calc.add(` for the patch of `pkg.calc.add`. */
function endsWithName(subject: string, name: string): boolean {
  const called = /^([\w.]+)\(/.exec(subject)?.[1];
  return called !== undefined && called.includes('.') && (name === called || name.endsWith(`.${called}`));
}
