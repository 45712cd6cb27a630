/** One line of the table: what was measured, and what was promised of it, if anything. */
export interface Row {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly target: Target | null;
  /** What the figure does not say by itself. */
  readonly remark: string;
}

/** A promise: strictly below a ceiling, or at least a floor; in the unit of its row. */
export type Target = { readonly below: number } | { readonly atLeast: number };

/** A row; without a target it is there to be compared with. */
export function rowOf(what: string, value: number, unit: string, target: Target | null = null, remark = ''): Row {
  return { what, value, unit, target, remark };
}

/** Whether the promise is kept; null where there is none. */
export function isMet({ value, target }: Row): boolean | null {
  if (target === null) return null;
  return 'below' in target ? value < target.below : value >= target.atLeast;
}
