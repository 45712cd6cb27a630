import type { SyntaxFacts } from '../core/caws/syntax-facts.js';

/** Reduces source text to facts. */
export interface Syntax {
  /** True when a parser covers the path's language (by ending). */
  covers(path: string): boolean;
  /** Facts of the text, never a throw on bad source: `errorLines` then says where. */
  extract(path: string, text: string): SyntaxFacts;
}
