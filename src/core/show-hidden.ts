// Characters are written by number: this file must itself be free of them. Controls, format characters (bidi, zero-width,
// tags), private and unassigned ones, lone surrogates, line and paragraph separators, selectors and blank fillers.
const hidden =
  /[\p{C}\p{Zl}\p{Zp}\u034F\u115F\u1160\u17B4\u17B5\u180B-\u180F\u2800\u3164\uFE00-\uFE0F\uFFA0\u{E0100}-\u{E01EF}]/gu;

/** The text with every character that a reader cannot see written out as `\u{…}`; line feeds and tabs stay. */
export function showHidden(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(hidden, (at) => (at === '\n' || at === '\t' ? at : `\\u{${at.codePointAt(0)?.toString(16)}}`));
}
