const blank = /[ \t\n\r]*/y;
const scalar =
  /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

type Wanted = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or ]' | ', or }' | 'end';

/**
 * Offset of the first character at which a text stops being JSON; its length when it is JSON or ends too early. Engines
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
  if (isKey && text.charAt(place.at) !== '"') return false;
  const end = skip(scalar, text, place.at);
  if (end === place.at) return false;
  place.wanted = isKey ? ':' : afterValue(place.open);
  place.at = end;
  return true;
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
