import type { Guard, TestFact } from '../../../core/caws/syntax-facts.js';
import type { Knot } from '../source-tree.js';
import type { Surroundings } from '../surroundings.js';
import type { TestDraft } from './read-test.js';
import { truthText } from './read-test.js';

/** A call such as `t.skip()` inside a test. */
export interface SkipCall {
  readonly call: Knot;
  readonly callee: string;
  readonly around: Surroundings;
  readonly args: readonly string[];
}

/** `t.skip()`, `this.skip()`, `pending()` and Playwright's `test.skip(condition)` mark the test that they stand in. */
export function applyBodySkips(tests: TestDraft[], skips: readonly SkipCall[]): void {
  for (const skip of skips) {
    const { callee, around, args } = skip;
    const draft = around.test === null ? hookSuite(tests, skip) : tests[around.test];
    const truth = skipTruth(skip);
    if (draft === undefined || truth === false) continue;
    if (truth === true && around.guard === null) draft.modifiers.add(callee.endsWith('todo') ? 'todo' : 'skip');
    else {
      draft.modifiers.add('skipif');
      draft.conditions.push(args[0] ?? '');
    }
  }
}

/** `beforeEach(function () { this.skip() })` outside every suite skips the whole file, which stands as a suite. */
function hookSuite(tests: TestDraft[], { call, callee, around }: SkipCall): TestDraft | undefined {
  if (around.fn === null || around.functionName !== null || !/^(this|ctx|context|t|pending)\b/.test(callee))
    return undefined;
  const known = tests.find((test) => test.title === '<module>');
  if (known !== undefined) return known;
  const made: TestDraft = {
    kind: 'suite',
    path: [],
    title: '<module>',
    line: call.line,
    endLine: call.endLine,
    modifiers: new Set(),
    conditions: [],
    rows: null,
    rowTexts: [],
    parametrised: false,
    emptyBody: false,
    body: undefined,
    bodyName: null,
  };
  tests.push(made);
  return made;
}

/** Whether the call skips the test around it: surely, not at all, or by a condition that is not known (null). */
function skipTruth({ callee, around, args }: SkipCall): boolean | null {
  const [root = ''] = callee.split('.');
  const [first] = args;
  // Playwright's own `test.skip('title', …)` declares another test.
  if (root === 'test' && first !== undefined) return first.startsWith('"') ? false : truthText(first);
  const unnamed = around.context === '' ? ['t', 'context'] : [];
  return ['this', 'pending', around.context, 'ctx', 'test', ...unnamed].includes(root);
}

interface BodyPlaces {
  readonly assertionStarts: ReadonlyMap<number, number>;
  readonly exitStarts: ReadonlyMap<Knot, number>;
}

/** Makes the fact of a draft, when the whole file is read. A return before any assertion is an early one. */
export function settleTest(draft: TestDraft, exit: Guard | undefined, places: BodyPlaces, index: number): TestFact {
  const { body, bodyName: _, modifiers, conditions, ...rest } = draft;
  const exitStart = body === undefined ? undefined : places.exitStarts.get(body);
  const firstAssertion = places.assertionStarts.get(index) ?? Number.POSITIVE_INFINITY;
  if (body !== undefined && exit !== undefined && exitStart !== undefined && exitStart < firstAssertion) {
    const last = body.children.findLast((child) => child.kind !== 'comment');
    if (last !== undefined && last.start > exitStart && !modifiers.has('skip')) {
      modifiers.add(exit === 'after-return' ? 'early-return' : 'skipif');
    }
  }
  return { ...rest, modifiers: [...modifiers].sort(), conditions };
}
