import { z } from 'zod';
import type { Problem } from './problem.js';
import { renderYaml } from './render-yaml.js';
import { checkSpecB } from './spec-b.js';
import { specCShape } from './spec-c-shape.js';
import { checkSpecC } from './spec-c.js';
import { fiveModes, specIdPattern, text, tierNumber } from './spec-fields.js';

const texts = z.array(text).default([]);

/** What a person says to get a new spec. Tiers 1 and 2 ask for contracts, tier 1 for the last three lists as well. */
export const newSpecSchema = z
  .strictObject({
    id: z.string().regex(specIdPattern).describe('Capitals, then a number: FEAT-001.'),
    title: z.string().min(1).max(200),
    risk_tier: tierNumber.default(3),
    mode: fiveModes.default('feature'),
    scope_in: z.array(text).min(1).describe('Paths that may change.'),
    scope_out: texts.describe('Paths that may not, without * and ?.'),
    modules: texts.describe('What is touched; the scope when left out.'),
    data_migration: z.boolean().default(false),
    rollback_slo: text.default('30m'),
    invariants: z.array(text).min(1).describe('What must stay true.'),
    acceptance: z.array(z.strictObject({ given: text, when: text, then: text })).min(1),
    contracts: z
      .array(
        z.strictObject({
          name: text,
          type: z.enum(['api', 'schema', 'contract-test', 'behavior']).default('behavior'),
          path: text.optional(),
        }),
      )
      .default([]),
    observability: texts,
    rollback: texts,
    security: texts,
  })
  .meta({ id: 'NewSpec' });
export type NewSpec = z.infer<typeof newSpecSchema>;

/** A working spec as Arbiter writes it: valid in dialects B and C. What tiers ask for besides is no matter of shape. */
export const writtenSpecSchema = z
  .strictObject({ ...specCShape.shape, operational_rollback_slo: text })
  .meta({ id: 'WorkingSpecFile' });
export type WrittenSpec = z.infer<typeof writtenSpecSchema>;

/**
 * The text of a new spec, active, and everything for which B or C would refuse it (empty when neither does).
 * @param createdAt an instant such as 2026-11-20T09:00:00.000Z
 */
export function composeSpec(
  wanted: NewSpec,
  createdAt: string,
): { readonly text: string; readonly errors: readonly Problem[] } {
  const spec: WrittenSpec = {
    id: wanted.id,
    title: wanted.title,
    risk_tier: wanted.risk_tier,
    mode: wanted.mode,
    lifecycle_state: 'active',
    blast_radius: {
      modules: wanted.modules.length > 0 ? wanted.modules : wanted.scope_in,
      data_migration: wanted.data_migration,
    },
    operational_rollback_slo: wanted.rollback_slo,
    scope: { in: wanted.scope_in, out: wanted.scope_out },
    invariants: wanted.invariants,
    acceptance: wanted.acceptance.map((criterion, index) => ({ id: `A${index + 1}`, ...criterion })),
    non_functional: wanted.security.length > 0 ? { security: wanted.security } : {},
    contracts: wanted.contracts,
    ...(wanted.observability.length > 0 ? { observability: wanted.observability } : {}),
    ...(wanted.rollback.length > 0 ? { rollback: wanted.rollback } : {}),
    created_at: createdAt,
  };
  return { text: renderYaml(spec), errors: mergeProblems(checkSpecC(spec).errors, checkSpecB(spec).errors) };
}

// Both dialects often say the same; each place is named once.
function mergeProblems(...lists: readonly (readonly Problem[])[]): Problem[] {
  const byPath = new Map<string, Problem>();
  for (const problem of lists.flat()) if (!byPath.has(problem.path)) byPath.set(problem.path, problem);
  return [...byPath.values()];
}
