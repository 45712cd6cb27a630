import { isWellFormed } from '../../core/digest.js';

/** A text that a `text` column takes: U+0000 and halves of surrogate pairs become U+FFFD. */
export function tidyText(text: string): string {
  const whole = isWellFormed(text) ? text : text.replaceAll(/\p{Surrogate}/gu, '\uFFFD');
  return whole.includes('\0') ? whole.replaceAll('\0', '\uFFFD') : whole;
}

/** The same, cut at a number of characters, with a word about what was cut. */
export function cutText(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return tidyText(text);
  return tidyText(`${text.slice(0, maxCharacters)} … (${text.length - maxCharacters} characters more)`);
}
