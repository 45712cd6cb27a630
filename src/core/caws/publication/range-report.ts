import { z } from 'zod';

/** What is wrong with a commit or a push, by name. */
export const refusalReasonSchema = z.enum([
  'merge-commit',
  'root-commit',
  'broken-chain',
  'unjudged',
  'unsigned',
  'not-published',
  'trailers',
  'keyring',
  'verdict-missing',
  'verdict-digest',
  'verdict-form',
  'verdict-signature',
  'verdict-outcome',
  'verdict-advisory',
  'verdict-trust',
  'log-place',
  'other-repository',
  'other-tree',
  'other-base',
  'other-content',
  'verdict-spent',
  'ref-deleted',
  'ref-forced',
  'ref-created',
  'ref-reserved',
  'record-rewritten',
  'record-unsigned',
]);
export type RefusalReason = z.infer<typeof refusalReasonSchema>;

/** One reason against one commit; `commit` null where a ref as a whole is refused. */
export const refusalSchema = z.strictObject({
  commit: z.string().nullable(),
  ref: z.string().nullable(),
  reason: refusalReasonSchema,
  detail: z.string(),
  mend: z.string(),
});
export type Refusal = z.infer<typeof refusalSchema>;

/** By what a commit is covered. */
export const coveredCommitSchema = z.strictObject({
  commit: z.string(),
  /** `re-adjudicated`: by a later verdict of its own. `brought`: judged within the re-adjudicated merge that brought it. */
  by: z.enum(['verdict', 'human', 're-adjudicated', 'brought']),
  /** Id of the verdict, or the name of the person who signed; of a brought commit, the merge. */
  name: z.string(),
});
export type CoveredCommit = z.infer<typeof coveredCommitSchema>;

/** What `arbiter verify BASE..HEAD` found: every commit is either covered or refused. */
export const rangeReportSchema = z
  .strictObject({
    base: z.string(),
    head: z.string(),
    verified: z.boolean(),
    commits: z.int().nonnegative(),
    covered: z.array(coveredCommitSchema),
    refusals: z.array(refusalSchema),
  })
  .meta({ id: 'RangeReport' });
export type RangeReport = z.infer<typeof rangeReportSchema>;
