import type { FileFacts } from '../file-facts.js';
import { type Finding, sortFindings } from '../finding.js';
import { joinNotes, noteFile } from './change-notes.js';
import { tamperRules } from './index.js';
import type { ChangeNotes, TamperContext } from './tamper-rule.js';
import { cutLongLines } from './text/readable-lines.js';

/**
 * Runs every tamper rule over one changed file. The notes are what `examineChangeTampering` needs of it later, so that
 * the facts themselves can be let go. A file without findings gives an empty list.
 * @see constitution §3 part 6
 */
export function examineFileTampering(
  facts: FileFacts,
  context: TamperContext,
): { readonly findings: readonly Finding[]; readonly notes: ChangeNotes } {
  const readable = cutLongLines(facts);
  const findings = tamperRules.flatMap((rule) => rule.examineFile?.(readable, context) ?? []);
  return { findings: sortFindings(findings), notes: noteFile(readable) };
}

/** Runs the rules that look across files, over the notes of all files in any order. No notes give no findings. */
export function examineChangeTampering(notes: readonly ChangeNotes[], context: TamperContext): readonly Finding[] {
  const joined = joinNotes(notes);
  return sortFindings(tamperRules.flatMap((rule) => rule.examineChange?.(joined, context) ?? []));
}
