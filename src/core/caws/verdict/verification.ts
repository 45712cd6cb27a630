import { z } from 'zod';
import { verdictSchema } from './verdict.js';

/** One check of `arbiter verdict verify`, in words. */
export const verdictCheckSchema = z.strictObject({
  check: z.enum([
    'form',
    'keyring',
    'signature',
    'repository',
    'diff',
    'bundle',
    'envelope',
    'subjects',
    'predicate',
    'entry',
    'inclusion',
    'checkpoint',
  ]),
  passed: z.boolean().nullable().describe('Null where it could not be checked, for the reason that the detail gives.'),
  detail: z.string(),
});
export type VerdictCheck = z.infer<typeof verdictCheckSchema>;

/** What `arbiter verdict verify FILE` found. `verdict` is null when the file is no verdict at all. */
export const verdictVerificationSchema = z
  .strictObject({
    file: z.string(),
    verified: z.boolean().describe('True when no check failed; what is not verified says nothing.'),
    signer: z.strictObject({ name: z.string(), keyId: z.string() }).nullable(),
    checks: z.array(verdictCheckSchema),
    verdict: verdictSchema.nullable(),
    explanation: z.array(z.string()).describe('Lines for a person.'),
  })
  .meta({ id: 'VerdictVerification' });
export type VerdictVerification = z.infer<typeof verdictVerificationSchema>;
