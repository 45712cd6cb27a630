import { literalsOf } from './subjects.js';

/** Every literal of the row stands in the other one. A row without literals must stand as it is. */
export function holdsRow(other: string, row: string): boolean {
  const needed = literalsOf(row);
  const held = [...literalsOf(other)];
  return (
    needed.length > 0 &&
    needed.every((literal) => {
      const at = held.indexOf(literal);
      if (at >= 0) held.splice(at, 1);
      return at >= 0;
    })
  );
}
