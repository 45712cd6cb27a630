import { z } from 'zod';

export const dialectSchema = z.enum(['A', 'B', 'C']).meta({ id: 'Dialect' });
export type Dialect = z.infer<typeof dialectSchema>;

export const riskTierSchema = z.union([z.literal(1), z.literal(2), z.literal(3)]);
export type RiskTier = z.infer<typeof riskTierSchema>;

export const changeModeSchema = z.enum(['feature', 'refactor', 'fix', 'doc', 'chore']);
export type ChangeMode = z.infer<typeof changeModeSchema>;

/** The one internal working spec that all dialects are normalised into (constitution §2). */
export const workingSpecSchema = z
  .strictObject({
    dialect: dialectSchema,
    id: z.string().min(1),
    title: z.string().min(1),
    riskTier: riskTierSchema,
    mode: changeModeSchema.describe('`docs` is read as `doc`, `development` as `feature`.'),
    lifecycle: z.enum(['draft', 'active', 'closed', 'archived']),
    changeBudget: z
      .strictObject({ maxFiles: z.number().int().nonnegative(), maxLoc: z.number().int().nonnegative() })
      .nullable()
      .describe('The spec’s own budget; null: the policy’s for the tier.'),
    blastRadius: z.strictObject({ modules: z.array(z.string()), dataMigration: z.boolean() }),
    scope: z.strictObject({ in: z.array(z.string()), out: z.array(z.string()), support: z.array(z.string()) }),
    invariants: z.array(z.string()),
    acceptance: z.array(
      z.strictObject({
        id: z.string(),
        given: z.string(),
        when: z.string(),
        then: z.string(),
        testCommand: z.string().nullable(),
        testNodeIds: z.array(z.string()),
      }),
    ),
    security: z.array(z.string()),
    contracts: z.array(z.strictObject({ type: z.string(), name: z.string().nullable(), path: z.string().nullable() })),
    rollbackSlo: z.string().nullable(),
  })
  .meta({ id: 'WorkingSpec' });
export type WorkingSpec = z.infer<typeof workingSpecSchema>;
