import { z } from 'zod';
import { acceptanceId, dateTime, fiveModes, specIdPattern, text, tierNumber } from './spec-fields.js';

const specId = z.string().regex(specIdPattern);

const contract = z.strictObject({
  name: text,
  type: z.enum(['api', 'schema', 'contract-test', 'behavior']),
  path: z.string().optional(),
  description: z.string().optional(),
});

const criterion = z.strictObject({
  id: acceptanceId,
  given: text,
  when: text,
  then: text,
  test_command: z.string().optional(),
  test_nodeids: z.array(z.string()).optional(),
  evidence: z.string().optional(),
  narrative: z.string().optional(),
});

const evidence = z.strictObject({
  criterion_id: text,
  status: text,
  evidence_ref: text,
  recorded_at: dateTime,
  command: z.string().optional(),
  exit_code: z.number().int().optional(),
  commit_sha: z.string().optional(),
  test_nodeid: z.string().optional(),
  waiver_reason: z.string().optional(),
});

const successor = z.strictObject({
  target_spec_id: specId,
  disposition: z.enum(['required', 'declined', 'absorbed']),
  rationale: text.optional(),
  absorbed_by: specId.optional(),
});

const blocker = z.strictObject({ reason: text, waiting_on: z.string().optional(), since: dateTime.optional() });

/** A working spec of dialect C (CAWS 11–12) as its file has it. */
export const specCShape = z.strictObject({
  id: specId,
  title: z.string().min(1).max(200),
  risk_tier: tierNumber,
  mode: fiveModes,
  lifecycle_state: z.enum(['draft', 'active', 'closed', 'archived']),
  resolution: z.enum(['completed', 'superseded', 'abandoned']).optional(),
  blockers: z.array(blocker).optional(),
  supersedes: specId.optional(),
  superseded_by: specId.optional(),
  successors: z.array(successor).optional(),
  worktree: z
    .string()
    .regex(/^[a-zA-Z0-9_-]+$/)
    .optional(),
  operational_rollback_slo: z.string().optional(),
  blast_radius: z.strictObject({ modules: z.array(text).min(1), data_migration: z.boolean().optional() }),
  scope: z.strictObject({
    in: z.array(text).min(1),
    out: z.array(text.regex(/^[^*?]*$/)).optional(),
    support: z.array(text).optional(),
  }),
  invariants: z.array(text).min(1),
  acceptance: z.array(criterion).min(1),
  non_functional: z.strictObject({
    performance: z.array(z.string()).optional(),
    security: z.array(z.string()).optional(),
    accessibility: z.array(z.string()).optional(),
    reliability: z.array(z.string()).optional(),
  }),
  contracts: z.array(contract),
  observability: z.array(z.string()).optional(),
  rollback: z.array(z.string()).optional(),
  experimental_mode: z.strictObject({ enabled: z.boolean(), rationale: text, expires_at: dateTime }).optional(),
  evidence: z.array(evidence).optional(),
  created_at: dateTime.optional(),
  updated_at: dateTime.optional(),
  owner: z.string().optional(),
  closure_notes: z.string().optional(),
});
export type SpecC = z.infer<typeof specCShape>;
