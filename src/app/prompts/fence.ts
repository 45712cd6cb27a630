import { showHidden } from '../../core/show-hidden.js';

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
