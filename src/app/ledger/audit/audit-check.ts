import { z } from 'zod';
import type { LedgerEntry } from '../../../core/ledger/entry.js';

/** One check of `arbiter ledger audit`. */
export const auditCheckSchema = z.strictObject({
  check: z.enum(['log', 'contents', 'verdicts', 'publications', 'waivers']),
  passed: z.boolean().nullable().describe('Null where it could not be checked, for the reason that the detail gives.'),
  detail: z.string(),
  problems: z.array(z.string()).describe('What is wrong, at most fifty.'),
  notes: z.array(z.string()).describe('What was not checked, or is no fault, at most fifty.'),
});
export type AuditCheck = z.infer<typeof auditCheckSchema>;

/** An entry as it was read. */
export interface ReadEntry {
  readonly index: number;
  readonly key: string;
  readonly atMs: number;
  readonly entry: LedgerEntry;
}

/** A check under way: fed entry by entry, in bounded memory but for what is wrong. */
export interface Auditor {
  take(read: ReadEntry): Promise<void>;
  end(): Promise<AuditCheck>;
}

const mostTold = 50;

/** What a check has found: passed when nothing is wrong. Null `nothing`: it was checked. */
export function sayCheck(
  check: AuditCheck['check'],
  detail: string,
  found: { readonly problems: readonly string[]; readonly notes: readonly string[] },
): AuditCheck {
  const { problems, notes } = found;
  const more = problems.length === 0 ? '' : `; ${problems.length} wrong`;
  return {
    check,
    passed: problems.length === 0,
    detail: `${detail}${more}`,
    problems: problems.slice(0, mostTold),
    notes: notes.slice(0, mostTold),
  };
}

/** A check that nobody could make. */
export function notChecked(check: AuditCheck['check'], why: string): AuditCheck {
  return { check, passed: null, detail: `not checked: ${why}`, problems: [], notes: [] };
}
