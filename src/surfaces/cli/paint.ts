const codes = { red: '31', green: '32', yellow: '33', bold: '1', dim: '2' } as const;

/** Colours a text where the terminal wants colour (a TTY, and NO_COLOR not set). */
export function paint(terminal: { readonly colour: boolean }, colour: keyof typeof codes, text: string): string {
  return terminal.colour ? `\u001B[${codes[colour]}m${text}\u001B[0m` : text;
}

/** "1 file", "2 files". */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Shows control, bidi and invisible characters of foreign text as escapes, so that no text can redraw the screen. */
export function showForeign(text: string): string {
  return text.replaceAll(
    /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u061C\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF\uD800-\uDFFF]/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}
