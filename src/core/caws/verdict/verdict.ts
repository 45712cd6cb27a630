import { z } from 'zod';
import { isWellFormed } from '../../digest.js';
import { ulidPattern } from '../../ids.js';
import { gateKindSchema } from '../arbiter-config.js';
import { severitySchema } from '../finding.js';
import { gateOutcomeSchema } from '../gate/gate-outcome.js';
import { trustSchema } from '../keys/judge-trust.js';
import { dialectSchema, riskTierSchema } from '../working-spec.js';
import { findContradictions } from './contradictions.js';
import { findVersionFaults } from './version-fields.js';

const text = z.string().refine(isWellFormed, 'holds half of a surrogate pair');
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const gitId = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/);
const instant = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const count = z.int().nonnegative();
const size = z.strictObject({ files: count, loc: count });

export const outcomeSchema = z.enum(['PASS', 'FAIL', 'WAIVER_REQUIRED']);
export type Outcome = z.infer<typeof outcomeSchema>;

/** Why a verdict only advises. A `trust-root` reason also keeps it from being signed (constitution §3, Trust root). */
export const advisoryReasonSchema = z.strictObject({
  kind: z.enum(['trust-root', 'waiver-single-use', 'sandbox', 'other']),
  message: text.min(1),
});
export type AdvisoryReason = z.infer<typeof advisoryReasonSchema>;

/** A finding as the verdict records it; `waived_by` is the waiver that lifted it, which is never the same as solved. */
export const recordedFindingSchema = z.strictObject({
  rule: text.min(1),
  clause: text.min(1),
  severity: severitySchema,
  path: text.nullable(),
  line: z.int().positive().nullable(),
  message: text.min(1),
  why: text.min(1),
  mend: text.min(1),
  waived_by: text.nullable(),
});
export type RecordedFinding = z.infer<typeof recordedFindingSchema>;

const recordedGateSchema = z.strictObject({
  name: text,
  kind: gateKindSchema,
  mandatory: z.boolean(),
  outcome: gateOutcomeSchema.shape.outcome,
  reason: text.nullable(),
  argv_sha256: sha256.nullable(),
  toolchain_sha256: sha256.nullable(),
  sandbox: gateOutcomeSchema.shape.sandbox,
  started: instant.nullable(),
  ended: instant.nullable(),
  exit: z.int().nullable(),
  executed_count: count.nullable(),
  report_sha256: sha256.nullable(),
  tripwire: gateOutcomeSchema.shape.tripwire,
  baseline: gateOutcomeSchema.shape.baseline,
  metrics: z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]*$/), z.int()),
});

const leanedWaiverSchema = z.strictObject({
  id: text.min(1),
  sha256,
  approver_key_id: text.min(1),
  expires: instant,
  consumed_by: text.nullable().describe('The verdict that spent it, null while single use is not enforced.'),
  single_use: z.enum(['enforced', 'unenforced']),
});

/** Exactly which waiver would lift a finding: `gate` is the name to write under `gates:` of the waiver. */
export const neededWaiverSchema = z.strictObject({
  rule: text.min(1),
  gate: text.min(1),
  clause: text.min(1),
  paths: z.array(text).describe('Sorted; empty where the whole change is meant.'),
  paths_omitted: count,
});
export type NeededWaiver = z.infer<typeof neededWaiverSchema>;

/** Who made the change as they named themselves, and of version 2 on what Arbiter itself handed out, got and metered. */
const recordedWorkerSchema = z.strictObject({
  agent: text,
  version: text,
  model: text,
  prompt_sha256: sha256.nullable().exactOptional().describe('The prompt as it was sent.'),
  transcript_sha256: sha256.nullable().exactOptional(),
  output_sha256: sha256.nullable().exactOptional().describe('The patch as it was handed in.'),
  tokens: z.strictObject({ input: count, output: count }).nullable().exactOptional(),
  cost_micro_usd: count.nullable().exactOptional(),
});

/** How one of several candidates was singled out. Null where there was one: nothing was chosen then. */
const judgeSchema = z.strictObject({
  candidates: z.int().min(2).describe('How many of the attempt pleaded.'),
  candidate: count.describe('Index of the one that this verdict is about.'),
  method: text.min(1),
});

/**
 * What Arbiter signs: the predicate of design ledger.md, "Formats", as far as this version measures it. Integers only.
 * What could not be measured is null, and a PASS lacks nothing.
 */
export const verdictSchema = z
  .strictObject({
    version: z.union([z.literal(1), z.literal(2)]).describe('2 since the fields that 1 lacks; each is whole.'),
    verdict_id: z.string().regex(ulidPattern),
    verdict: outcomeSchema,
    trust: trustSchema,
    advisory: z.boolean(),
    advisory_reasons: z.array(advisoryReasonSchema),
    repo_id: text.min(1),
    task_id: text.nullable(),
    attempt: count.nullable(),
    nonce: z.string().regex(/^[0-9a-f]{32,64}$/),
    spec: z.strictObject({ id: text, sha256, dialect: dialectSchema, risk_tier: riskTierSchema }).nullable(),
    policy: z.strictObject({ sha256: sha256.nullable(), config_sha256: sha256.nullable() }),
    base: z.strictObject({ commit: gitId, tree: gitId }).nullable(),
    change: z.strictObject({ tree: gitId, content_sha256: sha256, diff_sha256: sha256.nullable() }).nullable(),
    budgets: z.strictObject({ limits: size, measured: size, source: text, method: text }).nullable(),
    scope: z.strictObject({ sha256, violations: count }).nullable(),
    sandbox: z.enum(['bubblewrap', 'none']).nullable().describe('Null when no gate ran.'),
    gates: z.array(recordedGateSchema),
    findings: z.array(recordedFindingSchema).describe('Gravest first, open before waived.'),
    findings_omitted: count.describe('Findings less grave than these, left out for length.'),
    waivers: z.array(leanedWaiverSchema).describe('Every waiver that the outcome leaned on.'),
    waivers_refused: z.array(z.strictObject({ id: text, sha256, reason: text, detail: text })),
    waivers_needed: z.array(neededWaiverSchema),
    worker: recordedWorkerSchema.nullable(),
    judge: judgeSchema.nullable().exactOptional(),
    plan_sha256: sha256.nullable(),
    rationale_sha256: sha256.nullable(),
    evidence_sha256: sha256.nullable(),
    prev_verdict_sha256: sha256
      .nullable()
      .exactOptional()
      .describe('verdict.yaml of the verdict before, of the same task.'),
    clock: z.strictObject({
      wall: instant,
      monotonic_ms: count
        .nullable()
        .exactOptional()
        .describe('Of the machine: grows whatever is done to the wall clock.'),
      log_size_before: count
        .nullable()
        .exactOptional()
        .describe('Entries of this store’s log then; null outside of a task.'),
    }),
    engine: z.strictObject({ arbiter: text, git: text, node: text }),
  })
  .superRefine((verdict, context) => {
    const found = [...findContradictions(verdict), ...findVersionFaults(verdict)];
    for (const { path, message } of found) context.addIssue({ code: 'custom', path, message });
  })
  .meta({ id: 'Verdict' });
export type Verdict = z.infer<typeof verdictSchema>;
