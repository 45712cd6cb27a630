import type { CatchFact, FunctionFact } from '../../../core/caws/syntax-facts.js';
import { argumentSpans, knotAt, trimSpan } from '../bracket-scan.js';
import { isLiteralText } from '../literal-text.js';
import { childOf, type Knot } from '../source-tree.js';
import { foldConstant } from '../string-literal.js';
import type { Surroundings } from '../surroundings.js';
import { splitAssignment } from './name-table.js';
import { bodyOf, bodySpan, type SourceFile } from './source-file.js';

const unimplemented =
  /^throw (new )?\w*(Error|Exception)?\w*\(.*(not[ _-]?(yet[ _-]?)?(been[ _-]?)?implemented|unimplemented|\bTODO\b|\bFIXME\b|implement me|coming soon)/i;
const logging = /^ ?(?:console|log|logger|debug|this\.log(?:ger)?)(?:\.\w+)*\(.*\)$/s;
const constantCalls = /^(Promise\.(resolve|reject)|Object\.freeze)\((.*)\)$/;

/** The name of a function: its own, its method's, or that of the variable, property or target it is given to. */
export function functionName(file: SourceFile, fn: Knot): string | null {
  const { text } = file.tree;
  const parameters = fn.children.find((child) => child.kind === 'formal_parameters');
  const head = text.slice(fn.start, Math.min(parameters?.start ?? fn.start + 80, fn.end));
  if (fn.kind === 'method_definition') return methodName(file, head);
  const own = fn.kind === 'arrow_function' ? undefined : /function\s*\*?\s*([\w$\u0080-\uffff]+)/.exec(head)?.[1];
  return own ?? givenName(file, fn);
}

function methodName(file: SourceFile, head: string): string {
  const name = head.replace(/<[^]*$/, '').trim();
  const computed = /\[([\s\S]+)\]\s*$/.exec(name)?.[1];
  if (computed !== undefined) return foldConstant(computed, file.names.constants) ?? `[${computed.trim()}]`;
  return /["']?([\w$#\u0080-\uffff]+)["']?\s*$/.exec(name)?.[1] ?? name;
}

function givenName(file: SourceFile, fn: Knot): string | null {
  const parent = fn.parent;
  if (parent === null) return null;
  if (parent.kind === 'variable_declarator' || parent.kind === 'assignment_expression') {
    const half = splitAssignment(file.tree, parent);
    if (half !== null && half.value.start === fn.start) {
      const target = file.tree.text.slice(half.target.start, half.target.end);
      return /([\w$#]+)\s*(:[\s\S]*)?$/.exec(target.split(':')[0] ?? '')?.[1] ?? null;
    }
  }
  const before = file.tree.text.slice(Math.max(parent.start, fn.start - 80), fn.start);
  const key = /(?:^|[{,;\s])(?:([\w$#]+)|\[([^\]]+)\]|"([^"]+)"|'([^']+)')\s*[:=]\s*$/.exec(before);
  if (key === null) return null;
  if (key[2] !== undefined) return foldConstant(key[2], file.names.constants) ?? `[${key[2].trim()}]`;
  return key[1] ?? key[3] ?? key[4] ?? null;
}

/** The fact of a named function. */
export function readFunction(file: SourceFile, fn: Knot, name: string, around: Surroundings): FunctionFact {
  const span = bodySpan(file, fn);
  const bodyText = file.print(span);
  return {
    name,
    owner: around.owner,
    line: fn.line,
    endLine: fn.endLine,
    exported: isExported(fn),
    parameters: parametersOf(file, fn),
    decorators: [],
    body: classifyBody(bodyText, bodyOf(fn) === undefined),
    bodyText,
  };
}

/** What a body of this text comes to. */
function classifyBody(bodyText: string, concise: boolean): FunctionFact['body'] {
  const text = bodyText.replace(/^"use strict";? ?/, '');
  if (text === '') return 'empty';
  if (unimplemented.test(text)) return 'throws-unimplemented';
  const value = concise ? text : /^return(?: (.*))?$/s.exec(text)?.[1];
  if (!concise && text === 'return') return 'empty';
  if (value === undefined) return 'normal';
  const inner = constantCalls.exec(value)?.[3] ?? value;
  return inner === '' || isConstantText(inner) ? 'constant' : 'normal';
}

function isConstantText(text: string): boolean {
  const bare = text.replace(/^\((.*)\)$/s, '$1').replace(/ as \w+$/, '');
  return /^(!0|!1|!!1|void 0|!!\[\]|!!\{\}|\{\}|\[\])$/.test(bare) || isLiteralText(bare);
}

export function parametersOf(file: SourceFile, fn: Knot): readonly string[] {
  const list = childOf(fn, 'formal_parameters');
  if (list !== undefined) return argumentSpans(file.tree, list).map((span) => file.print(span));
  const single = /^(?:async\s+)?([\w$]+)\s*=>/.exec(file.tree.text.slice(fn.start, fn.start + 100))?.[1];
  return single === undefined ? [] : [single];
}

function isExported(fn: Knot): boolean {
  let knot: Knot | null = fn.parent;
  for (let hop = 0; hop < 3 && knot !== null; hop += 1, knot = knot.parent) {
    if (knot.kind === 'export_statement') return true;
    if (knot.kind !== 'variable_declarator' && !knot.kind.endsWith('_declaration')) return false;
  }
  return false;
}

/** A `catch` clause, or the function of a promise's `.catch(...)`. */
export function readCatch(file: SourceFile, knot: Knot, functionNameAround: string | null): CatchFact {
  const block = knot.kind === 'catch_clause' ? childOf(knot, 'statement_block') : undefined;
  const span = block === undefined ? bodySpan(file, knot) : { start: block.start + 1, end: block.end - 1 };
  const bodyText = file.print(span);
  const head = file.tree.text.slice(knot.start, block?.start ?? knot.start);
  return {
    line: knot.line,
    endLine: knot.endLine,
    body: catchBody(bodyText, knot.kind !== 'catch_clause' && bodyOf(knot) === undefined),
    bodyText,
    binding: /\(\s*([\s\S]*?)\s*\)\s*$/.exec(head)?.[1] ?? parametersOf(file, knot)[0] ?? '',
    functionName: functionNameAround,
  };
}

function catchBody(text: string, concise: boolean): CatchFact['body'] {
  const body = classifyBody(text, concise);
  if (body === 'empty') return 'empty';
  if (body === 'constant') return 'returns-constant';
  const statements = text.split(/;|(?<=\)) (?=return\b)/);
  if (statements.every((statement) => logging.test(statement))) return 'logs-only';
  const last = /^ ?return ?(.*)$/s.exec(statements.at(-1) ?? '')?.[1];
  const logs = statements.slice(0, -1).every((statement) => logging.test(statement));
  return logs && last !== undefined && (last === '' || isConstantText(last)) ? 'returns-constant' : 'normal';
}

/** The function argument of `.catch(...)`, when that is what the knot is. */
export function isPromiseCatch(file: SourceFile, fn: Knot): boolean {
  const list = fn.parent;
  if (list?.kind !== 'arguments' || list.parent?.kind !== 'call_expression') return false;
  const first = argumentSpans(file.tree, list)[0];
  if (first === undefined || knotAt(list, trimSpan(file.tree, list, first)) !== fn) return false;
  return file.names.pathOfCall(list.parent).segments.at(-1) === 'catch';
}
