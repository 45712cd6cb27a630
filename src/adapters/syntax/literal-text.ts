const strings = /"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'|`(?:[^`\\$]|\\[\s\S])*`/g;
const literalWords = new Set(
  'true false null undefined NaN Infinity True False None new Map Set Date RegExp BigInt Symbol for b r u n'.split(' '),
);

/**
 * True for the text of a literal in normal form: numbers, strings, arrays, objects, tuples and regular expressions of
 * them, and `undefined`, `new Set([1])` and the like. An empty text is none.
 */
export function isLiteralText(text: string): boolean {
  if (text === '' || text.includes('=>') || /^\/.+\/[a-z]*$/.test(text)) return text.startsWith('/');
  const bare = text.replace(strings, '0').replace(/[A-Za-z_$][\w$]*\s*:/g, '');
  if (bare.includes('`') || /[^\w\s,.:+\-[\](){}*_$]/.test(bare)) return false;
  return (bare.match(/[A-Za-z_$][\w$]*/g) ?? []).every((word) => literalWords.has(word));
}

/** The literals in a text: strings as they are printed, and numbers. */
export function literalsIn(text: string): readonly string[] {
  const found: string[] = [];
  const rest = text.replace(strings, (literal) => {
    found.push(literal);
    return ' ';
  });
  found.push(...(rest.match(/(?<![\w$.])-?\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?n?\b/gi) ?? []));
  return found;
}

/** The identifiers in a text, strings left out, each once, in order. */
export function identifiersIn(text: string): readonly string[] {
  return [...new Set(text.replace(strings, ' ').match(/(?<![\w$])[A-Za-z_$][\w$]*/g) ?? [])];
}
