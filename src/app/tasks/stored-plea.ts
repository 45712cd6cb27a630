import { z } from 'zod';
import { evidenceSchema, planOfEditSchema, pleaSchema } from '../../core/caws/plea.js';
import { digestJson } from '../../core/canonical-json.js';
import type { SubmittedPlea } from '../adjudicate/read-plea.js';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** A plea as the store keeps it: what the worker said, and digests of what it made. */
export const storedPleaSchema = z.strictObject({
  plea: z.strictObject({ ...pleaSchema.shape, evidence: z.array(evidenceSchema) }),
  plan: planOfEditSchema.nullable(),
  patch: sha256,
  transcript: sha256,
  prompt: z.strictObject({ id: z.string(), sha256 }),
});
export type StoredPlea = z.infer<typeof storedPleaSchema>;

/** The plea as a judge takes it, with digests of its parts. */
export function submittedPleaOf({ plea, plan, patch, transcript, prompt }: StoredPlea): SubmittedPlea {
  const { cost } = plea;
  return {
    plan,
    planSha256: plan === null ? null : digestJson(plan),
    rationale: plea.rationale,
    rationaleSha256: digestJson(plea.rationale),
    evidence: plea.evidence,
    evidenceSha256: plea.evidence.length === 0 ? null : digestJson(plea.evidence),
    worker: plea.worker,
    work: {
      promptSha256: prompt.sha256,
      transcriptSha256: transcript,
      outputSha256: patch,
      spent:
        cost === undefined
          ? null
          : { microUsd: cost.micro_usd, inputTokens: cost.input_tokens, outputTokens: cost.output_tokens },
    },
  };
}
