import type { Place } from '../../core/fault.js';
import { unparseable } from './unparseable.js';

const maxDepth = 64;
const maxElements = 1_000_000;

// The one document type that honest tools write (istanbul and coverage.py, before Cobertura): an outer reference, which
// is never fetched, and no declarations of its own.
const outerDoctype = /^<!DOCTYPE\s+coverage\s+(?:SYSTEM\s+["'][^"'<>[\]]*["'])?\s*>/;

/** Line and column of an offset, both from 1. */
function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { line, column: offset - before.lastIndexOf('\n') };
}

interface Walk {
  depth: number;
  elements: number;
  roots: number;
}

/**
 * Walks the tags before any parser sees them: exactly one root, nothing but blanks around it, nesting at most 64 and
 * at most a million elements, no document type and so no entities of its own. Linear in the text.
 * @throws REPORT_UNPARSEABLE
 */
export function checkXmlShape(format: string, text: string, options: { outerDoctype: boolean }): void {
  const walk: Walk = { depth: 0, elements: 0, roots: 0 };
  let at = 0;
  for (let open = text.indexOf('<'); open !== -1; open = text.indexOf('<', at)) {
    const step = stepOver(text, at, open, walk, options.outerDoctype);
    if (typeof step === 'string') throw unparseable(format, step, placeAt(text, open));
    at = step;
  }
  const problem = problemAtEnd(walk, text.slice(at));
  if (problem !== null) throw unparseable(format, problem, placeAt(text, text.length));
}

function problemAtEnd(walk: Walk, rest: string): string | null {
  if (walk.roots === 0) return 'there is no root element';
  if (walk.depth > 0) return `it is cut off: ${walk.depth} elements are not closed`;
  return rest.trim() === '' ? null : 'text stands after the root element';
}

/** The offset behind what opens at `open`, or what is wrong with it. */
function stepOver(text: string, at: number, open: number, walk: Walk, allowDoctype: boolean): number | string {
  if (walk.depth === 0 && text.slice(at, open).trim() !== '') return 'text stands outside the root element';
  const special = endOfSpecial(text, open, allowDoctype);
  if (special === 'refused') return 'document types and entities are not allowed';
  if (special === 'cut') return 'it ends inside a comment, a CDATA section or a declaration';
  if (special !== 'tag') return special;
  const end = endOfTag(text, open);
  return end === -1 ? 'it ends inside a tag' : (countTag(text.slice(open, end), walk) ?? end);
}

type Special = number | 'tag' | 'cut' | 'refused';

function endOfSpecial(text: string, open: number, allowDoctype: boolean): Special {
  const ends: readonly (readonly [string, string])[] = [
    ['<!--', '-->'],
    ['<![CDATA[', ']]>'],
    ['<?', '?>'],
  ];
  for (const [start, end] of ends) {
    if (!text.startsWith(start, open)) continue;
    const found = text.indexOf(end, open + start.length);
    return found === -1 ? 'cut' : found + end.length;
  }
  if (text[open + 1] !== '!') return 'tag';
  const doctype = allowDoctype ? outerDoctype.exec(text.slice(open, open + 400)) : null;
  return doctype === null ? 'refused' : open + doctype[0].length;
}

function endOfTag(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at += 1) {
    const character = text[at];
    if (character === '>') return at + 1;
    if (character !== '"' && character !== "'") continue;
    at = text.indexOf(character, at + 1);
    if (at === -1) return -1;
  }
  return -1;
}

function countTag(tag: string, walk: Walk): string | null {
  if (tag.startsWith('</')) {
    walk.depth -= 1;
    return walk.depth < 0 ? 'an element is closed that was not opened' : null;
  }
  walk.elements += 1;
  if (walk.elements > maxElements) return `more than ${maxElements} elements`;
  if (walk.depth === 0) {
    walk.roots += 1;
    if (walk.roots > 1) return 'a second document follows the first';
  }
  if (!tag.endsWith('/>')) walk.depth += 1;
  return walk.depth > maxDepth ? `elements nested deeper than ${maxDepth}` : null;
}
