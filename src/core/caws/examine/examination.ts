import { z } from 'zod';
import { findingSchema } from '../finding.js';

const limits = z.strictObject({ files: z.number().int().nonnegative(), loc: z.number().int().nonnegative() });

/** What the examination found (constitution §3). Pure data: the same inputs give the same bytes. */
export const examinationSchema = z
  .strictObject({
    findings: z.array(findingSchema).describe('Gravest first.'),
    budget: z
      .strictObject({
        limits,
        measured: limits,
        source: z.enum(['spec', 'policy', 'default']),
        waiversApplied: z.array(z.string()),
        waiversSkipped: z.array(z.strictObject({ id: z.string(), reason: z.string() })),
      })
      .nullable()
      .describe('Null where no spec was given.'),
  })
  .meta({ id: 'Examination' });
export type Examination = z.infer<typeof examinationSchema>;
