import { z } from 'zod';

const count = z.number().int().nonnegative();

/** What an agent has to do right now, over all processes that share the store. */
export const loadSchema = z.strictObject({
  running: count.describe('Tasks that it works on.'),
  waiting: count.describe('Tasks that wait for it.'),
});
export type Load = z.infer<typeof loadSchema>;

export const noLoad: Load = { running: 0, waiting: 0 };

/** What is asked of an agent as a share of what it may do at a time; above 1 when tasks wait. `concurrency` ≥ 1. */
export function utilisationOf({ running, waiting }: Load, concurrency: number): number {
  return (running + waiting) / concurrency;
}

/** Something that load may be put on. */
export interface Bearer {
  readonly name: string;
  readonly utilisation: number;
}

/**
 * Power of two choices: of two drawn at random the one with less to do (the first drawn on a tie). Spreads load over
 * equals nearly as well as asking all of them, and no herd runs to the one that was idle a moment ago. `draws` are two
 * numbers in [0, 1). Null on none.
 * @see Mitzenmacher, IEEE TPDS 12 (2001) 1094
 */
export function chooseOfTwo<One extends Bearer>(equals: readonly One[], draws: readonly [number, number]): One | null {
  const first = Math.floor(draws[0] * equals.length);
  // The second is drawn from the others.
  const step = 1 + Math.floor(draws[1] * (equals.length - 1));
  const one = equals[first];
  const other = equals[(first + step) % equals.length];
  if (one === undefined) return null;
  return other !== undefined && other.utilisation < one.utilisation ? other : one;
}
