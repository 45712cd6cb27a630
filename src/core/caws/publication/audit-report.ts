import { z } from 'zod';
import { coveredCommitSchema, refusalReasonSchema } from './range-report.js';

/** What it is that slipped in. A squash is of one judged tree; `history`: commits lead somewhere else than they should. */
const slippedKindSchema = z.enum(['uncovered', 'squash', 'merge', 'history']);
export type SlippedKind = z.infer<typeof slippedKindSchema>;

/** One commit that nothing covers: who brought it, when, what it changes, and what to do next. */
export const slippedSchema = z.strictObject({
  commit: z.string(),
  kind: slippedKindSchema,
  reason: refusalReasonSchema,
  detail: z.string(),
  author: z.string().describe('As the commit itself says; signed by nobody, unless the commit is.'),
  committer: z.string(),
  committed: z.string().describe('As the commit itself says, in UTC.'),
  subject: z.string(),
  files: z.array(z.string()).describe('What it changes against its first parent, sorted; the first 50.'),
  files_omitted: z.int().nonnegative(),
  next: z.array(z.string()),
});
export type Slipped = z.infer<typeof slippedSchema>;

/** What `arbiter audit` found on a branch. */
export const auditReportSchema = z
  .strictObject({
    branch: z.string(),
    base: z.string().describe('Where the audit begins: this commit and all before it are judged by nobody here.'),
    since: z.enum(['named', 'last-audit', 'first-governed']),
    head: z.string(),
    clean: z.boolean().describe('True when nothing slipped in.'),
    commits: z.int().nonnegative(),
    covered: z.array(coveredCommitSchema),
    slipped: z.array(slippedSchema),
  })
  .meta({ id: 'AuditReport' });
export type AuditReport = z.infer<typeof auditReportSchema>;
