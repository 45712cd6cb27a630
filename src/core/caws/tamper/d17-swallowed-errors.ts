import { pathOf } from '../change.js';
import type { FileFacts } from '../file-facts.js';
import { type Finding, findingOf } from '../finding.js';
import type { CallFact, CatchFact, FunctionFact } from '../syntax-facts.js';
import { isTestPath } from '../test-path.js';
import { addedLineSet, callKeyOf, freshOf, touches } from './fresh-facts.js';
import type { TamperRule } from './tamper-rule.js';

/** Where a body without work is right: interfaces, abstract bases, protocols, no-op defaults by name. */
const abstractMark = /abstract|overload|Protocol|ABC|Interface|singledispatch|Null[A-Z]|Noop|Base$/i;
const noop =
  /^(noop|no_op|nothing|ignore\w*|identity)$|^(on|handle)[A-Z_]|^\[Symbol|^constructor$|^__\w+__$|^(dispose|close|teardown|setup)$/;
/** Exceptions that say only that something is not there; to go on after those is ordinary. */
const expected =
  /\b(StopIteration|StopAsyncIteration|KeyboardInterrupt|ImportError|ModuleNotFoundError|FileNotFoundError|FileExistsError|KeyError|AttributeError|IndexError|LookupError|ProcessLookupError|CancelledError|Empty|TimeoutError|BrokenPipeError|ValueError|UnicodeDecodeError|DoesNotExist)\b/;
/** Handlers that forget, by their usual names; written out they are catches among the facts. */
const forgets = /^(noop|_\.noop|lodash\.noop|Function\.prototype|\$\.noop)$/;
/** To put away or to stop things is best effort: nobody can act on its failure. */
const bestEffort =
  /^(close|dispose|destroy|cleanup|cleanUp|clean_up|teardown|tear_down|stop|kill|unlink|rm|remove|abort|cancel|disconnect|__exit__|__del__)/i;

function examine(facts: FileFacts): readonly Finding[] {
  const path = pathOf(facts.file);
  if (facts.newSyntax === null || isTestPath(path) || /\.(d\.[cm]?ts|pyi)$/.test(path)) return [];
  const added = addedLineSet(facts);
  return [...swallowed(facts, added), ...forgotten(facts, added), ...hollow(facts, added)].map(({ line, message }) =>
    findingOf(swallowedErrors, message, { path, line }),
  );
}

type Hit = { readonly line: number; readonly message: string };

function swallowed(facts: FileFacts, added: ReadonlySet<number>): Hit[] {
  const keyOf = (fact: CatchFact): string => `${fact.functionName ?? ''} ${fact.binding} ${fact.bodyText}`;
  const catches = freshOf(facts.oldSyntax?.catches, facts.newSyntax?.catches, added, keyOf, isSwallowing);
  if (catches.length === 0) return [];
  const explained = explainedLines(facts);
  const promises = facts.newSyntax?.calls.filter(({ callee }) => callee.endsWith('.catch') && putsAway(callee)) ?? [];
  const closing = new Set(promises.map(({ line }) => line));
  return catches
    .filter((fact) => !closing.has(fact.line) && !touches(fact, explained))
    .map(({ line, body, bodyText }) => {
      const does = body === 'empty' ? 'does nothing with it' : `answers ${bodyText.replace(/^return /, '')} instead`;
      return { line, message: `an error is caught, and the code ${does}` };
    });
}

function isSwallowing(fact: CatchFact): boolean {
  if (fact.body !== 'empty' && fact.body !== 'returns-constant') return false;
  if (expected.test(fact.binding) || bestEffort.test(fact.functionName ?? '')) return false;
  // A predicate that tries is told by its name: `isValid`, `can_read`.
  const tries = /^(is|has|can|try|exists|supports|safe|maybe)(?![a-z])/.test(fact.functionName ?? '');
  return !(tries && fact.body === 'returns-constant');
}

/** Lines with a comment that says why nothing is done: a decision which a reviewer can see. */
function explainedLines(facts: FileFacts): ReadonlySet<number> {
  const comments = facts.newSyntax?.comments.filter(
    ({ text }) =>
      !/^\W*(eslint|oxlint|biome|noqa|pylint|istanbul|c8|pragma|type:|@ts-)/.test(text) &&
      text.replace(/^[\s/*#]+/, '').split(/\s+/).length >= 3,
  );
  return new Set(comments?.map(({ line }) => line));
}

/** Rejected promises that nobody hears of, and Python's `suppress` of everything. */
function forgotten(facts: FileFacts, added: ReadonlySet<number>): Hit[] {
  const calls = freshOf(facts.oldSyntax?.calls, facts.newSyntax?.calls, added, callKeyOf, isForgetting);
  if (calls.length === 0) return [];
  const explained = explainedLines(facts);
  return calls
    .filter((call) => !bestEffort.test(call.functionName ?? ''))
    .filter(({ line }) => !touches({ line: line - 1, endLine: line + 1 }, explained))
    .map(({ line, callee }) => ({ line, message: `${callee} makes every error vanish` }));
}

function isForgetting({ callee, args }: CallFact): boolean {
  if (/(^|\.)suppress$/.test(callee)) return args.some((arg) => /^(Base)?Exception$/.test(arg));
  return callee.endsWith('.catch') && !putsAway(callee) && forgets.test(args[0] ?? '');
}

/** `socket.close().catch` */
function putsAway(callee: string): boolean {
  return bestEffort.test(callee.replace(/\(\)\.catch$/, '').replace(/^.*\./, ''));
}

function hollow(facts: FileFacts, added: ReadonlySet<number>): Hit[] {
  const before = new Map(facts.oldSyntax?.functions.map((fact) => [nameOf(fact), fact]));
  return (facts.newSyntax?.functions ?? []).flatMap((fact) => {
    const old = before.get(nameOf(fact));
    // A body that was only taken away leaves no added line behind.
    const changed = touches(fact, added) || (old !== undefined && old.bodyText !== fact.bodyText);
    if (!changed || old?.body === fact.body || isRightlyHollow(fact)) return [];
    const what = describeHollow(fact, old);
    return what === null ? [] : [{ line: fact.line, message: `${fact.name} ${what}` }];
  });
}

function describeHollow(fact: FunctionFact, old: FunctionFact | undefined): string | null {
  if (fact.body === 'throws-unimplemented') return 'only says that it is not implemented';
  // A new function may be empty or constant for many good reasons; one that had a body lost it.
  if (old === undefined || old.body !== 'normal') return null;
  if (fact.body === 'empty') return 'lost its body';
  return fact.body === 'constant' ? `was reduced to ${fact.bodyText}` : null;
}

function isRightlyHollow(fact: FunctionFact): boolean {
  return noop.test(fact.name) || abstractMark.test(`${fact.decorators.join(' ')} ${fact.owner}`);
}

function nameOf(fact: FunctionFact): string {
  return `${fact.owner}.${fact.name}`;
}

/**
 * D17: errors that are caught and forgotten, and functions that lost their work. JavaScript, TypeScript and Python by
 * their syntax: a catch that is empty or answers a constant, a promise's `catch` that forgets, `suppress(Exception)`,
 * unless a comment says why, the error is one that only says "not there", or things are being put away; a function
 * that only throws "not implemented"; one that had a body and is now empty or a constant. Abstract methods, protocols
 * and named no-ops are left alone. What is swallowed after it was logged, or by a return in `finally`, is not seen.
 */
export const swallowedErrors: TamperRule = {
  id: 'D17',
  clause: 'constitution §3 part 6, D17',
  severity: 'advisory',
  why: 'an error that nobody sees, and a function that does nothing, look like success.',
  mend: 'handle the error or let it go on; finish the function or leave it out.',
  examineFile: examine,
};
