import type { Unit } from './pair-tests.js';
import { holdsRow } from './row-literals.js';
import { literalsOf } from './subjects.js';

/** A row of a parametrised test that went or holds other values. */
export interface RowFate {
  readonly kind: 'removed' | 'changed';
  readonly old: string;
  readonly now: string | null;
}

/** Rows compared one by one; in a larger table what changed is told by place. */
const maxPairs = 10_000;

/**
 * Compares the rows of a table by their literals, so that a row may get a name, a new column or another shape. Rows of
 * a test that has no table any more are left to its assertions; a table that is no longer written out says nothing.
 */
export function compareRows(old: Unit, now: Unit): readonly RowFate[] {
  const [before, after] = [old.test?.rowTexts ?? [], now.test?.rowTexts ?? []];
  if (before.length === 0 || after.length === 0) return [];
  const stands = new Set(after);
  const stood = new Set(before);
  let left = after.filter((row) => !stood.has(row));
  const lost = before.filter((row) => {
    if (stands.has(row)) return false;
    const at = left.length * before.length > maxPairs ? -1 : left.findIndex((it) => holdsRow(it, row));
    if (at < 0) return true;
    left = left.filter((_, index) => index !== at);
    return false;
  });
  return lost.map((row) => {
    const close = left.length * lost.length > maxPairs ? (left[0] ?? null) : closestRow(row, left);
    if (close === null) return { kind: 'removed', old: row, now: null };
    left = left.filter((other) => other !== close);
    return { kind: 'changed', old: row, now: close };
  });
}

function closestRow(row: string, rows: readonly string[]): string | null {
  const literals = new Set(literalsOf(row));
  let best: string | null = null;
  let most = 0;
  for (const other of rows) {
    const shared = literalsOf(other).filter((literal) => literals.has(literal)).length;
    if (shared > most) [best, most] = [other, shared];
  }
  return best;
}
