/** One thing wrong with a file of the constitution. The app adds file, line and column. */
export interface Problem {
  /** Stable id; those of the public tool where it has one. */
  readonly rule: string;
  /** JSON pointer (RFC 6901) into the file's value; '' is the whole. */
  readonly path: string;
  readonly message: string;
  readonly hint: string;
}

/** What was made of a file: `value` is null exactly when there are errors. Warnings never make a file invalid. */
export interface Checked<Value> {
  readonly value: Value | null;
  readonly errors: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** The normalised value when nothing was wrong, else none. */
export function checkedOf<Value>(
  errors: readonly Problem[],
  warnings: readonly Problem[],
  normalise: () => Value,
): Checked<Value> {
  return { value: errors.length === 0 ? normalise() : null, errors, warnings };
}

/** A JSON pointer of the parts given, escaped. No parts give ''. */
export function pointerTo(...parts: readonly PropertyKey[]): string {
  return parts.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
