import type { Admission } from '../arbiter-config.js';
import type { Change } from '../change.js';
import type { FileFacts } from '../file-facts.js';
import type { Finding, Rule } from '../finding.js';
import type { WorkingSpec } from '../working-spec.js';

/** What a tamper rule may know beside the file at hand. `spec` and `admission` are null where none was given. */
export interface TamperContext {
  readonly change: Change;
  readonly spec: WorkingSpec | null;
  readonly admission: Admission | null;
}

/** A test that stood in the old content, or stands in the new one. */
export interface TestNote {
  readonly file: string;
  /** `suite > title`. */
  readonly name: string;
  readonly line: number;
  /** The same for the same assertions, whatever the file: tells a moved test from a deleted one. */
  readonly fingerprint: string;
  /** What its assertions expect, subjects left out: a test that moves may import its subject by another name. */
  readonly marks: readonly string[];
  /** Nothing skips it or keeps it from being called. */
  readonly running: boolean;
}

/** What an assertion of a test feeds in and expects, as literals; only assertions that have both are kept. */
export interface ExampleNote {
  readonly file: string;
  readonly line: number;
  readonly inputs: readonly string[];
  readonly expected: readonly string[];
}

/** A new branch or table row of product code that answers literals with a literal. */
export interface LiteralAnswerNote {
  readonly file: string;
  readonly line: number;
  readonly functionName: string | null;
  readonly inputs: readonly string[];
  readonly answer: string;
}

/** A name that a manifest asks for, or a lock file resolves at its top, in one directory. */
export interface DependencyNote {
  readonly file: string;
  readonly directory: string;
  readonly name: string;
  readonly line: number | null;
  readonly kind: 'declared' | 'locked';
}

/** A copyright holder named in a changed file; `known` when the old content named it too. */
export interface HolderNote {
  readonly file: string;
  readonly line: number;
  readonly holder: string;
  readonly known: boolean;
}

/** What is kept of each file for rules that look across files; small, so that huge changes stay in bounded memory. */
export interface ChangeNotes {
  /** Tests of the old content that the new content of the same file lacks: not renamed, merged or made a table row. */
  readonly removedTests: readonly TestNote[];
  /** Tests of the new content that the old content of the same file lacks, by name. */
  readonly addedTests: readonly TestNote[];
  readonly examples: readonly ExampleNote[];
  readonly literalAnswers: readonly LiteralAnswerNote[];
  readonly dependencies: readonly DependencyNote[];
  readonly holders: readonly HolderNote[];
}

/**
 * One of D1–D18 (constitution §3 part 6). `examineFile` sees each changed file once, in path order;
 * `examineChange` sees the notes of all files at the end. Both pure.
 */
export interface TamperRule extends Rule {
  readonly examineFile?: (facts: FileFacts, context: TamperContext) => readonly Finding[];
  readonly examineChange?: (notes: ChangeNotes, context: TamperContext) => readonly Finding[];
}
