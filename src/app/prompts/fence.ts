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

/** The first `cap` characters, with a line that says how many more there were. */
export function capText(text: string, cap: number): string {
  const points = text.length <= cap ? [] : [...text];
  return points.length <= cap
    ? text
    : `${points.slice(0, cap).join('')}\n[… ${points.length - cap} more characters were left out here]`;
}

/**
 * Text of others as data: hidden characters shown, cut at `cap` characters, between fences of backticks longer than any
 * run of them inside, so that nothing in it can end it. The label is ours, and names what it is.
 */
export function fenceText(label: string, text: string, cap: number): string {
  const body = capText(showHidden(text), cap);
  const longest = Math.max(0, ...(body.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return `${fence}${label}\n${body}\n${fence}`;
}
