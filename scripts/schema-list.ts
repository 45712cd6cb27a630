import { z } from 'zod';
import { examineOutputSchema } from '../src/app/adjudicate/examine.js';
import { measurementSchema } from '../src/app/adjudicate/measure.js';
import { fileCheckSchema } from '../src/app/constitution/check-files.js';
import { ledgerAuditSchema } from '../src/app/ledger/audit/audit.js';
import { ledgerErasureSchema } from '../src/app/ledger/erase.js';
import { ledgerExportSchema } from '../src/app/ledger/export.js';
import { ledgerProofSchema } from '../src/app/ledger/prove.js';
import { ledgerStateSchema } from '../src/app/ledger/show.js';
import { ledgerVerificationSchema } from '../src/app/ledger/verification.js';
import { ledgerCosignatureSchema } from '../src/app/ledger/witness.js';
import { entrySchema } from '../src/core/ledger/entry.js';
import { arbiterConfigSchema } from '../src/core/caws/arbiter-config.js';
import { changeSchema } from '../src/core/caws/change.js';
import { newSpecSchema, writtenSpecSchema } from '../src/core/caws/dialects/compose-spec.js';
import { writtenWaiverSchema } from '../src/core/caws/dialects/compose-waiver.js';
import { writtenPolicySchema } from '../src/core/caws/dialects/policy-c-shape.js';
import { examinationSchema } from '../src/core/caws/examine/examination.js';
import { findingSchema } from '../src/core/caws/finding.js';
import { exportLineSchema } from '../src/app/registry/export-agents.js';
import { agentShownSchema } from '../src/app/registry/show-agent.js';
import { agentProfileSchema } from '../src/core/registry/agent-profile.js';
import { dataCardSchema } from '../src/core/learning/data-card.js';
import { dataPointSchema } from '../src/core/learning/data-point.js';
import { outcomeSchema } from '../src/core/learning/outcome.js';
import { foreignLineSchema } from '../src/core/rollout/foreign-log.js';
import { observationSchema } from '../src/core/rollout/observation.js';
import { trackReconcileSchema } from '../src/app/learning/track-reconcile.js';
import { trackReportSchema } from '../src/core/learning/report.js';
import { trackOutcomesSchema } from '../src/app/learning/track-outcomes.js';
import { trackStatusSchema } from '../src/app/learning/track-status.js';
import { trackTidySchema } from '../src/app/learning/track-tidy.js';
import { rolloutEventSchema } from '../src/core/rollout/rollout-event.js';
import { rolloutSchema } from '../src/core/rollout/rollout.js';
import { benchmarkSchema } from '../src/core/routing/prior.js';
import { routeDecisionSchema } from '../src/core/routing/decision.js';
import { offPolicyReportSchema } from '../src/core/routing/off-policy.js';
import { policyOptionsSchema } from '../src/core/routing/policy-options.js';
import { policyStateSchema } from '../src/core/routing/policy.js';
import { taskEventSchema } from '../src/core/tasks/task-event.js';
import { taskSchema } from '../src/core/tasks/task.js';
import { shadowReportSchema } from '../src/app/rollout/ingest-shadow.js';
import { driftReportSchema } from '../src/app/rollout/watch-drift.js';
import { rolloutReportSchema } from '../src/app/rollout/rollout-report.js';
import { routeEvaluationSchema, routeExplanationSchema } from '../src/app/routing/operations.js';
import { routeReplaySchema } from '../src/app/routing/tell-decision.js';
import { runOutputSchema } from '../src/app/tasks/run-task.js';
import { taskReportSchema } from '../src/app/tasks/task-report.js';
import { waiverReportSchema } from '../src/app/waivers/waiver-report.js';
import { runtimeStatusSchema } from '../src/app/workers/operations.js';
import { pleaSchema } from '../src/core/caws/plea.js';
import { revocationsSchema } from '../src/core/caws/keys/revocations.js';
import { verdictSchema } from '../src/core/caws/verdict/verdict.js';
import { verdictVerificationSchema } from '../src/core/caws/verdict/verification.js';
import { publishOutputSchema } from '../src/app/adjudicate/publish/publish.js';
import { whyReportSchema } from '../src/core/caws/publication/why-report.js';
import { auditReportSchema } from '../src/core/caws/publication/audit-report.js';
import { rangeReportSchema } from '../src/core/caws/publication/range-report.js';
import { recordingSchema } from '../src/core/tasks/recording.js';

