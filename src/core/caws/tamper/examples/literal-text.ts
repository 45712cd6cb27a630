const number = /^[-+]?(?:0[xob][\da-f_]+|(?:\d[\d_]*)?\.?\d[\d_]*(?:e[-+]?\d+)?)n?$/i;
const quoted = /^(?:[brfu]{0,2})(["'`])((?:\\.|(?!\1)[^\\])*)\1$/is;
const constant = /^(?:true|false|null|undefined|NaN|None|True|False)$/;

/**
 * A literal in one spelling for all languages: `'a'` and `"a"` are equal, so are `1_000` and `1000`, `[1, 2]` and
 * `(1,2)`. Null for a text that is no literal.
 */
export function normaliseLiteral(text: string): string | null {
  const bare = text.trim().replace(/\s+as const$/, '');
  return normaliseScalar(bare) ?? normaliseGroup(bare);
}

function normaliseScalar(bare: string): string | null {
  if (number.test(bare)) return String(Number(bare.replaceAll('_', '').replace(/n$/, '')));
  if (constant.test(bare)) return bare.replace('None', 'null').toLowerCase();
  const inner = quoted.exec(bare);
  return inner === null || bare.includes('${') ? null : `"${inner[2] ?? ''}"`;
}

function normaliseGroup(bare: string): string | null {
  const list = /^(?:\[(.*)\]|\((.*,.*)\))$/s.exec(bare);
  if (list !== null) return normaliseList(list[1] ?? list[2] ?? '', '[', ']');
  const object = /^\{(.*)\}$/s.exec(bare);
  return object === null ? null : normaliseList(object[1] ?? '', '{', '}');
}

function normaliseList(inner: string, open: string, close: string): string | null {
  const parts = splitTop(inner).filter((part) => part !== '');
  const items = parts.map((part) => {
    const entry = open === '{' ? /^(["']?)([\w$ -]+)\1\s*:\s*(.*)$/s.exec(part) : null;
    const value = normaliseLiteral(entry?.[3] ?? part);
    return value === null || (open === '{' && entry === null)
      ? null
      : entry === null
        ? value
        : `${entry[2] ?? ''}:${value}`;
  });
  return items.includes(null) ? null : `${open}${items.join(',')}${close}`;
}

/** Splits at the commas outside brackets and strings; parts are trimmed. */
export function splitTop(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '"' || char === "'" || char === '`') at = closingQuote(text, at);
    else if ('([{'.includes(char)) depth += 1;
    else if (')]}'.includes(char)) depth -= 1;
    else if (char === ',' && depth === 0) {
      parts.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  return [...parts, text.slice(start).trim()];
}

function closingQuote(text: string, at: number): number {
  const quote = text.charAt(at);
  for (let end = at + 1; end < text.length; end += 1) {
    if (text.charAt(end) === '\\') end += 1;
    else if (text.charAt(end) === quote) return end;
  }
  return text.length;
}

const piece =
  /(["'`])(?:\\.|(?!\1)[^\\])*\1|\[[^[\]]*\]|\{[^{}]*\}|\([^(),]*,[^()]*\)|(?<![\w$.])-?\d[\d_]*(?:\.\d+)?(?:e[-+]?\d+)?n?(?![\w$])/g;

/** Every literal inside an expression: the 10 of `fib(10)`, the list of `sum([1, 2])` and the numbers in it. */
export function literalsWithin(expression: string): readonly string[] {
  if (!/["'`\d[{]/.test(expression)) return [];
  const found: string[] = [];
  for (const [text] of expression.matchAll(piece)) {
    const whole = normaliseLiteral(text);
    if (whole !== null) found.push(whole);
    if (/^[[{(]/.test(text)) found.push(...literalsWithin(text.slice(1, -1)));
  }
  return found;
}

/** Values that honest branches compare and return all the time: base cases, empties, flags. */
export function isTrivial(literal: string): boolean {
  return /^(-?[012]|"[^"]?"|\[\]|\{\}|true|false|null|undefined|nan)$/.test(literal);
}
