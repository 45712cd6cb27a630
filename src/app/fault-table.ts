import type { CanonicalJsonFaultCode } from '../core/canonical-json.js';
import type { VerdictFaultCode } from '../core/caws/verdict/verdict-yaml.js';
import type { DigestFaultCode } from '../core/digest.js';
import type { IdFaultCode } from '../core/ids.js';
import type { RoutingFaultCode } from '../core/routing/routing-fault.js';
import type { TimeFaultCode } from '../core/time.js';
import type { ReportFaultCode } from '../core/caws/gate/report.js';
import type { DocumentFaultCode } from '../ports/documents.js';
import type { EngineFaultCode } from '../ports/engine.js';
import type { FilesFaultCode } from '../ports/files.js';
import type { GitFaultCode } from '../ports/git.js';
import type { KeyringFaultCode } from '../ports/keyring.js';
import type { LedgerFaultCode } from '../ports/ledger-log.js';
import type { PointFaultCode } from '../ports/point-store.js';
import type { PublishedFaultCode } from '../ports/published-log.js';
import type { AgentImportFaultCode } from './registry/import-agents.js';
import type { RegistryFaultCode } from '../ports/registry-store.js';
import type { AgentNameFaultCode } from './registry/missing-agent.js';
import type { RuntimeFaultCode } from '../ports/runtime.js';
import type { SandboxFaultCode } from '../ports/sandbox.js';
import type { ScratchFaultCode } from '../ports/scratch.js';
import type { SignerFaultCode } from '../ports/signer.js';
import type { RolloutStoreFaultCode } from '../ports/rollout-store.js';
import type { StoreFaultCode } from '../ports/task-store.js';
import type { ContentFaultCode } from '../ports/content-store.js';
import type { RouteStoreFaultCode } from '../ports/route-store.js';
import type { WaiverStoreFaultCode } from '../ports/waiver-store.js';
import type { WorkerFaultCode } from '../ports/worker.js';
import type { CandidateFaultCode } from './adjudicate/candidate.js';
import type { SpecChoiceFaultCode } from './adjudicate/choose-spec.js';
import type { PleaFaultCode } from './adjudicate/read-plea.js';
import type { PublicationFaultCode } from './adjudicate/publish/choose-branch.js';
import type { PublisherFaultCode } from './adjudicate/publish/load-publisher.js';
import type { VerdictFolderFaultCode } from './adjudicate/publish/verdict-folder.js';
import type { AuditFaultCode } from './audit/find-start.js';
import type { ReadjudicateFaultCode } from './audit/readjudicate.js';
import type { HookFaultCode } from './hook/install.js';
import type { RootKeyFaultCode } from './verify-range/root-key.js';
import type { RangeFaultCode } from './verify-range/verify-range.js';
import type { WhyFaultCode } from './why/locate-lines.js';
import type { SpecFaultCode } from './constitution/find-spec.js';
import type { ExportPointsFaultCode } from './learning/track-export.js';
import type { ExportFaultCode } from './ledger/export.js';
import type { LogKeyFaultCode } from './ledger/log-key.js';
import type { CheckpointFaultCode } from './ledger/read-published.js';
import type { RecordedCheckpointFaultCode } from './ledger/recorded-checkpoint.js';
import type { WitnessFaultCode } from './ledger/witness.js';
import type { NewSpecFaultCode } from './constitution/new-spec.js';
import type { KeysFaultCode } from './keys/keys-fault.js';
import type { CascadeFaultCode } from '../core/routing/cascade/outlook.js';
import type { DecompositionFaultCode } from '../core/tasks/decompose.js';
import type { TaskFaultCode } from './tasks/answer-task.js';
import type { RecordFaultCode } from './tasks/gather-attempts.js';
import type { GatesFaultCode } from './gates/check-gates.js';
import type { RolloutStoryFaultCode } from '../core/rollout/apply-rollout-event.js';
import type { RolloutEndFaultCode } from './rollout/decide-rollout.js';
import type { RolloutSubjectFaultCode } from './rollout/name-subject.js';
import type { PolicyWordFaultCode } from '../core/routing/policy-word.js';
import type { RecordBundleFaultCode } from './verdict/record-bundle.js';
import type { WaiverFaultCode } from './waivers/waiver-law.js';
import type { ConfigurationFaultCode } from './gates/load-configuration.js';

