import type { Outcome } from '../caws/verdict/verdict.js';
import type { Candidate } from './task.js';

const rank: Readonly<Record<Outcome, number>> = { PASS: 0, WAIVER_REQUIRED: 1, FAIL: 2 };

/**
 * Index of the candidate whose verdict counts: the best outcome, then the least cost, then the first. Null when none has
 * a verdict. Adding a candidate never lowers the winner's outcome.
 */
export function chooseCandidate(candidates: readonly Candidate[]): number | null {
  let best: { readonly index: number; readonly key: readonly [number, number] } | null = null;
  for (const [index, { verdict }] of candidates.entries()) {
    if (verdict === null) continue;
    const key = [rank[verdict.outcome], verdict.cost] as const;
    if (best === null || key[0] < best.key[0] || (key[0] === best.key[0] && key[1] < best.key[1]))
      best = { index, key };
  }
  return best?.index ?? null;
}
