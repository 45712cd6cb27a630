import type { CommentStyle } from './source-path.js';

/** What a character of a source text belongs to. */
export type Region = 'code' | 'string' | 'comment' | 'regex';

/** A stretch of one region; `end` is exclusive. Stretches follow each other without gaps. */
export interface Stretch {
  readonly region: Region;
  readonly start: number;
  readonly end: number;
}

/**
 * Splits a source text into code, strings, comments and regular expressions by a scan of its own, for languages with
 * and without a parser. Quotes belong to their string; `${…}` of a template is code. An unclosed string ends with its
 * line, so that one odd quote cannot swallow the rest of the file. Empty text gives no stretches.
 */
export function stretchesOf(text: string, style: CommentStyle): readonly Stretch[] {
  const found: Stretch[] = [];
  const push = (region: Region, start: number, end: number): void => {
    const last = found.at(-1);
    if (end <= start) return;
    if (last !== undefined && last.region === region) found[found.length - 1] = { ...last, end };
    else found.push({ region, start, end });
  };
  const templates: number[] = [];
  const turn = style === 'hash' ? /["'#]/g : /["'`/{}]/g;
  let at = 0;
  while (at < text.length) {
    if (templates.at(-1) !== 0) {
      // Plain code is leapt over: only these characters can begin something else.
      turn.lastIndex = at;
      const next = turn.exec(text)?.index ?? text.length;
      push('code', at, next);
      at = next;
      if (at === text.length) break;
    }
    const inTemplate = templates.at(-1) === 0;
    const [region, end] = inTemplate ? templateFrom(text, at, templates) : tokenFrom(text, at, style, templates);
    push(region, at, end);
    at = end;
  }
  return found;
}

/** The text with everything but the named regions blanked; line ends and length stay. */
export function keepRegions(text: string, style: CommentStyle, regions: readonly Region[]): string {
  return stretchesOf(text, style)
    .map(({ region, start, end }) => {
      const part = text.slice(start, end);
      return regions.includes(region) ? part : part.replace(/[^\n\r\u2028\u2029]/g, ' ');
    })
    .join('');
}

type Token = readonly [region: Region, end: number];

function tokenFrom(text: string, at: number, style: CommentStyle, templates: number[]): Token {
  const comment = commentFrom(text, at, style);
  if (comment !== null) return ['comment', comment];
  const char = text.charAt(at);
  if (char === '"' || char === "'") return ['string', stringEnd(text, at, style)];
  if (style === 'slash') {
    if (char === '`') return openTemplate(at, templates);
    if (char === '/' && regexMayStart(text, at)) return regexFrom(text, at);
    countBraces(char, templates);
  }
  return ['code', at + 1];
}

function commentFrom(text: string, at: number, style: CommentStyle): number | null {
  if (style === 'hash') return text.charAt(at) === '#' ? lineEnd(text, at) : null;
  if (text.startsWith('//', at)) return lineEnd(text, at);
  if (!text.startsWith('/*', at)) return null;
  const close = text.indexOf('*/', at + 2);
  return close === -1 ? text.length : close + 2;
}

function stringEnd(text: string, at: number, style: CommentStyle): number {
  const quote = text.charAt(at);
  if (style === 'hash' && text.startsWith(quote.repeat(3), at)) {
    const close = text.indexOf(quote.repeat(3), at + 3);
    return close === -1 ? text.length : close + 3;
  }
  for (let end = at + 1; end < text.length; end += 1) {
    const char = text.charAt(end);
    if (char === '\\') end += 1;
    else if (char === quote) return end + 1;
    else if (char === '\n') return end;
  }
  return text.length;
}

/** The stack holds, for each open template, how many braces of an inserted expression are open; 0 is its own text. */
function openTemplate(at: number, templates: number[]): Token {
  templates.push(0);
  return ['string', at + 1];
}

function templateFrom(text: string, at: number, templates: number[]): Token {
  for (let end = at; end < text.length; end += 1) {
    const char = text.charAt(end);
    if (char === '\\') end += 1;
    else if (char === '`') {
      templates.pop();
      return ['string', end + 1];
    } else if (char === '$' && text.charAt(end + 1) === '{') {
      templates[templates.length - 1] = 1;
      return ['string', end + 2];
    }
  }
  return ['string', text.length];
}

function countBraces(char: string, templates: number[]): void {
  const open = templates.at(-1);
  if (open === undefined) return;
  if (char === '{') templates[templates.length - 1] = open + 1;
  if (char === '}') templates[templates.length - 1] = open - 1;
}

/** A slash after a value divides; after an operator, an opening bracket or a keyword it opens a pattern. */
function regexMayStart(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - 40), at).trimEnd();
  if (before === '') return true;
  if (/(^|[^\w$.])(return|typeof|case|in|of|do|else|void|delete|throw|new|await|yield)$/.test(before)) return true;
  return /[=(,:[!&|?{};<>+\-*%~^]$/.test(before);
}

function regexFrom(text: string, at: number): Token {
  let inClass = false;
  for (let end = at + 1; end < text.length; end += 1) {
    const char = text.charAt(end);
    if (char === '\n') break;
    if (char === '\\') end += 1;
    else if (char === '[') inClass = true;
    else if (char === ']') inClass = false;
    else if (char === '/' && !inClass) return ['regex', end + 1];
  }
  return ['code', at + 1];
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}
