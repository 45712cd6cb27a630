import { recordRef } from '../../core/caws/publication/publisher.js';
import { Fault, isFault } from '../../core/fault.js';
import type { GitSession } from '../../ports/git.js';
import type { LedgerLog } from '../../ports/ledger-log.js';
import type { Ports } from '../../ports/ports.js';
import { useRepository } from '../use-repository.js';
import { checkConsistency, nodesOrFlaw } from './check-checkpoint.js';
import { findRecordedState } from './recorded-states.js';
import type { LedgerCheck } from './verification.js';

export type RecordedCheckpointFaultCode = 'LEDGER_ROLLED_BACK';

/**
 * Whether the log has grown out of the state that a repository's record keeps, or a bundle beside it.
 * @throws GIT_FAILED, STORE_UNAVAILABLE
 */
async function checkRecorded(ledger: LedgerLog, git: GitSession, own?: Uint8Array): Promise<LedgerCheck> {
  const said = (passed: boolean, detail: string): LedgerCheck => ({ check: 'record', passed, detail });
  const kept = await findRecordedState(ledger, git, own);
  if (kept === null) return said(true, `${recordRef} of ${git.root} keeps no state of this log`);
  try {
    const fetch = nodesOrFlaw((wanted) => ledger.nodes(wanted));
    const { passed, detail } = await checkConsistency(kept.checkpoint, await ledger.head(), fetch);
    return said(passed, `${kept.file}: ${detail}`);
  } catch (error) {
    if (!isFault(error, 'LEDGER_CORRUPT')) throw error;
    return said(false, error.message);
  }
}

/**
 * Refuses a log that has not grown out of what the repository's record keeps: an older database, whose next entries would
 * take the places of those that others hold proofs of.
 * `own`: the bundle of the verdict at hand, which may not be on the record yet. @throws LEDGER_ROLLED_BACK, GIT_FAILED, STORE_UNAVAILABLE
 */
export async function refuseRolledBack(ledger: LedgerLog, git: GitSession, own?: Uint8Array): Promise<void> {
  const { passed, detail } = await checkRecorded(ledger, git, own);
  if (passed) return;
  throw new Fault<RecordedCheckpointFaultCode>(
    'LEDGER_ROLLED_BACK',
    `the store is older than what it has proved: ${detail}`,
    {
      mend: 'restore the newest backup; where there is none, keep this store as evidence and begin a new one (XDG_STATE_HOME), whose log has a name of its own',
    },
  );
}

/**
 * The check against the record of a repository that was named, or of the one that a folder may lie in; null where there
 * is none. @throws NOT_A_REPOSITORY where one was named, GIT_FAILED
 */
export async function holdAgainstRecord(
  ports: Pick<Ports, 'git'>,
  ledger: LedgerLog,
  { repository, near }: { readonly repository?: string | undefined; readonly near?: string | undefined },
  signal: AbortSignal,
): Promise<LedgerCheck | null> {
  const folder = repository ?? near;
  if (folder === undefined) return null;
  try {
    return await useRepository(ports, folder, signal, (git) => checkRecorded(ledger, git));
  } catch (error) {
    if (repository === undefined && isFault(error, 'NOT_A_REPOSITORY')) return null;
    throw error;
  }
}
