import { z } from 'zod';
import { gateKindSchema } from '../arbiter-config.js';
import { findingSchema } from '../finding.js';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * One gate as the Arbiter itself ran it. Integers only, since verdicts are signed. `outcome` `error` and `not_run`
 * are failures (constitution §4 rule 3); `findings` say what failed and how to mend it.
 */
export const gateOutcomeSchema = z
  .strictObject({
    name: z.string(),
    kind: gateKindSchema,
    mandatory: z.boolean(),
    outcome: z.enum(['pass', 'fail', 'error', 'not_run']),
    reason: z.string().nullable().describe('Why it did not pass, in words; null when it passed.'),
    argvSha256: sha256.nullable(),
    toolchainSha256: sha256.nullable(),
    sandbox: z.enum(['bubblewrap', 'none']).nullable(),
    startedMs: z.number().int().nullable(),
    endedMs: z.number().int().nullable(),
    exit: z.number().int().nullable(),
    executedCount: z.number().int().nonnegative().nullable(),
    reportSha256: sha256.nullable(),
    tripwire: z.enum(['reported', 'missing', 'passed', 'not-applicable']),
    baseline: z.enum(['pass', 'fail', 'error', 'not_run']).nullable(),
    metrics: z.record(z.string(), z.number().int()).describe('Basis points and counts, such as branchCoverageBp.'),
    findings: z.array(findingSchema),
  })
  .meta({ id: 'GateOutcome' });
export type GateOutcome = z.infer<typeof gateOutcomeSchema>;
