/** A mapping as the documents port gives it. */
export type PlainRecord = Readonly<Record<string, unknown>>;

/** True for a mapping: no list, no null. */
export function isRecord(value: unknown): value is PlainRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The mapping, or an empty one for anything else. */
export function recordOf(value: unknown): PlainRecord {
  return isRecord(value) ? value : {};
}

/** The texts of a list; anything that is no text is left out, anything that is no list gives none. */
export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** The text, or null for anything else and for the empty text. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** What the public tool's older code takes for present: everything but null, false, 0, NaN and the empty text. */
export function isPresent(value: unknown): boolean {
  return Boolean(value);
}

/** The value that a path of keys and indexes leads to, undefined where it leads nowhere. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let current: unknown = value;
  for (const part of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, part)) return undefined;
    current = (current as Record<PropertyKey, unknown>)[part];
  }
  return current;
}

/** What a value is, in a word: "text", "list", "mapping", "whole number" and so on. */
export function kindOfValue(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number') return Number.isInteger(value) ? 'a whole number' : 'a number';
  if (typeof value === 'string') return 'text';
  return typeof value === 'boolean' ? 'true or false' : 'a mapping';
}

/** Any value as text: text as it is, nothing as '', numbers and the like in words, lists and mappings as JSON. */
export function writtenOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? '' : JSON.stringify(value);
}
