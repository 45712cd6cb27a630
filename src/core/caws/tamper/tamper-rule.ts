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
}

/** What is kept of each file for rules that look across files; small, so that huge changes stay in bounded memory. */
export interface ChangeNotes {
  readonly removedTests: readonly TestNote[];
  readonly addedTests: readonly TestNote[];
}

/**
 * One of D1–D18 (constitution §3 part 6). `examineFile` sees each changed file once, in path order;
 * `examineChange` sees the notes of all files at the end. Both pure.
 */
export interface TamperRule extends Rule {
  readonly examineFile?: (facts: FileFacts, context: TamperContext) => readonly Finding[];
  readonly examineChange?: (notes: ChangeNotes, context: TamperContext) => readonly Finding[];
}
