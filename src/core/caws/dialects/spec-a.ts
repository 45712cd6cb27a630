import { z } from 'zod';
import type { WorkingSpec } from '../working-spec.js';
import { normaliseSpec } from './normalise-spec.js';
import { type Checked, checkedOf } from './problem.js';
import { type IssueName, findShapeProblems } from './shape-problems.js';
import { acceptanceId, fiveModes, tierNumber } from './spec-fields.js';

const texts = z.array(z.string());
const count = z.number().int().min(1);

/** A working spec of dialect A (CAWS up to 3.3) as its file has it. */
const specAShape = z.strictObject({
  id: z.string().regex(/^[A-Z]+-\d+$/),
  title: z.string().min(8),
  risk_tier: tierNumber,
  mode: fiveModes,
  change_budget: z.object({ max_files: count, max_loc: count }),
  blast_radius: z.object({ modules: texts, data_migration: z.boolean() }),
  operational_rollback_slo: z.string().regex(/^\d+[mh]$/),
  threats: texts.optional(),
  scope: z.object({ in: texts.min(1), out: texts }),
  invariants: texts.min(1),
  acceptance: z.array(z.object({ id: acceptanceId, given: z.string(), when: z.string(), then: z.string() })).min(1),
  non_functional: z.object({
    a11y: texts.optional(),
    perf: z.object({ api_p95_ms: count.optional(), lcp_ms: count.optional() }).optional(),
    security: texts.optional(),
  }),
  contracts: z.array(z.object({ type: z.enum(['openapi', 'graphql', 'proto', 'pact']), path: z.string() })).min(1),
  observability: z.object({ logs: texts.optional(), metrics: texts.optional(), traces: texts.optional() }).optional(),
  migrations: texts.optional(),
  rollback: texts.optional(),
  experiment_mode: z.boolean().optional(),
  timeboxed_hours: count.optional(),
  human_override: z.looseObject({ approved_by: z.string(), reason: z.string() }).optional(),
  ai_assessment: z.looseObject({}).optional(),
});

const names: readonly IssueName[] = [
  { code: 'unknown', at: /^\/[^/]+$/, rule: 'spec.schema.forbidden_field.<key>' },
  {
    code: 'invalid_format',
    at: /^\/id$/,
    rule: 'spec.schema.id.pattern_violation',
    hint: 'write PREFIX-NUMBER: FEAT-001',
  },
  { code: 'too_small', at: /^\/scope\/in$/, rule: 'spec.schema.scope.in_empty' },
  { code: 'invalid_value', at: /^\/mode$/, rule: 'spec.schema.mode.unknown' },
  { code: 'invalid_value', at: /^\/risk_tier$/, rule: 'spec.schema.risk_tier.out_of_range' },
];

/**
 * Checks a working spec by the rules of dialect A (CAWS up to 3.3): closed at the top, open inside.
 * @see constitution §2
 */
export function checkSpecA(value: unknown): Checked<WorkingSpec> {
  const errors = findShapeProblems(specAShape, value, 'spec.schema.violation', names);
  return checkedOf(errors, [], () => normaliseSpec('A', value));
}
