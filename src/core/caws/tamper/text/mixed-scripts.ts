// Letters of other scripts that look like Latin ones in common typefaces (Unicode TR39, the letters that matter here).
const cyrillic =
  '\u0430\u0435\u043E\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u051B\u051D\u04BB\u04CF\u0475\u0410\u0412\u0415\u041A\u041C\u041D\u041E\u0420\u0421\u0422\u0423\u0425\u0406\u0408\u0405';
const greek =
  '\u03BF\u03BD\u03C1\u03B9\u03BA\u03C5\u0391\u0392\u0395\u0396\u0397\u0399\u039A\u039C\u039D\u039F\u03A1\u03A4\u03A5\u03A7\u03F2\u03F3';
const others = '\u0578\u057D\u0585\u0570\u13A0\u13AA\u13A1\u13B3\uA4D0-\uA4FF\uFF21-\uFF3A\uFF41-\uFF5A';
const lookalike = new RegExp(`[${cyrillic}${greek}${others}]`, 'u');
const allLookalike = new RegExp(`^[${cyrillic}${greek}${others}0-9_$]+$`, 'u');
// Mathematical letters: each is a valid identifier character that normalises to a plain one (Python does so by itself).
const styled = /[\u{1D400}-\u{1D7FF}]/u;

/**
 * Names in a line of code that mix Latin letters with look-alikes of another script, or consist of look-alikes only.
 * `Δt`, `σ2` or a Russian word are none. The line must have its strings and comments blanked.
 */
export function lookalikeNames(code: string): readonly string[] {
  const names = code.match(/[\p{L}_$][\p{L}\p{M}\p{Nd}_$]*/gu) ?? [];
  return names.filter((name) => isLookalike(name));
}

/** Words inside strings that mix Latin letters with look-alikes; the ends of a range such as `a-z\u0430-\u044F` are none. */
export function mixedWords(text: string): readonly string[] {
  if (!lookalike.test(text)) return [];
  const words = text.match(/(?<![\p{L}-])[\p{L}]{3,}(?![\p{L}-])/gu) ?? [];
  return words.filter((word) => lookalike.test(word) && /\p{Script=Latin}/u.test(word));
}

function isLookalike(name: string): boolean {
  if (!lookalike.test(name)) return styled.test(name);
  const latin = /\p{Script=Latin}/u.test(name.replace(/[\uFF21-\uFF3A\uFF41-\uFF5A]/gu, ''));
  return latin || (allLookalike.test(name) && !/^\p{Script=Greek}$/u.test(name));
}
