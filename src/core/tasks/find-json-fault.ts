const blank = /[ \t\n\r]*/y;
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const plain = /[^"\\\u0000-\u001f]*/y;
const escaped = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

type Wanted = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or ]' | ', or }' | 'end';

/**
 * Offset of the first character at which a text stops being JSON, for a string that is never closed its start; the length
 * of a text that is JSON or ends too early. Engines
 * say that a text is no JSON, and not all of them where.
 * @see RFC 8259 §2
 */
export function findJsonFault(text: string): number {
  const place: Place = { open: [], wanted: 'value', at: skip(blank, text, 0) };
  while (place.at < text.length) {
    const before = place.at;
    const read = readBracket(place, text.charAt(before)) || readScalar(place, text) || readMark(place, text);
    if (!read) return before;
    place.at = skip(blank, text, place.at);
  }
  return text.length;
}

interface Place {
  readonly open: ('{' | '[')[];
  wanted: Wanted;
  at: number;
}

function afterValue(open: Place['open']): Wanted {
  if (open.length === 0) return 'end';
  return open.at(-1) === '[' ? ', or ]' : ', or }';
}

function readBracket(place: Place, char: string): boolean {
  const { open, wanted } = place;
  if (closes(wanted, char)) {
    open.pop();
    place.wanted = afterValue(open);
  } else if (wanted.startsWith('value') && (char === '{' || char === '[')) {
    open.push(char);
    place.wanted = char === '{' ? 'key or }' : 'value or ]';
  } else return false;
  place.at += 1;
  return true;
}

function readScalar(place: Place, text: string): boolean {
  const isKey = place.wanted.startsWith('key');
  if (!isKey && !place.wanted.startsWith('value')) return false;
  const isString = text.charAt(place.at) === '"';
  if (isKey && !isString) return false;
  const end = isString ? skipString(text, place.at) : skip(scalar, text, place.at);
  if (end === place.at) return false;
  place.wanted = isKey ? ':' : afterValue(place.open);
  place.at = end;
  return true;
}

/** The place behind a string, or where it starts when it does not end. Escape by escape: a string may be of any length. */
function skipString(text: string, start: number): number {
  let at = skip(plain, text, start + 1);
  for (let next = skip(escaped, text, at); next > at; next = skip(escaped, text, at)) at = skip(plain, text, next);
  return text.charAt(at) === '"' ? at + 1 : start;
}

function readMark(place: Place, text: string): boolean {
  const { wanted } = place;
  if (text.charAt(place.at) !== wanted.charAt(0) || !/^[,:]/.test(wanted)) return false;
  place.wanted = wanted === ', or }' ? 'key' : 'value';
  place.at += 1;
  return true;
}

function closes(wanted: Wanted, char: string): boolean {
  return (char === ']' || char === '}') && wanted.endsWith(`or ${char}`);
}

function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return at + (pattern.exec(text)?.[0].length ?? 0);
}