/** Every code that a `Fault` of ours may carry, gathered from the rooms that declare them. */
export type FaultCode =
  | AgentImportFaultCode
  | AuditFaultCode
  | ReadjudicateFaultCode
  | CandidateFaultCode
  | CanonicalJsonFaultCode
  | CascadeFaultCode
  | CheckpointFaultCode
  | ConfigurationFaultCode
  | ContentFaultCode
  | DecompositionFaultCode
  | DigestFaultCode
  | DocumentFaultCode
  | EngineFaultCode
  | ExportFaultCode
  | ExportPointsFaultCode
  | FilesFaultCode
  | GatesFaultCode
  | GitFaultCode
  | IdFaultCode
  | KeyringFaultCode
  | LedgerFaultCode
  | LogKeyFaultCode
  | KeysFaultCode
  | NewSpecFaultCode
  | PleaFaultCode
  | PointFaultCode
  | PublishedFaultCode
  | RecordBundleFaultCode
  | RecordedCheckpointFaultCode
  | HookFaultCode
  | PublicationFaultCode
  | PublisherFaultCode
  | RangeFaultCode
  | WhyFaultCode
  | RootKeyFaultCode
  | VerdictFolderFaultCode
  | RecordFaultCode
  | ReportFaultCode
  | RegistryFaultCode
  | AgentNameFaultCode
  | RoutingFaultCode
  | RolloutEndFaultCode
  | RolloutStoreFaultCode
  | RolloutStoryFaultCode
  | RolloutSubjectFaultCode
  | PolicyWordFaultCode
  | RuntimeFaultCode
  | SandboxFaultCode
  | ScratchFaultCode
  | SignerFaultCode
  | SpecChoiceFaultCode
  | SpecFaultCode
  | StoreFaultCode
  | TaskFaultCode
  | TimeFaultCode
  | VerdictFaultCode
  | WitnessFaultCode
  | WaiverFaultCode
  | RouteStoreFaultCode
  | WaiverStoreFaultCode
  | WorkerFaultCode;

/** Exit code 3: the caller can mend it by asking otherwise. 4: the machine or the repository stands in the way. */
interface FaultFace {
  readonly exit: 3 | 4;
  readonly http: number;
  /** JSON-RPC error code as MCP uses it. */
  readonly mcp: -32602 | -32603;
}

const asked: FaultFace = { exit: 3, http: 400, mcp: -32602 };
const missing: FaultFace = { exit: 3, http: 404, mcp: -32602 };
const taken: FaultFace = { exit: 3, http: 409, mcp: -32602 };
const broken: FaultFace = { exit: 4, http: 500, mcp: -32603 };
const busy: FaultFace = { exit: 4, http: 429, mcp: -32603 };
const lacking: FaultFace = { exit: 4, http: 503, mcp: -32603 };

