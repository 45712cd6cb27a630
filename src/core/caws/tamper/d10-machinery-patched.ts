import { pathOf } from '../change.js';
import type { FileFacts } from '../file-facts.js';
import { type Finding, findingOf, type Severity } from '../finding.js';
import type { SyntaxFacts } from '../syntax-facts.js';
import { isTestPath } from '../test-path.js';
import { addedLineSet, freshOf, isTestMachinery } from './fresh-facts.js';
import { mockedUnits } from './machinery/mocked-unit.js';
import { type Patch, patchesOf } from './machinery/patched-names.js';
import { hookDeceits } from './machinery/pytest-hooks.js';
import type { TamperRule } from './tamper-rule.js';

interface Deceit {
  readonly text: string;
  /** The text without line numbers. */
  readonly key: string;
  readonly line: number;
  readonly severity: Severity;
}

function examine(facts: FileFacts): readonly Finding[] {
  if (facts.newSyntax === null) return [];
  const path = pathOf(facts.file);
  const tests = isTestMachinery(facts);
  const after = deceitsOf(path, facts.newSyntax, tests);
  if (after.length === 0) return [];
  const before = facts.oldSyntax === null ? [] : deceitsOf(path, facts.oldSyntax, tests);
  return freshOf(before, after, addedLineSet(facts), ({ key }) => key).map(({ text, line, severity }) =>
    findingOf(machineryPatched, text, { path, line, severity }),
  );
}

function deceitsOf(path: string, syntax: SyntaxFacts, tests: boolean): readonly Deceit[] {
  const patches = patchesOf(syntax).flatMap((patch) => {
    const severity = tests ? inTests(patch, path) : inProduct(patch);
    const text = `"${patch.what}" is given another meaning`;
    return severity === null ? [] : [{ text, key: text, line: patch.line, severity }];
  });
  const mocks = isTestPath(path) ? mockedUnits(path, syntax) : [];
  return [
    ...patches,
    ...mocks.map((it): Deceit => ({
      ...it,
      key: it.text.replace(/line \d+/, ''),
      severity: it.certain ? 'block' : 'waivable',
    })),
    ...hookDeceits(syntax).map((it): Deceit => ({ ...it, key: it.text, severity: 'block' })),
  ];
}

/** Built-ins that assertions themselves compare with. */
const comparing = /^(Object\.is|util\.isDeepStrictEqual|JSON\.stringify|builtins\.\w+|AssertionError\.\w+)$/;

/** Tests may stand in for a clock or a timer, and put a loader back when they are done; assertions are not theirs. */
function inTests({ kind, restored, what }: Patch, path: string): Severity | null {
  // An entry of the cache is how old suites mock a collaborator; the unit of the test's own name is none.
  if (what.startsWith('require.cache')) return what.includes(nameOf(path)) ? 'block' : 'advisory';
  if (kind === 'machinery') return 'block';
  if (kind === 'builtin') return comparing.test(what) && !restored ? 'block' : 'advisory';
  if (kind === 'clock') return null;
  if (restored) return 'advisory';
  return 'block';
}

/** `test/cart.test.cjs` is about `cart`. */
function nameOf(path: string): string {
  return `/${path.replace(/^.*\//, '').replace(/\..*$/, '')}`;
}

/** Product code has no business with the machinery that judges it; a polyfill of a built-in is shown only. */
function inProduct({ kind, restored, what }: Patch): Severity | null {
  if (kind === 'machinery' || (kind === 'loader' && !restored)) return 'block';
  return kind === 'builtin' && !comparing.test(what) ? 'advisory' : 'waivable';
}

/** D10: the runner, its assertions, the loader or the timers patched, or the unit under test replaced by a mock. */
export const machineryPatched: TamperRule = {
  id: 'D10',
  clause: 'constitution §3 part 6, D10',
  severity: 'block',
  why: 'A judge that the accused has rewired says what the accused wants.',
  mend: 'Leave the test machinery as it is; mock what the unit leans on, never the unit itself.',
  examineFile: examine,
};
