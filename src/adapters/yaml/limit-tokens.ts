import { maxDepth } from './limit-depth.js';
import { Refusal } from './refusal.js';

const maxTokens = 200_000;
const maxAliases = 32;

// The tokeniser announces each scalar by this mark, so that a scalar that looks like an alias is not taken for one.
const scalarFollows = '\u001f';

const kindOfFirst: Readonly<Record<string, 'open' | 'close' | 'aliases' | 'anchors' | 'tag' | 'directive'>> = {
  '[': 'open',
  '{': 'open',
  ']': 'close',
  '}': 'close',
  '*': 'aliases',
  '&': 'anchors',
  '!': 'tag',
  '%': 'directive',
};

/**
 * A watcher of lexical tokens, called with each and its offset.
 * @throws Refusal (from the watcher) for a tag, a directive, too many aliases, anchors or tokens, or too deep nesting
 */
export function watchTokens(): (lexeme: string, offset: number) => void {
  const counts = { tokens: 0, open: 0, close: 0, aliases: 0, anchors: 0, dashes: 0 };
  let isScalar = false;
  return (lexeme, offset) => {
    const kind = isScalar ? undefined : kindOfFirst[lexeme.charAt(0)];
    isScalar = !isScalar && lexeme === scalarFollows;
    if (kind === 'tag') throw notRead(`tag ${lexeme.slice(0, 40)}`, 'write the plain value', offset);
    if (kind === 'directive') throw notRead('directive', 'remove the line', offset);
    if (kind !== undefined) counts[kind] += 1;
    counts.tokens += 1;
    // `- - - …` and `? ? ? …` open a level each without a bracket.
    if (lexeme === '-' || lexeme === '?') counts.dashes += 1;
    else if (lexeme.trim() !== '' || lexeme.includes('\n')) counts.dashes = 0;
    limit('tokens', counts.tokens, maxTokens, offset);
    limit('aliases', counts.aliases, maxAliases, offset);
    limit('anchors', counts.anchors, maxAliases, offset);
    limit('levels of nesting', Math.max(counts.open - counts.close, counts.dashes), maxDepth, offset);
  };
}

function limit(what: string, count: number, most: number, offset: number): void {
  if (count <= most) return;
  throw new Refusal('YAML_REFUSED', `more than ${most} ${what}`, offset, {
    mend: 'write the file plainly: no machine-made structure belongs here',
  });
}

function notRead(what: string, mend: string, offset: number): Refusal {
  return new Refusal('YAML_REFUSED', `a ${what} is not read`, offset, { mend });
}