interface Entry {
  readonly schema: z.ZodType;
  /** `input` for files that people write (defaults may be left out), `output` for what Arbiter writes. */
  readonly io: 'input' | 'output';
  readonly title: string;
}

const entries: Readonly<Record<string, Entry>> = {
  'agent-profile': { schema: agentProfileSchema, io: 'input', title: 'An agent, as `arbiter agents add` stores it' },
  'agent-export-line': {
    schema: exportLineSchema,
    io: 'output',
    title: 'A line of what `arbiter agents export` writes',
  },
  'agent-shown': { schema: agentShownSchema, io: 'output', title: 'What `arbiter agents show --json` prints' },
  'arbiter-config': { schema: arbiterConfigSchema, io: 'input', title: '.caws/arbiter.yaml' },
  'benchmark-results': {
    schema: benchmarkSchema,
    io: 'input',
    title: 'Results of a benchmark, as priors are imported',
  },
  change: { schema: changeSchema, io: 'output', title: 'A measured change' },
  examination: { schema: examinationSchema, io: 'output', title: 'What an examination found' },
  'examine-result': { schema: examineOutputSchema, io: 'output', title: 'What `arbiter examine --json` prints' },
  'file-check': { schema: fileCheckSchema, io: 'output', title: 'An entry of `arbiter spec check --json`' },
  finding: { schema: findingSchema, io: 'output', title: 'A finding' },
  'ledger-cosignature': {
    schema: ledgerCosignatureSchema,
    io: 'output',
    title: 'What `arbiter ledger witness --json` prints',
  },
  'ledger-entry': { schema: entrySchema, io: 'output', title: 'An entry of the ledger' },
  'ledger-audit': { schema: ledgerAuditSchema, io: 'output', title: 'What `arbiter ledger audit --json` prints' },
  'ledger-erasure': { schema: ledgerErasureSchema, io: 'output', title: 'What `arbiter ledger erase --json` prints' },
  'ledger-export': { schema: ledgerExportSchema, io: 'output', title: 'What `arbiter ledger export --json` prints' },
  'ledger-proof': { schema: ledgerProofSchema, io: 'output', title: 'What `arbiter ledger prove --json` prints' },
  'ledger-state': { schema: ledgerStateSchema, io: 'output', title: 'What `arbiter ledger show --json` prints' },
  'ledger-verification': {
    schema: ledgerVerificationSchema,
    io: 'output',
    title: 'What `arbiter ledger verify --json` prints',
  },
  measurement: { schema: measurementSchema, io: 'output', title: 'What `arbiter measure --json` prints' },
  'new-spec': { schema: newSpecSchema, io: 'input', title: 'What `arbiter spec new` asks for' },
  'off-policy-report': { schema: offPolicyReportSchema, io: 'output', title: 'What another policy would have earned' },
  plea: { schema: pleaSchema, io: 'input', title: 'A worker’s plea' },
  policy: { schema: writtenPolicySchema, io: 'input', title: '.caws/policy.yaml, valid in CAWS dialects B and C' },
  'policy-options': { schema: policyOptionsSchema, io: 'input', title: 'Which routing policy chooses, and how' },
  'policy-state': { schema: policyStateSchema, io: 'output', title: 'What a routing policy remembers' },
  'publish-result': { schema: publishOutputSchema, io: 'output', title: 'What `arbiter publish --json` prints' },
  'why-report': { schema: whyReportSchema, io: 'output', title: 'What `arbiter why FILE[:LINE] --json` prints' },
  'audit-report': { schema: auditReportSchema, io: 'output', title: 'What `arbiter audit --json` prints' },
  'range-report': { schema: rangeReportSchema, io: 'output', title: 'What `arbiter verify BASE..HEAD --json` prints' },
  'data-card': { schema: dataCardSchema, io: 'output', title: 'What `arbiter track export --json` prints' },
  'data-point': {
    schema: dataPointSchema,
    io: 'output',
    title: 'A data point of a task, a line of `arbiter track export`',
  },
  'track-outcomes': { schema: trackOutcomesSchema, io: 'output', title: 'What `arbiter track outcomes --json` prints' },
  'track-report': { schema: trackReportSchema, io: 'output', title: 'What `arbiter track report --json` prints' },
  'track-status': { schema: trackStatusSchema, io: 'output', title: 'What `arbiter track status --json` prints' },
  'track-reconcile': {
    schema: trackReconcileSchema,
    io: 'output',
    title: 'What `arbiter track reconcile --json` prints',
  },
  'track-tidy': { schema: trackTidySchema, io: 'output', title: 'What `arbiter track tidy --json` prints' },
  outcome: { schema: outcomeSchema, io: 'output', title: 'What an execution came to, as learners take it' },
  recording: { schema: recordingSchema, io: 'input', title: 'A recording that the replay worker plays' },
  'revoked-keys': { schema: revocationsSchema, io: 'input', title: '.caws/keys/revoked.yaml' },
  rollout: { schema: rolloutSchema, io: 'output', title: 'A rollout as its events have left it' },
  'rollout-observation': {
    schema: observationSchema,
    io: 'input',
    title: 'A line that `arbiter rollout observe` takes',
  },
  'rollout-report': {
    schema: rolloutReportSchema,
    io: 'output',
    title: 'A rollout as `arbiter rollout … --json` shows it',
  },
  'foreign-line': { schema: foreignLineSchema, io: 'input', title: 'A line that `arbiter shadow ingest` takes' },
  'shadow-report': { schema: shadowReportSchema, io: 'output', title: 'What `arbiter shadow ingest --json` prints' },
  'drift-report': { schema: driftReportSchema, io: 'output', title: 'What `arbiter rollout drift --json` prints' },
  'rollout-event': { schema: rolloutEventSchema, io: 'output', title: 'Something that happened to a rollout' },
  'route-evaluation': {
    schema: routeEvaluationSchema,
    io: 'output',
    title: 'What `arbiter route evaluate --json` prints',
  },
  'route-explanation': {
    schema: routeExplanationSchema,
    io: 'output',
    title: 'What `arbiter route explain --json` and `arbiter route list --json` print',
  },
  'route-replay': { schema: routeReplaySchema, io: 'output', title: 'An entry of `arbiter route replay --json`' },
  'route-decision': { schema: routeDecisionSchema, io: 'output', title: 'A decision of the router' },
  'run-result': { schema: runOutputSchema, io: 'output', title: 'What `arbiter run --json` prints' },
  'runtime-status': { schema: runtimeStatusSchema, io: 'output', title: 'What `arbiter status --json` prints' },
  task: { schema: taskSchema, io: 'output', title: 'A task as its events have left it' },
  'task-event': { schema: taskEventSchema, io: 'output', title: 'Something that happened to a task' },
  'task-report': { schema: taskReportSchema, io: 'output', title: 'What `arbiter task show --json` prints' },
  verdict: { schema: verdictSchema, io: 'output', title: 'verdict.yaml' },
  'verdict-verification': {
    schema: verdictVerificationSchema,
    io: 'output',
    title: 'What `arbiter verdict verify --json` found',
  },
  waiver: {
    schema: writtenWaiverSchema,
    io: 'input',
    title: '.caws/waivers/<id>.yaml, valid in CAWS dialects B and C',
  },
  'waiver-report': { schema: waiverReportSchema, io: 'output', title: 'What `arbiter waiver show --json` prints' },
  'working-spec': {
    schema: writtenSpecSchema,
    io: 'input',
    title: '.caws/specs/<id>.yaml, valid in CAWS dialects B and C',
  },
};

/** The texts of the schema files by name, sorted. The same sources give the same bytes. */
export function jsonSchemas(): Map<string, string> {
  return new Map(
    Object.entries(entries).map(([name, { schema, io, title }]) => {
      const { $schema, ...body } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' });
      const json = { $schema, title, ...body };
      return [`${name}.schema.json`, `${JSON.stringify(json, null, 2)}\n`];
    }),
  );
}
