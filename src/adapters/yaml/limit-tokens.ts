import { maxDepth } from './limit-depth.js';
import { Refusal } from './refusal.js';

export const maxTokens = 200_000;
export const maxAliases = 32;

// The tokeniser announces each scalar by this mark, so that a scalar that looks like an alias is not taken for one.
const scalarFollows = '\u001f';

/**
 * A watcher of lexical tokens, called with each and its offset.
 * @throws Refusal (from the watcher) for a tag, a directive, too many aliases, anchors or tokens, or too deep nesting
 */
export function watchTokens(): (lexeme: string, offset: number) => void {
  let tokens = 0;
  let aliases = 0;
  let anchors = 0;
  let flowDepth = 0;
  let dashes = 0;
  let skip = false;
  return (lexeme, offset) => {
    if (++tokens > maxTokens) throw tooMany('tokens', maxTokens, offset);
    if (skip) {
      skip = false;
      return;
    }
    const first = lexeme[0] ?? '';
    if (first !== ' ') dashes = lexeme === '-' || lexeme === '?' ? dashes + 1 : 0;
    if (lexeme === scalarFollows) skip = true;
    else if (first === '[' || first === '{') flowDepth += 1;
    else if (first === ']' || first === '}') flowDepth -= 1;
    else if (first === '*' && ++aliases > maxAliases) throw tooMany('aliases', maxAliases, offset);
    else if (first === '&' && ++anchors > maxAliases) throw tooMany('anchors', maxAliases, offset);
    else if (first === '!') throw notRead(`tag ${lexeme.slice(0, 40)}`, 'write the plain value', offset);
    else if (first === '%') throw notRead('directive', 'remove the line', offset);
    if (flowDepth > maxDepth || dashes > maxDepth) throw tooMany('levels of nesting', maxDepth, offset);
  };
}

function tooMany(what: string, limit: number, offset: number): Refusal {
  return new Refusal('YAML_REFUSED', `more than ${limit} ${what}`, offset, {
    mend: 'write the file plainly: no machine-made structure belongs here',
  });
}

function notRead(what: string, mend: string, offset: number): Refusal {
  return new Refusal('YAML_REFUSED', `a ${what} is not read`, offset, { mend });
}
