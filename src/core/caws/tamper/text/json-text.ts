/** Brackets inside brackets; real manifests and lock files stay far below. */
const deepest = 100;

/** A JSON object, or null where the text is no JSON, no object, or nested too deep to be walked through. */
export function readJsonObject(text: string | null): Readonly<Record<string, unknown>> | null {
  if (text === null || isTooDeep(text)) return null;
  try {
    return asObject(JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text));
  } catch (error) {
    // A text that is no JSON is an answer here, any other error is ours.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function isTooDeep(text: string): boolean {
  let depth = 0;
  for (const [bracket] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (bracket === '[' || bracket === '{') depth += 1;
    if (bracket === ']' || bracket === '}') depth -= 1;
    if (depth > deepest) return true;
  }
  return false;
}

/** The value as an object, null for anything else; arrays are no objects. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : null;
}

/** JSON with sorted keys: equal for equal values, whatever their order. Undefined gives an empty text. */
export function stableJson(value: unknown): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return `[${value.map(stableJson).join(',')}]`;
  const object = asObject(value);
  if (object === null) return JSON.stringify(value);
  const keys = Object.keys(object).toSorted();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${stableJson(object[key])}`).join(',')}}`;
}

/** First line that holds `"key":` after the line of `under`, null where there is none. Good enough to point at. */
export function lineOfKey(text: string | null, key: string, under?: string): number | null {
  if (text === null) return null;
  const lines = text.split('\n');
  const start =
    under === undefined
      ? 0
      : Math.max(
          0,
          lines.findIndex((line) => holdsKey(line, under)),
        );
  const index = lines.findIndex((line, at) => at >= start && holdsKey(line, key));
  return index === -1 ? null : index + 1;
}

function holdsKey(line: string, key: string): boolean {
  return line.includes(`${JSON.stringify(key)}:`) || line.includes(`${JSON.stringify(key)} :`);
}
