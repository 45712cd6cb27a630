/**
 * What a parser saw in one file, reduced to plain data so that rules are functions over facts. Lines count from 1.
 * Texts are in normal form, so that reformatted source gives equal facts: comments left out, one blank after a comma
 * or colon and around binary operators, strings in double quotes, no trailing comma or semicolon. A text over 300
 * characters is its first 280, `…` and a hash of the whole; the body of a long function inside a text is `{…}`.
 */
export interface SyntaxFacts {
  readonly language: 'javascript' | 'typescript' | 'python';
  /** Lines with a syntax error; not empty means that the rest may be incomplete. `[1]` alone with no other facts: the text is over the cap. */
  readonly errorLines: readonly number[];
  readonly tests: readonly TestFact[];
  readonly assertions: readonly AssertionFact[];
  readonly calls: readonly CallFact[];
  readonly imports: readonly ImportFact[];
  readonly assignments: readonly AssignmentFact[];
  readonly conditions: readonly ConditionFact[];
  readonly functions: readonly FunctionFact[];
  readonly catches: readonly CatchFact[];
  readonly comments: readonly { readonly line: number; readonly text: string }[];
  /** Public surface: each exported name with its signature (body left out). */
  readonly exports: readonly { readonly name: string; readonly signature: string; readonly line: number }[];
}

/**
 * Why code may not run, innermost reason first found: in a branch, behind a constant false, in a catch clause, in a
 * try whose catch swallows, after a return, after a return in a branch, in a function that nothing calls, in a loop
 * over nothing, in a timer's callback.
 */
export type Guard =
  | 'branch'
  | 'unreachable'
  | 'catch'
  | 'try'
  | 'after-return'
  | 'maybe-return'
  | 'never-called'
  | 'empty-loop'
  | 'timer';

/** A test or a suite: `it("adds")` inside `describe("sum")` is `{path: ["sum"], title: "adds"}`. */
export interface TestFact {
  readonly kind: 'test' | 'suite';
  readonly path: readonly string[];
  readonly title: string;
  readonly line: number;
  readonly endLine: number;
  /**
   * What keeps it from running or from counting, whatever the spelling: `skip`, `only`, `todo`, `fails` (it must
   * fail), `skipif` (a condition decides), `early-return`, `unreachable`, `never-called`; sorted, empty when none.
   * A suite's modifiers stand on the suite alone.
   */
  readonly modifiers: readonly string[];
  /** Texts of the conditions behind `skipif`. */
  readonly conditions: readonly string[];
  /** Number of parameter rows when the list is written out, null when it is not static or there is none. */
  readonly rows: number | null;
  /** Texts of the rows that are written out, at most 500. */
  readonly rowTexts: readonly string[];
  readonly parametrised: boolean;
  readonly emptyBody: boolean;
}

export interface AssertionFact {
  /** Index into `tests` of the innermost test around it, or null. */
  readonly test: number | null;
  /** The innermost named function around it, or null: assertions of a helper. */
  readonly functionName: string | null;
  readonly line: number;
  /** Normalised form: `expect().toBe`, `assert.equal`, `assert ==`, `self.assertEqual`. */
  readonly form: string;
  readonly negated: boolean;
  /** Text of what is examined. */
  readonly subject: string;
  /** Texts of the expected values, in order. */
  readonly expected: readonly string[];
  /** Every expected value is a literal (numbers, strings, arrays and objects of them …). */
  readonly literal: boolean;
  readonly awaited: boolean;
  /** It gives a promise that must be awaited or returned (`.resolves`, `.rejects`, `assert.rejects` …). */
  readonly promised: boolean;
  /** It may never run: `guard` says why. */
  readonly guarded: boolean;
  readonly guard: Guard | null;
}

export interface CallFact {
  /**
   * Dotted name with `()` for inner calls: `process.exit`, `expect().not.toBe`, `new Proxy`. Constant texts of computed
   * members are folded (`process["ex"+"it"]` is `process.exit`), other computed parts are `[text]`; aliases of built-in
   * modules and test frameworks are resolved (`const {exit: bye} = process; bye()` is `process.exit`), `globalThis.`
   * is dropped.
   */
  readonly callee: string;
  /** The callee was written with a computed member or through an alias. */
  readonly disguised: boolean;
  /** The first argument of `Object.defineProperty`, `spyOn` and their like is resolved as the callee is. */
  readonly args: readonly string[];
  readonly line: number;
  readonly test: number | null;
  readonly functionName: string | null;
  /** No function is around it: it runs on import. */
  readonly moduleLevel: boolean;
  /** Text of the innermost condition around it in the same function, empty when none. */
  readonly condition: string;
  readonly guard: Guard | null;
  readonly awaited: boolean;
}

export interface ImportFact {
  readonly module: string;
  /** Names as exported there; `*` for all of it, `default`. */
  readonly names: readonly string[];
  readonly line: number;
  /** `import()` or `require()` or `process.getBuiltinModule()` with a text that may be computed. */
  readonly dynamic: boolean;
}

export interface AssignmentFact {
  /** Dotted name, aliases resolved as in `CallFact.callee`. */
  readonly target: string;
  /** `=`, `+=` …, `++`, `--`; a declaration's is `const`, `let` or `var`; Python's `del x` is `del`. */
  readonly operator: string;
  readonly value: string;
  readonly line: number;
  readonly functionName: string | null;
  readonly moduleLevel: boolean;
}

export interface ConditionFact {
  readonly line: number;
  readonly text: string;
  readonly identifiers: readonly string[];
  readonly literals: readonly string[];
  readonly functionName: string | null;
  /** What the guarded branch does at once: `return` with its text, `throw`, or other. */
  readonly consequence: 'return' | 'throw' | 'other';
  readonly consequenceText: string;
}

/** A function with a name: declared, method, assigned, or a property's value. */
export interface FunctionFact {
  readonly name: string;
  /** Name of the class around it, empty when none. */
  readonly owner: string;
  readonly line: number;
  readonly endLine: number;
  readonly exported: boolean;
  readonly parameters: readonly string[];
  readonly decorators: readonly string[];
  /** `throws-unimplemented`, `constant` (only returns a literal), `empty`, or `normal`. */
  readonly body: 'empty' | 'constant' | 'throws-unimplemented' | 'normal';
  readonly bodyText: string;
}

export interface CatchFact {
  readonly line: number;
  readonly endLine: number;
  readonly body: 'empty' | 'logs-only' | 'returns-constant' | 'normal';
  readonly bodyText: string;
  /** Python's exception type or TypeScript's binding, empty when bare. */
  readonly binding: string;
  readonly functionName: string | null;
}
