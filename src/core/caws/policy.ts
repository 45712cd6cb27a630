import { z } from 'zod';
import type { RiskTier } from './working-spec.js';

const budgetSchema = z.strictObject({ maxFiles: z.number().int().positive(), maxLoc: z.number().int().positive() });

const basisPoints = z.number().int().min(0).max(10_000).nullable();
const byTier = z.strictObject({ 1: basisPoints, 2: basisPoints, 3: basisPoints });

/** The one internal policy that both policy dialects are normalised into (constitution §7). */
export const policySchema = z
  .strictObject({
    dialect: z.enum(['B', 'C', 'default']),
    budgets: z.strictObject({ 1: budgetSchema, 2: budgetSchema, 3: budgetSchema }),
    gates: z.record(
      z.string(),
      z.strictObject({
        enabled: z.boolean(),
        mode: z.enum(['block', 'warn', 'skip']),
        thresholds: z.record(z.string(), z.unknown()),
      }),
    ),
    nonGovernedZones: z.array(z.string()),
    rootPassthrough: z.array(z.string()),
    coverageBp: byTier.describe('Overrides the tier’s branch coverage; basis points; null: the tier’s own.'),
    mutationBp: byTier,
    waiverApproval: z.strictObject({
      requiredApprovers: z.number().int().nonnegative(),
      maxDurationDays: z.number().positive().nullable(),
    }),
    minApproversForBudgetRaise: z.number().int().nonnegative(),
  })
  .meta({ id: 'Policy' });
export type Policy = z.infer<typeof policySchema>;

/** What a tier asks for (constitution §2, thresholds by tier). Basis points. */
export interface TierThresholds {
  readonly branchCoverageBp: number;
  readonly mutationBp: number;
  readonly contracts: boolean;
  readonly manualReview: boolean;
}

export const tierThresholds: Readonly<Record<RiskTier, TierThresholds>> = {
  1: { branchCoverageBp: 9000, mutationBp: 7000, contracts: true, manualReview: true },
  2: { branchCoverageBp: 8000, mutationBp: 5000, contracts: true, manualReview: false },
  3: { branchCoverageBp: 7000, mutationBp: 3000, contracts: false, manualReview: false },
};

/** Policy of a repository that has none (constitution §2: default budgets). */
export const defaultPolicy: Policy = {
  dialect: 'default',
  budgets: {
    1: { maxFiles: 25, maxLoc: 1000 },
    2: { maxFiles: 50, maxLoc: 2000 },
    3: { maxFiles: 100, maxLoc: 5000 },
  },
  gates: {},
  nonGovernedZones: [],
  rootPassthrough: [],
  coverageBp: { 1: null, 2: null, 3: null },
  mutationBp: { 1: null, 2: null, 3: null },
  waiverApproval: { requiredApprovers: 1, maxDurationDays: null },
  minApproversForBudgetRaise: 1,
};
