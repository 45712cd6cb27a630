export type JsonRecord = Readonly<Record<string, unknown>>;

/** The JSON objects of a text in order: fenced blocks, and a bare object that the whole text or its end is. */
export function findJsonBlocks(text: string): readonly JsonRecord[] {
  const fenced = [...text.matchAll(/^[ \t]*(`{3,})[ \t]*(?:json5?|JSON)?[ \t]*\r?\n([\s\S]*?)^[ \t]*\1/gm)];
  const found = fenced.flatMap((match) => parseRecord(match[2] ?? ''));
  if (found.length > 0) return found;
  const start = text.search(/\{\s*"/);
  return start === -1 ? [] : parseRecord(text.slice(start, text.lastIndexOf('}') + 1));
}

/** The text as a JSON object; empty when it is none. */
export function parseRecord(text: string): readonly JsonRecord[] {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? [value] : [];
  } catch {
    return [];
  }
}

/** True for a JSON object: no list, no null. */
export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The member that is an object, or null. */
export function recordIn(value: JsonRecord, name: string): JsonRecord | null {
  const member = value[name];
  return isRecord(member) ? member : null;
}

/** The member that is a text, or the empty one. */
export function textIn(value: JsonRecord, name: string): string {
  const member = value[name];
  return typeof member === 'string' ? member : '';
}

/** The members that are objects, of a member that is a list. */
export function recordsIn(value: JsonRecord, name: string): readonly JsonRecord[] {
  const member: unknown = value[name];
  return Array.isArray(member) ? member.filter(isRecord) : [];
}
