import { z } from 'zod';

/**
 * What a finding does to the verdict: `block` can be lifted by no waiver (FAIL), `waivable` by a signed waiver or an
 * admission at the base (WAIVER_REQUIRED without one), `advisory` is shown only.
 * @see constitution §3, class table
 */
export const severitySchema = z.enum(['block', 'waivable', 'advisory']).meta({ id: 'Severity' });
export type Severity = z.infer<typeof severitySchema>;

export const findingSchema = z
  .strictObject({
    rule: z.string().min(1).describe('Rule id, such as "budget.lines" or "D4".'),
    clause: z.string().min(1).describe('The clause of CAWS or of the constitution that the finding stands on.'),
    severity: severitySchema,
    path: z.string().nullable().describe('Path in the repository, or null where the whole change is meant.'),
    line: z.number().int().positive().nullable().describe('Line in the new file (in the old one for a removal).'),
    message: z.string().min(1).describe('What was found.'),
    why: z.string().min(1).describe('Why it matters.'),
    mend: z.string().min(1).describe('How to mend it.'),
  })
  .meta({ id: 'Finding' });
export type Finding = z.infer<typeof findingSchema>;

/** A rule as its room declares it: what is the same for each of its findings. */
export interface Rule {
  readonly id: string;
  readonly clause: string;
  readonly severity: Severity;
  readonly why: string;
  readonly mend: string;
}

/** One finding of `rule`; `severity` and `mend` may be overridden where the case at hand is graver or clearer. */
export function findingOf(
  rule: Rule,
  message: string,
  at: { path?: string | null; line?: number | null; severity?: Severity; mend?: string } = {},
): Finding {
  return {
    rule: rule.id,
    clause: rule.clause,
    severity: at.severity ?? rule.severity,
    path: at.path ?? null,
    line: at.line ?? null,
    message,
    why: rule.why,
    mend: at.mend ?? rule.mend,
  };
}

const rank: Record<Severity, number> = { block: 0, waivable: 1, advisory: 2 };

/** Gravest first, then by path, line, rule and message: the same findings in any order give the same list. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  return [...findings].sort(
    (a, b) =>
      rank[a.severity] - rank[b.severity] ||
      compareText(a.path ?? '', b.path ?? '') ||
      (a.line ?? 0) - (b.line ?? 0) ||
      compareText(a.rule, b.rule) ||
      compareText(a.message, b.message),
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
