import { z } from 'zod';
import { refusalReasonSchema } from './range-report.js';

const line = z.int().positive();
const nullableText = z.string().nullable();

/**
 * What a line stands on: a verdict that covers its commit; a person's signed change of governance; a claim of a verdict
 * that is not its own (`forged`) or that cannot be held against anything here (`unproven`); nothing (`uncovered`); or a
 * commit from before the repository was governed.
 */
export const originStateSchema = z.enum(['verdict', 'human', 'forged', 'unproven', 'uncovered', 'before-arbiter']);
export type OriginState = z.infer<typeof originStateSchema>;

/** A verdict as far as it answers why. Everything in it was verified before it is told. */
export const toldVerdictSchema = z.strictObject({
  verdict_id: z.string(),
  trust: z.enum(['local', 'enforcing']),
  decided: z.string().describe('When, as the verdict says.'),
  signer: z.string(),
  spec: z.strictObject({ id: z.string(), sha256: z.string(), risk_tier: z.int() }).nullable(),
  task_id: nullableText,
  attempt: z.int().nullable(),
  worker: z
    .strictObject({ agent: z.string(), version: z.string(), model: z.string(), prompt_sha256: nullableText })
    .nullable()
    .describe('As the worker named itself; null where nobody did.'),
  gates: z.array(z.strictObject({ name: z.string(), outcome: z.string(), executed_count: z.int().nullable() })),
  waivers: z.array(z.strictObject({ id: z.string(), approver_key_id: z.string(), lifted: z.array(z.string()) })),
  ledger: z
    .strictObject({ origin: z.string(), index: z.int(), vouched: z.boolean() })
    .nullable()
    .describe('Proven by the bundle; `vouched` where the log’s key of the keyring signed it. Null: it names no place.'),
});
export type ToldVerdict = z.infer<typeof toldVerdictSchema>;

/** Why some lines are there: the commit that they came with, and what it stands on. */
export const originSchema = z.strictObject({
  lines: z.array(z.strictObject({ from: line, to: line })),
  path: z.string().describe('Name of the file in that commit.'),
  commit: z.string(),
  committed: z.string(),
  author: z.string().describe('A name that somebody gave themselves, never a proof.'),
  signed_by: nullableText.describe('Whose key of the keyring of its parent signed the commit.'),
  state: originStateSchema,
  headline: z.string(),
  refusal: z
    .strictObject({ reason: refusalReasonSchema, detail: z.string(), mend: z.string() })
    .nullable()
    .describe('Null where the commit is covered, and before Arbiter.'),
  verdict: toldVerdictSchema.nullable(),
});
export type Origin = z.infer<typeof originSchema>;

/** What `arbiter why FILE[:LINE]` found. */
export const whyReportSchema = z
  .strictObject({
    file: z.string().describe('From the top of the repository.'),
    revision: z.string().describe('Commit whose file this is.'),
    lines: z.strictObject({ from: z.int(), to: z.int() }).nullable().describe('Null: the whole file.'),
    total: z.int().nonnegative().describe('Lines of the file.'),
    notes: z.array(z.string()),
    origins: z.array(originSchema).describe('By their first line.'),
  })
  .meta({ id: 'WhyReport' });
export type WhyReport = z.infer<typeof whyReportSchema>;
