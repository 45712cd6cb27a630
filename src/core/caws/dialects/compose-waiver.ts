import { z } from 'zod';
import type { Problem } from './problem.js';
import { reasonCodes } from './reason-codes.js';
import { renderYaml } from './render-yaml.js';
import { dateTime, text } from './spec-fields.js';
import { checkWaiverB } from './waiver-b.js';
import { checkWaiverC } from './waiver-c.js';

const count = z.number().int().nonnegative();

/** One of the reasons that dialect B knows. */
export const reasonCodeSchema = z.enum(reasonCodes);

/**
 * A waiver as Arbiter writes it, valid in dialects B and C. `approved_by` and `approvers` are what the file claims;
 * what counts is the signature beside it (constitution §6).
 */
export const writtenWaiverSchema = z
  .strictObject({
    id: z.string().regex(/^WV-\d{4}$/),
    title: z.string().trim().min(5),
    status: z.enum(['active', 'revoked']),
    gates: z
      .array(text)
      .min(1)
      .describe('CAWS gate names, such as budget_limit, or names of gates of .caws/arbiter.yaml.'),
    reason: z.string().trim().min(3).describe('Documented necessity (CAWS §5.2).'),
    reason_code: reasonCodeSchema,
    mitigation: text.optional(),
    risk_owner: text,
    requested_by: text.optional(),
    approved_by: z.string().trim().min(1),
    approvers: z.array(z.strictObject({ handle: text, approved_at: dateTime.optional() })).min(1),
    created_at: dateTime,
    expires_at: dateTime,
    scope: z.strictObject({
      spec_id: text,
      paths: z.array(text).optional(),
      task_id: text.optional().describe('The one task that it is for.'),
      repository_id: text.optional().describe('The one repository that it is for.'),
    }),
    applies_to: text.describe('The same spec id, where dialect B looks for it.'),
    delta: z.strictObject({ max_files: count, max_loc: count }).describe('What it adds to the budget.'),
    constraints: z.strictObject({ max_uses: count }),
    revocation: z
      .strictObject({ revoked_at: dateTime, revoked_by: text.optional(), reason: text.optional() })
      .optional()
      .describe('Exactly when status is revoked.'),
  })
  .meta({ id: 'WaiverFile' });
export type WrittenWaiver = z.infer<typeof writtenWaiverSchema>;

/**
 * The text of a waiver file, fields in the order of the schema, and everything for which a loader of B or C would
 * refuse it (empty when neither does). The same waiver gives the same bytes: they are what is signed.
 */
export function composeWaiver(waiver: WrittenWaiver): { readonly text: string; readonly errors: readonly Problem[] } {
  const file = writtenWaiverSchema.parse(waiver);
  return { text: renderYaml(file), errors: [...checkWaiverC(file).errors, ...checkWaiverB(file).errors] };
}
