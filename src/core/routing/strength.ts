/** Outcomes of one group, such as one arm on one surface. */
export interface Group {
  readonly outcomes: number;
  readonly successes: number;
}

// A correlation within groups of less than 0.5 % cannot be told from none with what one store holds.
const leastCorrelation = 0.005;
const mostCorrelation = 0.5;

/**
 * How many outcomes of its own it takes until a group’s own rate counts as much as the mean of its family: the strength
 * a + b of a beta-binomial, by the method of moments over all families, each with a mean of its own. From 1 (groups
 * differ as much as they can) to 199 (they are all alike). Null where nothing can be compared.
 * @see Kleinman, "Proportions with extraneous variance", JASA 68 (1973), doi:10.1080/01621459.1973.10481332
 */
export function fitStrength(families: Iterable<readonly Group[]>): number | null {
  let excess = 0;
  let scale = 0;
  for (const family of families) {
    const groups = family.filter((group) => group.outcomes > 0);
    const total = groups.reduce((sum, group) => sum + group.outcomes, 0);
    const mean = groups.reduce((sum, group) => sum + group.successes, 0) / total;
    const variance = mean * (1 - mean);
    if (groups.length < 2 || variance === 0) continue;
    const spread = groups.reduce((sum, one) => sum + one.outcomes * (one.successes / one.outcomes - mean) ** 2, 0);
    const squares = groups.reduce((sum, one) => sum + one.outcomes ** 2, 0);
    excess += spread - variance * (groups.length - 1);
    scale += variance * (total - squares / total - (groups.length - 1));
  }
  if (!(scale > 0)) return null;
  const correlation = Math.min(mostCorrelation, Math.max(leastCorrelation, excess / scale));
  return 1 / correlation - 1;
}
