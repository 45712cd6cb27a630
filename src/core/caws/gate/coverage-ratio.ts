/** Changed lines of one file, by their numbers in the candidate's file, ascending. */
export interface ChangedLines {
  readonly path: string;
  readonly lines: readonly number[];
}

export interface Ratio {
  readonly hit: number;
  readonly of: number;
}

/** Sums ratios part by part. Empty gives 0 of 0. */
export function addRatios(ratios: readonly Ratio[]): Ratio {
  let hit = 0;
  let of = 0;
  for (const ratio of ratios) {
    hit += ratio.hit;
    of += ratio.of;
  }
  return { hit, of };
}

/** A ratio in basis points, rounded down so that nothing reaches a threshold by rounding; null for 0 of 0. */
export function basisPoints(ratio: Ratio): number | null {
  return ratio.of === 0 ? null : Math.floor((ratio.hit * 10_000) / ratio.of);
}

/** `8750` as `87.5 %`. */
export function showPercent(bp: number): string {
  return `${(bp / 100).toFixed(2).replace(/\.?0+$/, '')} %`;
}
