const strings = /"(?:[^"\\]|\\[\s\S])*"|`(?:[^`\\$]|\\[\s\S])*`/g;
const numbers = /(?<![\w$.])-?\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?n?\b/gi;
const literalWords = new Set(
  'true false null undefined NaN Infinity True False None new Map Set Date RegExp BigInt b r u n'.split(' '),
);

/** True for the text of a literal: numbers, strings, regular expressions, and lists and objects of them. */
export function isLiteral(text: string): boolean {
  if (text === '') return false;
  if (/^\/.+\/[a-z]*$/.test(text)) return true;
  const value = text.replace(/^[A-Za-z_]\w*=(?!=)/, '');
  const bare = value.replace(strings, '0').replace(/[A-Za-z_$][\w$]*\s*:/g, '');
  if (bare.includes('=>') || /[^\w\s,.:+\-[\](){}*$…]/.test(bare)) return false;
  return (bare.match(/[A-Za-z_$][\w$]*/g) ?? []).every((word) => literalWords.has(word));
}

/** Strings and numbers of a text, in order. */
export function literalsOf(text: string): readonly string[] {
  const found: string[] = [];
  const rest = text.replace(strings, (literal) => {
    found.push(literal);
    return ' ';
  });
  return [...found, ...(rest.match(numbers) ?? [])];
}

/** Identifiers of a text, strings left out. */
export function wordsOf(text: string): readonly string[] {
  return text.replace(strings, ' ').match(/(?<![\w$])[A-Za-z_$][\w$]*/g) ?? [];
}

function mask(text: string): string {
  return text.replace(strings, '#').replace(numbers, '#');
}

/** Both texts differ in their literals alone. File paths move without changing a question. */
export function hasSameInput(old: string, now: string): boolean {
  if (old === now || mask(old) !== mask(now) || !mask(old).includes('#')) return false;
  const [before, after] = [literalsOf(old), literalsOf(now)];
  if (isLiteral(old)) return false;
  return before.some((literal, index) => literal !== after[index] && !isPathLike(literal));
}

function isPathLike(literal: string): boolean {
  return /^"[^\s"]*(\/|\.\w{1,5})[^\s"]*"$/.test(literal);
}

/**
 * The subject goes by another name or takes another argument, and is nothing that holds by itself. Two calls that share
 * no word are one subject only where what they are to give is so particular that no other would be asked for it.
 */
export function isSubjectRenamed(old: string, now: string, expected: readonly string[]): boolean {
  if (isLiteral(now) && !isLiteral(old)) return false;
  const particular = expected.some(
    (text) => isLiteral(text) && text.replace(/\W/g, '').length >= 3 && !fixedWord.test(text),
  );
  if (particular && expected.some((text) => now.includes(text) && !old.includes(text))) return false;
  const calls = (text: string) => text.includes('(');
  if (!calls(old) || !calls(now) || particular) return true;
  const shared = new Set([...wordsOf(old), ...literalsOf(old)]);
  return [...wordsOf(now), ...literalsOf(now)].some((word) => shared.has(word));
}

const fixedWord = /^(true|false|null|undefined|True|False|None|NaN)$/;
