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
  const open: ('{' | '[')[] = [];
  let at = skip(blank, text, 0);
  let wanted: Wanted = 'value';
  const afterValue = (): Wanted => (open.length === 0 ? 'end' : open.at(-1) === '[' ? ', or ]' : ', or }');

  while (at < text.length) {
    const char = text.charAt(at);
    if (closes(wanted, char)) {
      open.pop();
      wanted = afterValue();
      at += 1;
    } else if (wanted.startsWith('value') && (char === '{' || char === '[')) {
      open.push(char);
      wanted = char === '{' ? 'key or }' : 'value or ]';
      at += 1;
    } else if (wanted.startsWith('value') || (wanted.startsWith('key') && char === '"')) {
      const end = skip(scalar, text, at);
      if (end === at) return at;
      wanted = wanted.startsWith('key') ? ':' : afterValue();
      at = end;
    } else if (char === wanted.charAt(0)) {
      wanted = wanted === ', or }' ? 'key' : 'value';
      at += 1;
    } else return at;
    at = skip(blank, text, at);
  }
  return text.length;
}

function closes(wanted: Wanted, char: string): boolean {
  return (char === ']' || char === '}') && wanted.endsWith(`or ${char}`);
}

function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return at + (pattern.exec(text)?.[0].length ?? 0);
}
