import { z } from 'zod';
import { readEntry } from '../../../core/ledger/sequence.js';
import { erasureEntrySchema, isErasure } from '../../../core/records/content-entries.js';
import type { Ports } from '../../../ports/ports.js';
import type { GitSession } from '../../../ports/git.js';
import type { LedgerLog } from '../../../ports/ledger-log.js';
import type { OpenRuntime } from '../../../ports/runtime.js';
import type { Operation, OperationContext } from '../../operation.js';
import { useRuntime } from '../../tasks/use-runtime.js';
import { useRepository } from '../../use-repository.js';
import { findRepository, loadWorkTreeKeyring } from '../../verdict/work-tree-keyring.js';
import { findLogKey } from '../log-key.js';
import { verifyStore } from '../verify-store.js';
import { type AuditCheck, type Auditor, auditCheckSchema, notChecked } from './audit-check.js';
import { auditContents } from './audit-contents.js';
import { type AuditGround, auditVerdicts } from './audit-verdicts.js';
import { auditWaivers } from './audit-waivers.js';

const inputSchema = z.strictObject({
  repository: z.string().min(1).describe('Whose verdicts, publications and approvers are checked, where it is one.'),
});
export type LedgerAuditInput = z.infer<typeof inputSchema>;

/** What `arbiter ledger audit` found. */
export const ledgerAuditSchema = z
  .strictObject({
    origin: z.string(),
    size: z.number().int().nonnegative(),
    repository: z.string().nullable().describe('Top of its work tree; null where none is at hand.'),
    passed: z.boolean().describe('True when nothing is wrong. What was not checked says so.'),
    checks: z.array(auditCheckSchema),
  })
  .meta({ id: 'LedgerAudit' });
export type LedgerAudit = z.infer<typeof ledgerAuditSchema>;

/**
 * Holds the log against everything that it tells of: contents, verdicts, publications, waivers. Where the log itself does
 * not hold, nothing else is looked at. @throws STORE_UNAVAILABLE, GIT_FAILED, PINNED_ROOT_UNREADABLE
 */
export const ledgerAudit: Operation<LedgerAuditInput, LedgerAudit> = {
  name: 'ledger audit',
  summary: 'hold the ledger against contents, verdicts, publications and waivers',
  role: 'anyone',
  input: inputSchema,
  output: ledgerAuditSchema,
  async run(ports, { repository }, context) {
    const here = await findRepository(ports, repository, context.signal);
    const audit = (git: GitSession | null) =>
      useRuntime(ports, context.signal, async (runtime) => {
        const keyring = await loadWorkTreeKeyring(ports, here, ports.clock.nowMs());
        const logKey = await findLogKey(ports, await runtime.ledger.origin(), undefined);
        const ground = git === null || here === null ? null : { git, repositoryId: here.id, keyring, logKey };
        return auditAll(ports, runtime, ground, context);
      });
    return here === null ? audit(null) : useRepository(ports, repository, context.signal, audit);
  },
};

async function auditAll(
  ports: Ports,
  runtime: OpenRuntime,
  ground: AuditGround | null,
  { signal, progress }: OperationContext,
): Promise<LedgerAudit> {
  progress.stage('verify', 'the log');
  const trust = { logKey: undefined, signers: null, witness: null, nowMs: ports.clock.nowMs() };
  const log = await verifyStore(ports, runtime.ledger, { pinned: null, trust, signal });
  const wrong = log.checks.filter(({ passed }) => !passed).map(({ check, detail }) => `${check}: ${detail}`);
  const detail = `${log.size} entries and the tree over them`;
  const first: AuditCheck = { check: 'log', passed: log.verified, detail, problems: wrong, notes: [] };
  progress.stage('audit', `${log.size} entries`);
  const rest = log.verified ? await auditEntries(ports, runtime, ground, { size: log.size, signal }) : unread();
  const checks = [first, ...rest];
  const passed = checks.every((check) => check.passed !== false);
  return { origin: log.origin, size: log.size, repository: ground?.git.root ?? null, passed, checks };
}

function unread(): readonly AuditCheck[] {
  const why = 'the log itself does not hold';
  return (['contents', 'verdicts', 'publications', 'waivers'] as const).map((check) => notChecked(check, why));
}

async function auditEntries(
  ports: Ports,
  runtime: OpenRuntime,
  ground: AuditGround | null,
  { size, signal }: { readonly size: number; readonly signal: AbortSignal },
): Promise<readonly AuditCheck[]> {
  const { ledger, contents, tasks } = runtime;
  const erased = await readErased(ledger, { size, signal });
  const ofRepository = ground === null ? null : auditVerdicts(ports, tasks, ground);
  const auditors: readonly (Auditor | AuditCheck)[] = [
    auditContents(contents, erased),
    ofRepository?.verdicts ?? notChecked('verdicts', 'no repository is at hand (-C DIR)'),
    ofRepository?.publications ?? notChecked('publications', 'no repository is at hand (-C DIR)'),
    auditWaivers(runtime, ports.keyring, ground),
  ];
  for await (const placed of ledger.entries(0, size)) {
    signal.throwIfAborted();
    const read = { index: placed.index, key: placed.key, atMs: placed.atMs, entry: readEntry(placed) };
    for (const auditor of auditors) if ('take' in auditor) await auditor.take(read);
  }
  const checks: AuditCheck[] = [];
  for (const auditor of auditors) checks.push('take' in auditor ? await auditor.end() : auditor);
  return checks;
}

/** Commitments of all entries that record an erasure: an entry that names the content comes before. */
async function readErased(
  ledger: LedgerLog,
  { size, signal }: { readonly size: number; readonly signal: AbortSignal },
): Promise<ReadonlySet<string>> {
  const erased = new Set<string>();
  for await (const { bytes, index } of ledger.entries(0, size)) {
    signal.throwIfAborted();
    const said = isErasure(bytes) ? erasureEntrySchema.safeParse(readEntry({ index, bytes }).spec) : null;
    if (said?.success === true && said.data.commitment !== null) erased.add(said.data.commitment);
  }
  return erased;
}
