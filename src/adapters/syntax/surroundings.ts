import type { Guard } from '../../core/caws/syntax-facts.js';
import type { Knot } from './source-tree.js';

/** What stands around a knot. One object is shared by all knots of a place. */
export interface Surroundings {
  /** Innermost test or suite. */
  readonly test: number | null;
  /** Name of that test's context parameter (`t`), empty when it has none. */
  readonly context: string;
  readonly fn: Knot | null;
  readonly functionName: string | null;
  /** Named functions around, inside out, up to the innermost test: they guard when nothing calls them. */
  readonly named: NamedFunction | null;
  readonly guard: Guard | null;
  /** Text of the innermost condition in the same function, empty when none. */
  readonly condition: string;
  /** Innermost class. */
  readonly owner: string;
  /** Rows of the innermost loop over a written list. */
  readonly loop: LoopRows | null;
}

export interface NamedFunction {
  readonly name: string;
  readonly up: NamedFunction | null;
}

export interface LoopRows {
  readonly rows: number | null;
  readonly texts: readonly string[];
}

/** At the top of a file. */
export const outermost: Surroundings = {
  test: null,
  context: '',
  fn: null,
  functionName: null,
  named: null,
  guard: null,
  condition: '',
  owner: '',
  loop: null,
};

/** How often each word stands in the text outside strings and comments; counted once, when first asked for. */
export function createWordCount(text: string, knots: readonly Knot[]): (word: string) => number {
  let counts: Map<string, number> | null = null;
  return (word) => {
    counts ??= countWords(text, knots);
    return counts.get(word) ?? 0;
  };
}

function countWords(text: string, knots: readonly Knot[]): Map<string, number> {
  const counts = new Map<string, number>();
  const count = (part: string): void => {
    for (const word of part.match(/[\w$\u0080-\uffff]+/g) ?? []) counts.set(word, (counts.get(word) ?? 0) + 1);
  };
  let at = 0;
  for (const knot of knots) {
    if ((knot.kind !== 'string' && knot.kind !== 'comment') || knot.start < at) continue;
    count(text.slice(at, knot.start));
    at = knot.end;
  }
  count(text.slice(at));
  return counts;
}
