import type { Guard } from '../../../core/caws/syntax-facts.js';
import type { Span } from '../bracket-scan.js';
import { childOf, type Knot } from '../source-tree.js';
import type { NamedFunction, Surroundings } from '../surroundings.js';
import { isAwaited } from './awaiting.js';
import type { SourceFile } from './source-file.js';

const falsy = /^\(*\s*(false|0|null|undefined|""|''|``|!1|!true|NaN|void 0)\s*\)*(\s*&&[\s\S]*)?$/;
const truthy = /^\(*\s*(true|1|!0|!false)\s*\)*$/;
/** What these are given may throw without the test failing. */
const swallowing =
  /^(expect|assert\.(strict\.)?(throws|rejects|doesNotReject|doesNotThrow)|\w+\.(throws|throwsAsync))$/;
const longestPrefix = 300;
const timers = new Set(['setTimeout', 'setInterval', 'setImmediate', 'process.nextTick', 'queueMicrotask']);

export interface Branch {
  readonly guard: Guard;
  readonly condition: Span | null;
}

/** What the parent's kind alone says of a child: in which branch it stands. Null when it always runs with the parent. */
export function branchOf(file: SourceFile, parent: Knot, child: Knot): Branch | null {
  switch (parent.kind) {
    case 'if_statement':
      return ifBranch(file, parent, child);
    case 'ternary_expression':
      return ternaryBranch(file, parent, child);
    case 'switch_case':
    case 'switch_default':
      return { guard: 'branch', condition: null };
    case 'catch_clause':
      return { guard: 'catch', condition: null };
    case 'try_statement':
      return child.kind === 'statement_block' && swallows(file, parent) ? { guard: 'try', condition: null } : null;
    case 'while_statement':
    case 'for_statement':
      return deadLoop(file, parent, child);
    case 'for_in_statement':
      return emptyLoop(file, parent, child);
    default:
      return null;
  }
}

function ifBranch(file: SourceFile, parent: Knot, child: Knot): Branch | null {
  const condition = file.conditionOf(parent);
  if (child.start < condition.end) return null;
  const text = file.tree.text.slice(condition.start, condition.end).trim();
  const isElse = child.kind === 'else_clause';
  if ((isElse ? truthy : falsy).test(text)) return { guard: 'unreachable', condition };
  if ((isElse ? falsy : truthy).test(text)) return null;
  return { guard: 'branch', condition };
}

function ternaryBranch(file: SourceFile, parent: Knot, child: Knot): Branch | null {
  const condition = file.conditionOf(parent);
  if (child.start <= condition.end) return null;
  const text = file.tree.text.slice(condition.start, condition.end).trim();
  const isElse = /:\s*$/.test(file.tree.text.slice(Math.max(condition.end, child.start - longestPrefix), child.start));
  if ((isElse ? truthy : falsy).test(text)) return { guard: 'unreachable', condition };
  return { guard: 'branch', condition };
}

function deadLoop(file: SourceFile, parent: Knot, child: Knot): Branch | null {
  if (child.kind !== 'statement_block' && child.kind !== 'expression_statement') return null;
  const header = file.tree.text.slice(parent.start, child.start);
  const condition = parent.kind === 'for_statement' ? header.split(';')[1] : header.replace(/^while\s*\(|\)\s*$/g, '');
  return falsy.test(condition?.trim() ?? '') ? { guard: 'unreachable', condition: null } : null;
}

function emptyLoop(file: SourceFile, parent: Knot, child: Knot): Branch | null {
  if (child.kind !== 'statement_block' && child.kind !== 'expression_statement') return null;
  const header = file.tree.text.slice(parent.start, child.start);
  return /\b(of|in)\s*(\[\s*\]|\{\s*\}|new (Set|Map|Array)\(\s*\))\s*\)\s*$/.test(header)
    ? { guard: 'empty-loop', condition: null }
    : null;
}

/** A catch that neither throws, returns a rejection, fails, nor asserts lets a failed assertion pass. */
function swallows(file: SourceFile, parent: Knot): boolean {
  const clause = childOf(parent, 'catch_clause');
  if (clause === undefined) return false;
  const body = file.tree.text.slice(clause.start, clause.end);
  return !/\bthrow\b|\.fail\s*\(|\bfail\s*\(|\bassert\b|\bexpect\s*\(|\bdone\s*\(|\breject\s*\(|\bnext\s*\(/.test(body);
}

/** A callback that a timer or an empty list gets. */
export function callbackGuard(file: SourceFile, fn: Knot): Guard | null {
  const call = fn.parent?.kind === 'arguments' ? fn.parent.parent : null;
  if (fn.parent?.kind === 'expression_statement') return 'never-called';
  if (call?.kind !== 'call_expression') return null;
  const { segments } = file.names.pathOfCall(call);
  const name = segments.join('.');
  if (segments[0] === '<empty>') return 'empty-loop';
  if (swallowing.test(name)) return 'try';
  const late = timers.has(name) || (/\.(then|catch|finally)$/.test(name) && !isAwaited(file, call));
  return late ? 'timer' : null;
}

export interface Exits {
  readonly exits: Map<Knot, Guard>;
  readonly exitStarts: Map<Knot, number>;
}

/** Notes a `return` for what follows it in the same block. A throw in a branch asserts, and guards nothing. */
export function noteExit(file: SourceFile, knot: Knot, found: Exits): void {
  const block = knot.parent;
  if (block === null) return;
  if (block.kind !== 'if_statement') setExit(found, block, knot.start, 'after-return');
  const branch = block.kind === 'if_statement' ? block : block.kind === 'statement_block' ? block.parent : null;
  if (knot.kind !== 'return_statement' || branch?.kind !== 'if_statement' || branch.parent === null) return;
  const condition = file.conditionOf(branch);
  const text = file.tree.text.slice(condition.start, condition.end).trim();
  if (falsy.test(text)) return;
  setExit(found, branch.parent, branch.start, truthy.test(text) ? 'after-return' : 'maybe-return');
}

function setExit({ exits, exitStarts }: Exits, block: Knot, start: number, guard: Guard): void {
  if (exits.get(block) === 'after-return') return;
  exits.set(block, guard);
  if (!exitStarts.has(block)) exitStarts.set(block, start);
}

/** The guard of a place, functions that nothing calls included. */
export function guardAt(file: SourceFile, around: Surroundings): Guard | null {
  if (around.guard !== null) return around.guard;
  for (let named: NamedFunction | null = around.named; named !== null; named = named.up) {
    if (file.wordCount(named.name) < 2) return 'never-called';
  }
  return null;
}

/** `false && it(...)`, `flag && expect(...)`: an operator stands between the statement's start and the call. */
export function logicalGuard(file: SourceFile, call: Knot): Guard | null {
  const statement = call.parent;
  if (statement?.kind !== 'expression_statement' || statement.start === call.start) return null;
  const tail = file.tree.text.slice(Math.max(statement.start, call.start - longestPrefix), call.start);
  const operator = /(&&|\|\||\?\?)\s*(?:await\s+|void\s+)?$/.exec(tail);
  if (operator === null) return null;
  const dead = operator[1] === '&&' ? falsy : truthy;
  return dead.test(tail.slice(0, operator.index).trim()) ? 'unreachable' : 'branch';
}
