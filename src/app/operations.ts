import { adjudicate } from './adjudicate/adjudicate.js';
import { examine } from './adjudicate/examine.js';
import { measure } from './adjudicate/measure.js';
import { policyCheck, specCheck, specNew } from './constitution/operations.js';
import { demo } from './demo/demo.js';
import { demoRouting } from './demo/demo-routing.js';
import { checkGates } from './gates/check-gates.js';
import { listGates } from './gates/list-gates.js';
import { init } from './init/init.js';
import {
  ledgerAudit,
  ledgerErase,
  ledgerExport,
  ledgerProve,
  ledgerShow,
  ledgerVerify,
  ledgerWitness,
} from './ledger/operations.js';
import { keysExportSigners } from './keys/export-signers.js';
import { keysList } from './keys/list-keys.js';
import { keysInit } from './keys/make-keys.js';
import { keysRevoke } from './keys/revoke-key.js';
import { keysRotate } from './keys/rotate-key.js';
import type { Operation } from './operation.js';
import { agentsAdd, agentsList, agentsRemove } from './agents/operations.js';
import { agentsDrain, agentsResume, agentsRetire, agentsSwap } from './registry/change-operations.js';
import { agentsExport } from './registry/export-agents.js';
import { agentsImport } from './registry/import-agents.js';
import { agentsQuarantine } from './registry/quarantine.js';
import { agentsShow } from './registry/show-agent.js';
import { agentsCheck } from './agents/check-agent.js';
import { trackOperations } from './learning/operations.js';
import { publicationOperations } from './publication-operations.js';
import { routeEvaluate, routeExplain, routeList, routeReplay } from './routing/operations.js';
import { dbBackup, dbMigrate, dbRestore, dbStatus } from './store/operations.js';
import { taskCancel, taskList, taskLogs, taskRecord, taskResume, taskShow, taskWatch } from './tasks/operations.js';
import { rolloutAbort, rolloutPromote } from './rollout/decide-rollout.js';
import { shadowIngest } from './rollout/ingest-shadow.js';
import { rolloutObserve } from './rollout/observe-lines.js';
import { rolloutStatus } from './rollout/operations.js';
import { rolloutStart } from './rollout/start-rollout.js';
import { rolloutDrift } from './rollout/watch-drift.js';
import { runTask } from './tasks/run-task.js';
import { verify } from './verdict/verify.js';
import {
  waiverApprove,
  waiverDeny,
  waiverList,
  waiverRequest,
  waiverRevoke,
  waiverShow,
} from './waivers/operations.js';
import { down, status, up } from './workers/operations.js';

/** The one operations table (house rule 7): everything that Arbiter does, for every surface. */
export const operations = {
  measure,
  examine,
  adjudicate,
  init,
  'spec check': specCheck,
  'spec new': specNew,
  'policy check': policyCheck,
  'gates list': listGates,
  'gates check': checkGates,
  'verdict verify': verify,
  'keys init': keysInit,
  'keys list': keysList,
  'keys rotate': keysRotate,
  'keys revoke': keysRevoke,
  'keys export-signers': keysExportSigners,
  demo,
  'demo routing': demoRouting,
  run: runTask,
  'task list': taskList,
  'task show': taskShow,
  'task watch': taskWatch,
  'task cancel': taskCancel,
  'task resume': taskResume,
  'task logs': taskLogs,
  'task record': taskRecord,
  'agents list': agentsList,
  'agents add': agentsAdd,
  'agents check': agentsCheck,
  'agents remove': agentsRemove,
  'agents show': agentsShow,
  'agents drain': agentsDrain,
  'agents resume': agentsResume,
  'agents swap': agentsSwap,
  'agents retire': agentsRetire,
  'agents quarantine': agentsQuarantine,
  'agents export': agentsExport,
  'agents import': agentsImport,
  'waiver request': waiverRequest,
  'waiver list': waiverList,
  'waiver show': waiverShow,
  'waiver approve': waiverApprove,
  'waiver deny': waiverDeny,
  'waiver revoke': waiverRevoke,
  'route explain': routeExplain,
  'route list': routeList,
  'route replay': routeReplay,
  'route evaluate': routeEvaluate,
  up,
  down,
  status,
  'db status': dbStatus,
  'db migrate': dbMigrate,
  'db backup': dbBackup,
  'db restore': dbRestore,
  'ledger show': ledgerShow,
  'ledger verify': ledgerVerify,
  'ledger prove': ledgerProve,
  'ledger export': ledgerExport,
  'ledger witness': ledgerWitness,
  'ledger erase': ledgerErase,
  'ledger audit': ledgerAudit,
  'rollout start': rolloutStart,
  'rollout status': rolloutStatus,
  'rollout promote': rolloutPromote,
  'rollout abort': rolloutAbort,
  'rollout observe': rolloutObserve,
  'rollout drift': rolloutDrift,
  'shadow ingest': shadowIngest,
  ...publicationOperations,
  ...trackOperations,
} as const;

/** The operation of a name. Its input is parsed by its own schema, so that any value may be handed to it. */
export function findOperation(name: string): Operation {
  const operation = Object.values(operations).find((candidate) => candidate.name === name);
  if (operation === undefined) throw new Error(`no operation is named ${JSON.stringify(name)}`);
  return operation;
}
