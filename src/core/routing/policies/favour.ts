/** Probability 1 on the greatest score, shared evenly where several are equally great; +∞ is a score. */
export function favourBest(scores: readonly number[]): number[] {
  let best = Number.NEGATIVE_INFINITY;
  for (const score of scores) if (score > best) best = score;
  let ties = 0;
  for (const score of scores) if (score === best) ties += 1;
  return scores.map((score) => (score === best ? 1 / ties : 0));
}

/** Takes `share` of the probability off all arms and spreads it evenly. */
export function spreadEvenly(propensities: readonly number[], share: number): number[] {
  const each = share / propensities.length;
  return propensities.map((propensity) => (1 - share) * propensity + each);
}

/** Divides by the sum, so that nothing of what rounding lost is lost. A sum of 0 cannot be: the caller has a best arm. */
export function normalise(weights: readonly number[]): number[] {
  let sum = 0;
  for (const weight of weights) sum += weight;
  return weights.map((weight) => weight / sum);
}
