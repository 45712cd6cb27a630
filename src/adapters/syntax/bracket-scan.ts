import type { Knot, SourceTree } from './source-tree.js';

/** A part of the text: UTF-16 offsets, end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Visits the characters of `[start, end)` that no child knot of `knot` covers. Children are whole syntactic units, so
 * the brackets that are left balance. `visit` returns true to stop; the answer is where it stopped, or `end`.
 */
export function scanOutside(
  tree: SourceTree,
  knot: Knot,
  span: Span,
  visit: (character: string, at: number) => boolean,
): number {
  let next = firstChildAfter(knot, span.start);
  for (let at = span.start; at < span.end; at += 1) {
    let child = knot.children[next];
    while (child !== undefined && child.end <= at) child = knot.children[(next += 1)];
    if (child !== undefined && child.start <= at && child.end > at) {
      at = child.end - 1;
      continue;
    }
    if (visit(tree.text.charAt(at), at)) return at;
  }
  return span.end;
}

function firstChildAfter(knot: Knot, start: number): number {
  let low = 0;
  let high = knot.children.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((knot.children[middle]?.end ?? 0) <= start) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Offset of the bracket that closes the one at `open`, or `knot.end` when none does. */
export function closingBracket(tree: SourceTree, knot: Knot, open: number): number {
  let depth = 0;
  return scanOutside(tree, knot, { start: open, end: knot.end }, (character) => {
    if ('([{'.includes(character)) depth += 1;
    else if (')]}'.includes(character)) depth -= 1;
    return depth === 0;
  });
}

/** Splits `[start, end)` at top-level commas. Parts are trimmed; empty parts (a trailing comma) are left out. */
export function splitAtCommas(tree: SourceTree, knot: Knot, span: Span): readonly Span[] {
  const parts: Span[] = [];
  let depth = 0;
  let from = span.start;
  const close = (end: number): void => {
    const part = trimSpan(tree, knot, { start: from, end });
    if (part.end > part.start) parts.push(part);
    from = end + 1;
  };
  scanOutside(tree, knot, span, (character, at) => {
    if ('([{'.includes(character)) depth += 1;
    else if (')]}'.includes(character)) depth -= 1;
    else if (character === ',' && depth === 0) close(at);
    return false;
  });
  close(span.end);
  return parts;
}

/** The span without white space and comments at its ends. */
export function trimSpan(tree: SourceTree, knot: Knot, span: Span): Span {
  let { start, end } = span;
  let before = -1;
  while (before !== start) {
    before = start;
    while (start < end && isBlank(tree.text.charCodeAt(start))) start += 1;
    const next = knot.children[firstChildAfter(knot, start)];
    if (next !== undefined && next.start === start && next.kind === 'comment') start = next.end;
  }
  while (end > start && isBlank(tree.text.charCodeAt(end - 1))) end -= 1;
  return { start, end };
}

function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13) || code === 0xa0;
}

/** Parts inside the brackets of an argument list. */
export function argumentSpans(tree: SourceTree, list: Knot): readonly Span[] {
  return splitAtCommas(tree, list, { start: list.start + 1, end: list.end - 1 });
}

/** The child that is exactly this span, or undefined. */
export function knotAt(knot: Knot, span: Span): Knot | undefined {
  const child = knot.children[firstChildAfter(knot, span.start)];
  return child !== undefined && child.start === span.start && child.end === span.end ? child : undefined;
}
