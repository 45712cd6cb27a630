/** One line of the table. `target` is a ceiling, null where none was promised; `met` is null then. */
export interface Row {
  readonly name: string;
  readonly target: number | null;
  readonly value: number;
  readonly unit: 'ms' | 's' | 'MB';
  readonly met: boolean | null;
}

/** A row with `met` worked out: the value is strictly below the target. */
export function rowOf(name: string, target: number | null, value: number, unit: Row['unit']): Row {
  return { name, target, value, unit, met: target === null ? null : value < target };
}

/** The smallest sample that at least `share` (0..1) of all samples do not exceed. Throws on none. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const found = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  if (found === undefined) throw new RangeError('a quantile of no samples');
  return found;
}
