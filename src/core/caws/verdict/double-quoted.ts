/**
 * Code points written as escapes, beside ASCII controls and everything from U+10000 up: C1 controls, odd spaces, bidi
 * and other format characters, fillers, variation selectors, private use. A fixed table, because the platform's own
 * notion of "printable" grows with its Unicode version and the bytes of a verdict may not.
 */
const hiddenRanges: readonly (readonly [number, number])[] = [
  [0x7f, 0xa0],
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x600, 0x605],
  [0x61c, 0x61c],
  [0x6dd, 0x6dd],
  [0x70f, 0x70f],
  [0x890, 0x891],
  [0x8e2, 0x8e2],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x2000, 0x200f],
  [0x2028, 0x202f],
  [0x205f, 0x206f],
  [0x3000, 0x3000],
  [0x3164, 0x3164],
  [0xd800, 0xf8ff],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff0, 0xffff],
];

const plainAscii = /^[ !#-[\]-~]*$/;

/** A text as a YAML double-quoted scalar on one line, read alike by YAML 1.1 and 1.2. The empty text is `""`. */
export function doubleQuoted(text: string): string {
  return plainAscii.test(text) ? `"${text}"` : `"${escapeHidden(text.replaceAll(/["\\]/g, '\\$&'))}"`;
}

/** A text safe to show on a terminal: what would be hidden, move the cursor or turn the line around is an escape. */
export function escapeHidden(text: string): string {
  return plainAscii.test(text) ? text : Array.from(text, escapeCharacter).join('');
}

function escapeCharacter(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  const code = character.codePointAt(0) ?? 0;
  if (!isHidden(code)) return character;
  const digits = code.toString(16);
  return code < 0x10000 ? `\\u${digits.padStart(4, '0')}` : `\\U${digits.padStart(8, '0')}`;
}

function isHidden(code: number): boolean {
  return code < 0x20 || code >= 0x10000 || hiddenRanges.some(([from, to]) => code >= from && code <= to);
}
