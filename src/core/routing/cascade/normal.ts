/**
 * Distribution function of the standard normal. Zelen and Severo's approximation, absolute error below 7.5e-8.
 * @see https://dlmf.nist.gov/7 ; Abramowitz and Stegun 26.2.17
 */
export function normalBelow(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const poly = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * poly;
  return z >= 0 ? 1 - tail : tail;
}

/** The z with `normalBelow(z) = p`, by bisection; p is held within [1e-6, 1 − 1e-6], so that it is always finite. */
export function normalQuantile(p: number): number {
  const held = Math.min(1 - 1e-6, Math.max(1e-6, p));
  let low = -6;
  let high = 6;
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2;
    if (normalBelow(middle) < held) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
