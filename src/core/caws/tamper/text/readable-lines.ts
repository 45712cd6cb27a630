import { type LineFact, pathOf } from '../../change.js';
import type { FileFacts } from '../../file-facts.js';
import { isLockPath } from '../dependencies/lock-entries.js';

/** Characters of a line that the rules read. D15 reports source lines that reach it, since the rest goes unread. */
export const readableLength = 2000;

/**
 * The facts with every line cut to what the rules read, so that no line of a hostile change can make a pattern run
 * long. Line numbers stay. JSON and lock files are kept whole: they are parsed, not matched.
 */
export function cutLongLines(facts: FileFacts): FileFacts {
  const path = pathOf(facts.file);
  if (/\.json5?c?$/.test(path) || isLockPath(path)) return facts;
  const addedLines = cutLines(facts.addedLines);
  const removedLines = cutLines(facts.removedLines);
  const [oldText, newText] = [cutText(facts.oldText), cutText(facts.newText)];
  return { ...facts, addedLines, removedLines, oldText, newText };
}

function cutLines(lines: readonly LineFact[]): readonly LineFact[] {
  if (!lines.some(({ text }) => text.length > readableLength)) return lines;
  return lines.map((it) => (it.text.length > readableLength ? { ...it, text: it.text.slice(0, readableLength) } : it));
}

function cutText(text: string | null): string | null {
  if (text === null || !hasLongLine(text)) return text;
  return text
    .split('\n')
    .map((line) => line.slice(0, readableLength))
    .join('\n');
}

function hasLongLine(text: string): boolean {
  for (let start = 0; start < text.length;) {
    const end = text.indexOf('\n', start);
    if ((end === -1 ? text.length : end) - start > readableLength) return true;
    if (end === -1) return false;
    start = end + 1;
  }
  return false;
}
