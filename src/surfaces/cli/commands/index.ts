import type { CommandSurface } from './command-surface.js';
import { adjudicateSurface } from './adjudicate.js';
import { auditSurface, readjudicateSurface } from './audit.js';
import { demoSurface } from './demo.js';
import { demoRoutingSurface } from './demo-routing.js';
import { examineSurface } from './examine.js';
import { gatesCheckSurface, gatesListSurface } from './gates.js';
import { initSurface } from './init.js';
import {
  ledgerAuditSurface,
  ledgerEraseSurface,
  ledgerExportSurface,
  ledgerProveSurface,
  ledgerShowSurface,
  ledgerVerifySurface,
  ledgerWitnessSurface,
} from './ledger.js';
import {
  keysExportSignersSurface,
  keysInitSurface,
  keysListSurface,
  keysRevokeSurface,
  keysRotateSurface,
} from './keys.js';
import { measureSurface } from './measure.js';
import { policyCheckSurface, specCheckSurface, specNewSurface } from './constitution.js';
import { hookInstallSurface, hookReceiveSurface, publishSurface, verifyRangeSurface } from './publication.js';
import {
  dbBackupSurface,
  dbMigrateSurface,
  dbRestoreSurface,
  dbStatusSurface,
  downSurface,
  statusSurface,
  upSurface,
} from './runtime.js';
import { agentsAddSurface, agentsCheckSurface, agentsListSurface, agentsRemoveSurface } from './agents.js';
import {
  rolloutAbortSurface,
  rolloutObserveSurface,
  rolloutPromoteSurface,
  rolloutStartSurface,
  rolloutStatusSurface,
} from './rollout.js';
import {
  agentChangedSurface,
  agentsExportSurface,
  agentsImportSurface,
  agentsQuarantineSurface,
  agentsShowSurface,
  agentsSwapSurface,
} from './agent-life.js';
import {
  runSurface,
  taskListSurface,
  taskLogsSurface,
  taskRecordSurface,
  taskResumeSurface,
  taskShowSurface,
  taskWatchSurface,
} from './task.js';
import { rolloutDriftSurface } from './drift.js';
import { shadowIngestSurface } from './shadow.js';
import {
  trackExportSurface,
  trackOutcomesSurface,
  trackReconcileSurface,
  trackReportSurface,
  trackStatusSurface,
  trackTidySurface,
} from './track.js';
import { routeEvaluateSurface, routeExplainSurface, routeListSurface, routeReplaySurface } from './route.js';
import { verdictVerifySurface } from './verdict.js';
import { whySurface } from './why.js';
import {
  waiverApproveSurface,
  waiverListSurface,
  waiverRequestSurface,
  waiverShowSurface,
  waiverWithdrawSurface,
} from './waiver.js';

/** Every operation's face on the command line, by the operation's name. */
export const commandSurfaces = {
  measure: measureSurface,
  examine: examineSurface,
  adjudicate: adjudicateSurface,
  init: initSurface,
  'spec check': specCheckSurface,
  'spec new': specNewSurface,
  'policy check': policyCheckSurface,
  'gates list': gatesListSurface,
  'gates check': gatesCheckSurface,
  'verdict verify': verdictVerifySurface,
  'keys init': keysInitSurface,
  'keys list': keysListSurface,
  'keys rotate': keysRotateSurface,
  'keys revoke': keysRevokeSurface,
  'keys export-signers': keysExportSignersSurface,
  demo: demoSurface,
  'demo routing': demoRoutingSurface,
  run: runSurface,
  'task list': taskListSurface,
  'task show': taskShowSurface,
  'task watch': taskWatchSurface,
  'task cancel': taskShowSurface,
  'task resume': taskResumeSurface,
  'task logs': taskLogsSurface,
  'task record': taskRecordSurface,
  'agents list': agentsListSurface,
  'agents add': agentsAddSurface,
  'agents check': agentsCheckSurface,
  'agents remove': agentsRemoveSurface,
  'agents show': agentsShowSurface,
  'agents drain': agentChangedSurface,
  'agents resume': agentChangedSurface,
  'agents swap': agentsSwapSurface,
  'agents retire': agentChangedSurface,
  'agents quarantine': agentsQuarantineSurface,
  'agents export': agentsExportSurface,
  'agents import': agentsImportSurface,
  'waiver request': waiverRequestSurface,
  'waiver list': waiverListSurface,
  'waiver show': waiverShowSurface,
  'waiver approve': waiverApproveSurface,
  'waiver deny': waiverWithdrawSurface,
  'waiver revoke': waiverWithdrawSurface,
  'route explain': routeExplainSurface,
  'route list': routeListSurface,
  'route replay': routeReplaySurface,
  'route evaluate': routeEvaluateSurface,
  up: upSurface,
  down: downSurface,
  status: statusSurface,
  'db status': dbStatusSurface,
  'db migrate': dbMigrateSurface,
  'db backup': dbBackupSurface,
  'db restore': dbRestoreSurface,
  'ledger show': ledgerShowSurface,
  'ledger verify': ledgerVerifySurface,
  'ledger prove': ledgerProveSurface,
  'ledger audit': ledgerAuditSurface,
  'ledger erase': ledgerEraseSurface,
  'ledger export': ledgerExportSurface,
  'ledger witness': ledgerWitnessSurface,
  'rollout start': rolloutStartSurface,
  'rollout status': rolloutStatusSurface,
  'rollout promote': rolloutPromoteSurface,
  'rollout abort': rolloutAbortSurface,
  'rollout observe': rolloutObserveSurface,
  'rollout drift': rolloutDriftSurface,
  'shadow ingest': shadowIngestSurface,
  'track status': trackStatusSurface,
  'track report': trackReportSurface,
  'track export': trackExportSurface,
  'track outcomes': trackOutcomesSurface,
  'track reconcile': trackReconcileSurface,
  'track tidy': trackTidySurface,
  publish: publishSurface,
  verify: verifyRangeSurface,
  why: whySurface,
  audit: auditSurface,
  readjudicate: readjudicateSurface,
  'hook install': hookInstallSurface,
  'hook receive': hookReceiveSurface,
} as const;

/** The surface of an operation. Its input and output are the operation's own, which the name ties together. */
export function findSurface(name: string): CommandSurface<unknown, unknown> {
  const surface = Object.entries(commandSurfaces).find(([key]) => key === name)?.[1];
  if (surface === undefined) throw new Error(`no command line for ${JSON.stringify(name)}`);
  return surface;
}