/** One exhaustive table (house rule 5): a new code does not compile until it has a place here. */
export const faultTable: Readonly<Record<FaultCode, FaultFace>> = {
  AGENT_CANCELLED: broken,
  AGENT_FILE_INVALID: asked,
  AGENT_FAILED: broken,
  AGENT_MISSING: lacking,
  AGENT_REFUSED_KEY: lacking,
  AGENT_RESTING: busy,
  AGENT_UNREADABLE: taken,
  AGENT_UNKNOWN: missing,
  BACKUP_INVALID: asked,
  BASE_MOVED: taken,
  BASE_NOT_ANCESTOR: asked,
  BOUND_REACHED: broken,
  CASCADE_INPUT_INVALID: asked,
  CHECKPOINT_INVALID: asked,
  BRANCH_CHECKED_OUT: taken,
  CLOCK_BEFORE_BASE: lacking,
  CLONE_LOST: broken,
  CONFIGURATION_INVALID: asked,
  CONTENT_ERASED: taken,
  CONTENT_IN_USE: taken,
  CONTENT_MISSING: broken,
  CONTENT_UNKNOWN: missing,
  DATABASE_FAILED: lacking,
  DATABASE_MISSING: lacking,
  DATABASE_UNSAFE: lacking,
  DECISION_UNKNOWN: missing,
  DECOMPOSITION_INVALID: asked,
  DISK_FULL: lacking,
  ERASURE_INVALID: asked,
  ENDPOINT_BUSY: busy,
  ENDPOINT_DOWN: lacking,
  ENGINE_UNAVAILABLE: lacking,
  EXECUTOR_TAKEN: lacking,
  EXPORT_DIFFERS: taken,
  EXPORT_TOO_LARGE: asked,
  FILE_EXISTS: taken,
  FILE_MISSING: missing,
  FILE_TOO_LARGE: asked,
  FILE_UNREADABLE: asked,
  GIT_FAILED: broken,
  GIT_MISSING: lacking,
  GIT_TIMEOUT: broken,
  GIT_TOO_OLD: lacking,
  HOOK_FOREIGN: taken,
  AUDIT_UNGOVERNED: asked,
  COMMIT_WITHOUT_PARENT: asked,
  HOOK_UNSUITABLE: asked,
  ID_INVALID: broken,
  JSON_NOT_CANONICAL: broken,
  KEYRING_UNTRUSTED: lacking,
  KEY_EXISTS: taken,
  KEY_EXPOSED: asked,
  KEY_INSIDE_REPOSITORY: asked,
  KEY_MISSING: missing,
  KEY_NAME_WANTED: asked,
  KEY_SHARED: asked,
  KEY_UNKNOWN: missing,
  KEY_UNREADABLE: asked,
  LEDGER_CONFLICT: taken,
  LEDGER_CORRUPT: broken,
  LEDGER_ENTRY_TOO_LARGE: asked,
  LEDGER_ENTRY_UNKNOWN: missing,
  LEDGER_ORIGIN_DIFFERS: taken,
  LEDGER_ROLLED_BACK: lacking,
  LOG_KEY_INVALID: asked,
  LOG_KEY_SHARED: asked,
  KEY_WITHIN_SANDBOX: asked,
  MODEL_RUNTIME_MISSING: lacking,
  MONTH_OPEN: asked,
  NOTHING_CHANGED: asked,
  NOTHING_EDITED: broken,
  NOTHING_RECORDED: asked,
  NOT_A_REPOSITORY: asked,
  NO_GATES: missing,
  PATCH_DOES_NOT_APPLY: asked,
  PINNED_ROOT_DIFFERS: taken,
  PINNED_ROOT_UNREADABLE: lacking,
  PLAN_UNREADABLE: broken,
  PLEA_INVALID: asked,
  POINT_INSTANT_INVALID: lacking,
  PRICE_UNKNOWN: asked,
  PUBLISHED_LOG_REFUSED: asked,
  PUBLISHED_LOG_UNREADABLE: lacking,
  PROTECTED_REF_ELSEWHERE: asked,
  PUBLISH_KEY_UNKNOWN: asked,
  QUEUE_FULL: busy,
  RANGE_INVALID: asked,
  WHY_FILE_UNKNOWN: asked,
  WHY_LINE_OUT_OF_RANGE: asked,
  WHY_FILE_BINARY: asked,
  RECORDING_INVALID: asked,
  REF_MOVED: taken,
  REPORT_UNPARSEABLE: broken,
  RESTORE_NOT_EMPTY: taken,
  REVOCATION_AHEAD: asked,
  POLICY_WORD_INVALID: asked,
  ROLLOUT_ENDED: taken,
  ROLLOUT_RUNNING: taken,
  ROLLOUT_STORY_INVALID: broken,
  ROLLOUT_SUBJECT_UNKNOWN: asked,
  ROLLOUT_UNKNOWN: missing,
  ROOT_ROTATES_BY_HAND: asked,
  ROOT_KEY_INVALID: asked,
  ROUTING_INPUT_INVALID: broken,
  SANDBOX_FAILED: broken,
  SANDBOX_UNAVAILABLE: lacking,
  SCRATCH_FAILED: broken,
  SIGNATURE_INVALID: broken,
  SPEC_AMBIGUOUS: asked,
  SPEC_INPUT_INVALID: asked,
  SPEC_MISSING: missing,
  SPEC_NOT_FOUND: missing,
  STORE_FAILED: broken,
  STORE_NEWER: lacking,
  STORE_UNAVAILABLE: lacking,
  TASK_ENDED: taken,
  TASK_MOVED_ON: broken,
  TASK_NOT_WAITING: taken,
  TASK_UNKNOWN: missing,
  TEXT_NOT_UNICODE: asked,
  TIME_INVALID: broken,
  UNKNOWN_REVISION: missing,
  UNKNOWN_WORKFLOW: missing,
  USAGE: asked,
  VERDICT_INVALID: broken,
  WITNESS_NAME_INVALID: asked,
  WITNESS_STATE_INVALID: asked,
  VERDICT_UNPUBLISHABLE: asked,
  WAIVER_EXISTS: taken,
  WAIVER_INVALID: asked,
  WAIVER_REFUSED: asked,
  WAIVER_SETTLED: taken,
  WAIVER_SIGNATURE_UNREADABLE: asked,
  WAIVER_UNKNOWN: missing,
  WORKFLOW_CANCELLED: broken,
  WORKFLOW_FAILED: broken,
  WORK_UNMEASURABLE: broken,
  WRITE_FAILED: lacking,
  YAML_INVALID: asked,
  YAML_REFUSED: asked,
};

/** The exit code of a fault; one that the table does not know is a defect, and exits as a fault. */
export function exitCodeOf(code: string): 3 | 4 {
  return Object.entries(faultTable).find(([known]) => known === code)?.[1].exit ?? 4;
}
