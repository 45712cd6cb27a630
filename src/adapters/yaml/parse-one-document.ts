import { type CST, Composer, type Document, Lexer, type ParsedNode, Parser } from 'yaml';
import { limitDepth } from './limit-depth.js';
import { watchTokens } from './limit-tokens.js';
import { Refusal } from './refusal.js';

export interface OneDocument {
  readonly document: Document.Parsed<ParsedNode>;
  readonly lineStarts: readonly number[];
}

/**
 * Tokens → concrete syntax → document, with the limits checked at each step before the next one is taken.
 * @throws Refusal
 */
export function parseOneDocument(text: string): OneDocument {
  const lineStarts = [0];
  const parser = new Parser((offset) => offset > 0 && lineStarts.push(offset));
  const watch = watchTokens();
  const tokens: CST.Token[] = [];
  for (const lexeme of new Lexer().lex(text)) {
    watch(lexeme, parser.offset);
    tokens.push(...parser.next(lexeme));
  }
  tokens.push(...parser.end());
  for (const token of tokens) limitDepth(token);
  // Duplicate keys are found by `readValue`: the library's own check compares each key with every other.
  const composer = new Composer({ version: '1.2', schema: 'core', uniqueKeys: false, prettyErrors: false });
  const documents = [...composer.compose(tokens, true, text.length)];
  const document = documents[0] as Document.Parsed<ParsedNode>;
  const second = documents[1];
  if (second) {
    throw new Refusal('YAML_REFUSED', 'several documents in one file', second.range[0], {
      mend: 'keep one document a file',
    });
  }
  const error = document.errors[0];
  if (error) {
    throw new Refusal('YAML_INVALID', `broken YAML: ${lowerFirst(error.message)}`, error.pos[0], {
      mend: 'mend the YAML at this place (quote text that holds `: `, ` #`, a leading `-` or a backtick)',
      cause: error,
    });
  }
  return { document, lineStarts };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
