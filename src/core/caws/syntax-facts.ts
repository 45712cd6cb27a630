/**
 * What a parser saw in one file, reduced to plain data so that rules are functions over facts. Lines count from 1.
 * Texts are the source's own, white space folded to one blank, cut at 300 characters.
 */
export interface SyntaxFacts {
  readonly language: 'javascript' | 'typescript' | 'python';
  /** Lines with a syntax error; not empty means that the rest may be incomplete. */
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

/** A test or a suite: `it("adds")` inside `describe("sum")` is `{path: ["sum"], title: "adds"}`. */
export interface TestFact {
  readonly kind: 'test' | 'suite';
  readonly path: readonly string[];
  readonly title: string;
  readonly line: number;
  readonly endLine: number;
  /** `skip`, `only`, `todo`, `xfail`, `fails`, `skipif` …, as written; empty when none. */
  readonly modifiers: readonly string[];
  /** Number of parameter rows when the list is written out, null when it is not static or there is none. */
  readonly rows: number | null;
  readonly parametrised: boolean;
  readonly emptyBody: boolean;
}

export interface AssertionFact {
  /** Index into `tests` of the innermost test around it, or null. */
  readonly test: number | null;
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
  /** Inside a branch, a catch, or behind a return: it may never run. */
  readonly guarded: boolean;
}

export interface CallFact {
  /** Dotted name, computed parts as `[text]`: `process.exit`, `process["ex"+"it"]` is `process["ex"+"it"]`. */
  readonly callee: string;
  readonly args: readonly string[];
  readonly line: number;
  readonly test: number | null;
  readonly functionName: string | null;
  readonly awaited: boolean;
}

export interface ImportFact {
  readonly module: string;
  readonly names: readonly string[];
  readonly line: number;
  /** `import()` or `require()` or `process.getBuiltinModule()` with a text that may be computed. */
  readonly dynamic: boolean;
}

export interface AssignmentFact {
  readonly target: string;
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

export interface FunctionFact {
  readonly name: string;
  readonly line: number;
  readonly endLine: number;
  readonly exported: boolean;
  readonly parameters: readonly string[];
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
}
