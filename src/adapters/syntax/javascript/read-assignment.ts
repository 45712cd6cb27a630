import type { AssignmentFact } from '../../../core/caws/syntax-facts.js';
import { joinPath } from '../dotted-path.js';
import type { Knot } from '../source-tree.js';
import type { Surroundings } from '../surroundings.js';
import { splitAssignment } from './name-table.js';
import type { SourceFile } from './source-file.js';

/** An assignment, a declaration with a value, or `i++`; null for a declaration without one. */
export function readAssignment(file: SourceFile, knot: Knot, around: Surroundings): AssignmentFact | null {
  const common = { line: knot.line, functionName: around.functionName, moduleLevel: around.fn === null };
  if (knot.kind === 'update_expression') {
    const text = file.print(knot);
    const operator = text.includes('++') ? '++' : '--';
    return { ...common, target: text.replace(operator, '').trim(), operator, value: '' };
  }
  const half = splitAssignment(file.tree, knot);
  if (half === null) return null;
  const raw = file.tree.text.slice(half.target.start, half.target.end);
  const sign = knot.kind === 'augmented_assignment_expression' ? (/[^\w\s$\])]+$/.exec(raw)?.[0] ?? '') : '';
  const declared = knot.kind === 'variable_declarator';
  const span = { start: half.target.start, end: half.target.end - sign.length };
  // A name alone is what is assigned, whatever it stood for before.
  const plain = declared || /^[{[]|^[\w$]+\W*$/.test(raw);
  const target = plain ? file.print(span) : joinPath(file.names.pathIn(knot, span)).slice(0, 300);
  const operator = declared ? declarationWord(file, knot) : `${sign}=`;
  return { ...common, target, operator, value: file.print(half.value) };
}

function declarationWord(file: SourceFile, declarator: Knot): string {
  const parent = declarator.parent;
  return (
    /^\s*(?:declare\s+)?(const|let|var|using)/.exec(file.tree.text.slice(parent?.start ?? 0, declarator.start))?.[1] ??
    'const'
  );
}
