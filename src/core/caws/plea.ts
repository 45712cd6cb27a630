import { z } from 'zod';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** A worker's plan of edit: what it means to touch (constitution §3 part 5). */
export const planOfEditSchema = z
  .strictObject({
    version: z.literal(1).default(1),
    spec_id: z.string().min(1),
    approach: z.string().default(''),
    files: z.array(z.strictObject({ path: z.string().min(1), lines: z.number().int().nonnegative() })),
    tests: z.array(z.string()).default([]),
    risks: z.array(z.string()).default([]),
  })
  .meta({ id: 'PlanOfEdit' });
export type PlanOfEdit = z.infer<typeof planOfEditSchema>;

export const rationaleSchema = z
  .strictObject({
    summary: z.string().min(1),
    files: z.array(z.strictObject({ path: z.string().min(1), why: z.string().min(1) })).default([]),
    risks: z.array(z.string()).default([]),
    acceptance: z.array(z.strictObject({ id: z.string().min(1), met_by: z.string().min(1) })).default([]),
  })
  .meta({ id: 'Rationale' });
export type Rationale = z.infer<typeof rationaleSchema>;

export const evidenceSchema = z.strictObject({
  kind: z.enum(['test', 'coverage', 'mutation', 'contract', 'benchmark', 'note']),
  claim: z.string().min(1),
  command: z.string().optional(),
  report: z.strictObject({ path: z.string().min(1), sha256 }).optional(),
  /** What the worker claims to have measured, such as `{tests: 12, branchCoverageBp: 9100}`: compared, never believed. */
  figures: z.record(z.string(), z.number().int()).default({}),
});

export type Evidence = z.infer<typeof evidenceSchema>;

/** What a worker pleads beside its change (constitution §4, Evidence manifest). */
export const pleaSchema = z
  .strictObject({
    task: z.string().min(1),
    spec_id: z.string().min(1),
    base: z.string().min(1),
    worker: z.strictObject({ agent: z.string(), version: z.string(), model: z.string() }),
    rationale: rationaleSchema,
    evidence: z.array(evidenceSchema).default([]),
    plan_id: z.string().optional(),
    cost: z
      .strictObject({
        micro_usd: z.number().int().nonnegative(),
        input_tokens: z.number().int(),
        output_tokens: z.number().int(),
      })
      .optional(),
    infeasible: z.strictObject({ clause: z.string().min(1), evidence: z.string().min(1) }).optional(),
  })
  .meta({ id: 'Plea' });
export type Plea = z.infer<typeof pleaSchema>;
