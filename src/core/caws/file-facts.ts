import type { ChangedFile, LineFact } from './change.js';
import type { SyntaxFacts } from './syntax-facts.js';

/** Everything that content rules may know of one changed file. Text is null when absent, binary or over the cap. */
export interface FileFacts {
  readonly file: ChangedFile;
  readonly oldText: string | null;
  readonly newText: string | null;
  readonly addedLines: readonly LineFact[];
  readonly removedLines: readonly LineFact[];
  /** Null when no parser covers the file or nothing in it calls for one. */
  readonly oldSyntax: SyntaxFacts | null;
  readonly newSyntax: SyntaxFacts | null;
}
