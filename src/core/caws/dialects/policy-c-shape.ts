import { z } from 'zod';
import { gateMode, thresholds } from './policy-shape.js';

const count = z.number().int().min(0);

const tier = z.strictObject({ max_files: count, max_loc: count, description: z.string().optional() });

const writtenTier = tier.extend({ max_files: z.number().int().min(1), max_loc: z.number().int().min(1) });

const gate = z.strictObject({
  enabled: z.boolean(),
  mode: gateMode,
  description: z.string().optional(),
  thresholds: thresholds.optional(),
});

/** A policy of dialect C (CAWS 11–12) as its file has it. */
export const policyCShape = z.strictObject({
  version: z.literal(1),
  risk_tiers: z.strictObject({ 1: tier, 2: tier, 3: tier }),
  gates: z.strictObject({
    budget_limit: gate,
    spec_completeness: gate,
    scope_boundary: gate,
    god_object: gate.optional(),
    todo_detection: gate.optional(),
  }),
  waivers: z
    .strictObject({
      min_approvers_for_budget_raise: z.number().int().min(1).optional(),
      max_active_waivers_per_gate: count.optional(),
      default_expiry_days: z.number().int().min(1).optional(),
    })
    .optional(),
  non_governed_zones: z.array(z.string().min(1)).optional(),
  non_governed_zones_force: z.boolean().optional(),
  root_passthrough: z.array(z.string().regex(/^[^/]+$/)).optional(),
  edit_rules: z
    .strictObject({
      policy_and_code_same_pr: z.boolean().optional(),
      require_signed_commits: z.boolean().optional(),
      require_dual_control_for_governance: z.boolean().optional(),
    })
    .optional(),
  agents: z
    .strictObject({ last_modified_paths_ttl_seconds: z.number().int().min(60).max(86_400).optional() })
    .optional(),
});
export type PolicyC = z.infer<typeof policyCShape>;

/**
 * A policy as Arbiter writes it, valid in dialects B and C: without `edit_rules`, whose number of approvers one dialect
 * asks for and the other forbids, and with budgets of at least 1.
 */
export const writtenPolicySchema = z
  .strictObject({
    ...policyCShape.omit({ edit_rules: true, agents: true }).shape,
    risk_tiers: z.strictObject({ 1: writtenTier, 2: writtenTier, 3: writtenTier }),
  })
  .meta({ id: 'PolicyFile' });
