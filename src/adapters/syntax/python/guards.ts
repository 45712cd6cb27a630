import type { Guard } from '../../../core/caws/syntax-facts.js';
import { childOf, type Knot } from '../source-tree.js';
import type { NamedFunction, Surroundings } from '../surroundings.js';
import { conditionText, type PythonFile } from './source-file.js';

const falsy = /^\(*(False|0|None|""|\[\]|\(\)|\{\}|not True|not 1)\)*( and .*)?$/;
const truthy = /^\(*(True|1|not False|not 0)\)*$/;

export interface PythonBranch {
  readonly guard: Guard;
  readonly condition: string;
}

/** What the parent's kind alone says of a child; null when it always runs with the parent. */
export function pythonBranch(file: PythonFile, parent: Knot, child: Knot): PythonBranch | null {
  if (child.kind !== 'block' && child.kind !== 'else_clause' && child.kind !== 'elif_clause') return null;
  switch (parent.kind) {
    case 'if_statement':
    case 'elif_clause':
    case 'while_statement':
      return conditionalBranch(file, parent, child);
    case 'else_clause':
      return parent.parent?.kind === 'if_statement' ? elseBranch(file, parent.parent) : null;
    case 'case_clause':
      return { guard: 'branch', condition: '' };
    case 'except_clause':
      return { guard: 'catch', condition: '' };
    case 'try_statement':
      return child.kind === 'block' && swallows(file, parent) ? { guard: 'try', condition: '' } : null;
    case 'with_statement':
      return suppresses(file, parent, child) ? { guard: 'try', condition: '' } : null;
    case 'for_statement':
      return emptyLoop(file, parent, child);
    default:
      return null;
  }
}

function emptyLoop(file: PythonFile, parent: Knot, child: Knot): PythonBranch | null {
  if (child.kind !== 'block' || !loopsOverNothing(file, parent, child)) return null;
  return { guard: 'empty-loop', condition: '' };
}

function conditionalBranch(file: PythonFile, parent: Knot, child: Knot): PythonBranch | null {
  if (child.kind !== 'block') return null;
  const condition = conditionText(file, parent);
  if (falsy.test(condition)) return { guard: 'unreachable', condition };
  if (truthy.test(condition) || parent.kind === 'while_statement') return null;
  return { guard: 'branch', condition };
}

function elseBranch(file: PythonFile, statement: Knot): PythonBranch | null {
  const condition = conditionText(file, statement);
  const elifs = statement.children.some((child) => child.kind === 'elif_clause');
  if (truthy.test(condition)) return { guard: 'unreachable', condition };
  return falsy.test(condition) && !elifs ? null : { guard: 'branch', condition };
}

/** An except that catches assertion errors and neither raises, fails nor asserts lets a failed assertion pass. */
function swallows(file: PythonFile, statement: Knot): boolean {
  return statement.children.some((child) => {
    if (child.kind !== 'except_clause') return false;
    const body = childOf(child, 'block');
    const head = file.tree.text.slice(child.start, body?.start ?? child.end);
    const text = body === undefined ? '' : file.tree.text.slice(body.start, body.end);
    const wide = /^except\s*(\*\s*)?:|\b(AssertionError|BaseException|Exception)\b/.test(head);
    return wide && !/\braise\b|\.fail\s*\(|\bassert\b|\.assert|skip/i.test(text);
  });
}

function suppresses(file: PythonFile, statement: Knot, block: Knot): boolean {
  if (block.kind !== 'block') return false;
  const head = file.tree.text.slice(statement.start, block.start);
  return /\bsuppress\s*\(|\b(raises|assertRaises)\s*\(\s*(AssertionError|BaseException)\b/.test(head);
}

function loopsOverNothing(file: PythonFile, loop: Knot, block: Knot): boolean {
  const head = file.print({ start: loop.start, end: block.start });
  return / in (\[\]|\(\)|\{\}|set\(\)|range\(0\)|list\(\)|dict\(\)|"")( ?:)?$/.test(head);
}

export interface PythonExits {
  readonly exits: Map<Knot, Guard>;
  readonly exitStarts: Map<Knot, number>;
}

/** Notes a `return` or `raise` for what follows it in its block, and a return in a branch for what follows the branch. */
export function notePythonExit(file: PythonFile, knot: Knot, found: PythonExits): void {
  const block = knot.parent;
  if (block === null) return;
  setExit(found, block, knot.start, 'after-return');
  const branch = block.parent;
  if (knot.kind !== 'return_statement' || branch?.kind !== 'if_statement' || branch.parent === null) return;
  const condition = conditionText(file, branch);
  if (falsy.test(condition)) return;
  setExit(found, branch.parent, branch.start, truthy.test(condition) ? 'after-return' : 'maybe-return');
}

function setExit({ exits, exitStarts }: PythonExits, block: Knot, start: number, guard: Guard): void {
  if (exits.get(block) === 'after-return') return;
  exits.set(block, guard);
  if (!exitStarts.has(block)) exitStarts.set(block, start);
}

/** The guard of a place, functions inside the test that nothing calls included. */
export function pythonGuardAt(file: PythonFile, around: Surroundings): Guard | null {
  if (around.guard !== null) return around.guard;
  for (let named: NamedFunction | null = around.named; named !== null; named = named.up) {
    if (file.wordCount(named.name) < 2) return 'never-called';
  }
  return null;
}
