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

/**
 * Power of two choices, as probabilities: one is drawn by `chances`, another evenly from the rest, and the one with less
 * to do has it (the first drawn on a tie). That is done in a `share` of cases, else the first drawn has it whatever it has
 * to do: nobody's chance falls below 1 − share of what it was, and load stays within a bound of even for any share above 0.
 * In the order given; the sum stays what it was; one alone keeps its chance.
 * @see Mitzenmacher, IEEE TPDS 12 (2001) 1094
 * @see Peres, Talwar and Wieder, "Graphical balanced allocations and the (1 + β)-choice process", RSA 47 (2015) 760
 */
export function chancesOfTwo(
  chances: readonly number[],
  utilisations: readonly number[],
  share: number,
): readonly number[] {
  if (chances.length < 2) return chances;
  return chances.map((chance, at) => {
    const own = utilisations[at] ?? 0;
    let kept = 0;
    let taken = 0;
    for (let other = 0; other < utilisations.length; other += 1) {
      if (other === at) continue;
      const utilisation = utilisations[other] ?? 0;
      if (utilisation >= own) kept += 1;
      if (utilisation > own) taken += chances[other] ?? 0;
    }
    return (1 - share) * chance + (share * (chance * kept + taken)) / (chances.length - 1);
  });
}
