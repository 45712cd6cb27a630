import { pathOf } from '../change.js';
import type { FileFacts } from '../file-facts.js';
import { type Finding, type Severity, findingOf } from '../finding.js';
import type { AssignmentFact, CallFact, FunctionFact, SyntaxFacts } from '../syntax-facts.js';
import { blindAnswer, lambdaOf, type Method } from './equality/blind-answer.js';
import { answerOfProxy } from './equality/yes-proxy.js';
import { addedLineSet, callKeyOf, freshOf, isTestMachinery } from './fresh-facts.js';
import type { TamperRule } from './tamper-rule.js';

/** Methods by which a value answers whether it equals, or is of the kind of, another one. */
const equality =
  /^(__eq__|__instancecheck__|__subclasscheck__|equals|isEqual(To)?|isEqualNode|deepEquals?|asymmetricMatch|\[Symbol\.hasInstance\])$/;
/** Methods by which a value turns into another one in a comparison. */
const conversion =
  /^(valueOf|\[Symbol\.toPrimitive\]|__bool__|__nonzero__|__hash__|__contains__|__len__|__lt__|__gt__|__le__|__ge__|__cmp__|compareTo)$/;
/** The prototypes that values of every test share. */
const sharedPrototype =
  /^(Object|Array|Date|String|Number|Boolean|Function|Map|Set|RegExp|Error|BigInt|Symbol|Promise)\.prototype[.[]/;
const onPrototype = /^((\[Symbol\.)?(toPrimitive|toString|valueOf|hasInstance|toJSON|equals|toStringTag))\]?$/;

type Hit = { readonly line: number; readonly message: string; readonly severity: Severity };

function examine(facts: FileFacts): readonly Finding[] {
  const after = facts.newSyntax;
  if (after === null) return [];
  const added = addedLineSet(facts);
  const machinery = isTestMachinery(facts);
  const before = facts.oldSyntax;
  const ofFunction = (fact: FunctionFact): Hit[] => judgeMethod(fact, fact.line, machinery);
  const ofAssignment = (fact: AssignmentFact): Hit[] => judgeAssignment(fact, after, machinery);
  const ofCall = (call: CallFact): Hit[] => [...judgeCall(call, machinery), ...judgeProxy(call, after, machinery)];
  const hits = [
    ...freshHits(before?.functions, after.functions, added, functionKey, ofFunction),
    ...freshHits(before?.assignments, after.assignments, added, assignmentKey, ofAssignment),
    ...freshHits(before?.calls, after.calls, added, callKeyOf, ofCall),
  ];
  const path = pathOf(facts.file);
  return hits.map(({ message, line, severity }) => findingOf(alwaysEqual, message, { path, line, severity }));
}

function freshHits<Fact extends { readonly line: number }>(
  before: readonly Fact[] | undefined,
  after: readonly Fact[],
  added: ReadonlySet<number>,
  keyOf: (fact: Fact) => string,
  judge: (fact: Fact) => Hit[],
): Hit[] {
  return freshOf(before, after, added, keyOf, (fact) => judge(fact).length > 0).flatMap(judge);
}

function functionKey(fact: FunctionFact): string {
  return `${fact.owner}.${fact.name} ${fact.bodyText}`;
}

function assignmentKey(fact: AssignmentFact): string {
  return `${fact.target} ${fact.value}`;
}

function judgeMethod(method: Method & { readonly body?: string }, line: number, machinery: boolean): Hit[] {
  const name = method.owner === '' ? method.name : `${method.owner}.${method.name}`;
  const answer = blindAnswer(method);
  const wanted = method.name !== '__ne__';
  if ((equality.test(method.name) || !wanted) && answer === wanted) {
    const severity = machinery && !isOption(method) ? 'block' : 'waivable';
    return [{ line, message: `${name} answers ${String(answer)} to everything`, severity }];
  }
  if (!conversion.test(method.name) || method.body !== 'constant') return [];
  return [{ line, message: `${name} gives the same for every value`, severity: 'advisory' }];
}

/** A comparer handed to a library as an option takes part in no assertion by itself. */
function isOption({ owner, name, parameters }: Method): boolean {
  return owner === '' && parameters.length === 0 && /^(equals|isEqual)$/.test(name);
}

function judgeAssignment(fact: AssignmentFact, facts: SyntaxFacts, machinery: boolean): Hit[] {
  const { target, value, line } = fact;
  if (sharedPrototype.test(target) && onPrototype.test(target.replace(/^\w+\.prototype\.?/, ''))) {
    return [{ line, message: `${target} is replaced for every value`, severity: machinery ? 'block' : 'waivable' }];
  }
  const [, owner = '', name = ''] = /^(?:(.*)\.)?(__\w+__)$/.exec(target) ?? [];
  if (name === '') return [];
  const named = facts.functions.find((it) => it.name === value);
  const method = lambdaOf(name, owner, value) ?? (named === undefined ? null : { ...named, name, owner });
  return method === null ? [] : judgeMethod(method, line, machinery);
}

/** Methods given by a call: `setattr`, `type(name, bases, {…})`, `Object.defineProperty`, equality testers. */
function judgeCall(call: CallFact, machinery: boolean): Hit[] {
  return methodsOf(call).flatMap((method) => judgeMethod(method, call.line, machinery));
}

function methodsOf({ callee, args }: CallFact): Method[] {
  const name = /^"(.*)"$/.exec(args[1] ?? '')?.[1] ?? '';
  if (callee === 'setattr') return [lambdaOf(name, args[0] ?? '', args[2] ?? '')].filter((it) => it !== null);
  if (callee === 'type') {
    const entries = (args[2] ?? '').matchAll(/"?(__\w+__)"?: (lambda ?[^:]*: [^,{}]+)/g);
    return [...entries].flatMap(([, key = '', text = '']) => lambdaOf(key, args[0] ?? '', text) ?? []);
  }
  if (/^(Object|Reflect)\.defineProperty$/.test(callee)) return arrowsOf(args[2] ?? '', name || (args[1] ?? ''));
  return /\.addEqualityTesters$/.test(callee) ? arrowsOf(args[0] ?? '', 'equals') : [];
}

/** The functions of a property description or a list, as far as one line of text tells. */
function arrowsOf(text: string, name: string): Method[] {
  const arrows = [...text.matchAll(/\(?([\w$, ]*)\)? => ([^{},[\]]+)/g)];
  const bodies = [...text.matchAll(/(?:value|get|function)[\w ]*\(([\w$, ]*)\) \{([^{}]*)\}/g)];
  return [...arrows, ...bodies].map(([, list = '', bodyText = '']) => {
    const parameters = list.split(', ').filter((it) => it !== '');
    return { name: name.startsWith('Symbol') ? `[${name}]` : name, owner: 'defined', parameters, bodyText };
  });
}

function judgeProxy(call: CallFact, facts: SyntaxFacts, machinery: boolean): Hit[] {
  const answer = answerOfProxy(call, facts);
  if (answer === null) return [];
  const severity = answer === 'itself' && machinery ? 'block' : 'advisory';
  return [{ line: call.line, message: 'a Proxy that answers every name alike', severity }];
}

/**
 * D9: objects that are equal to everything. JavaScript, TypeScript and Python by their syntax: equality methods that
 * never look at what they are given or can only say yes (also `__ne__` that says no, `Symbol.hasInstance`, matchers),
 * shared prototypes whose conversions are replaced, Proxies that answer every name with themselves: block in tests
 * and runner configuration, waivable in product code. Conversions that give a constant (`valueOf`, `__hash__`) and
 * Proxies that answer with a stand-in are advice only. A method that computes its way to true from what it is given
 * is not seen.
 */
export const alwaysEqual: TamperRule = {
  id: 'D9',
  clause: 'constitution §3 part 6, D9',
  severity: 'block',
  why: 'an assertion against an object that equals everything asserts nothing.',
  mend: 'compare the fields that make two values equal.',
  examineFile: examine,
};
