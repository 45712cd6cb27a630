import { isFault } from '../../../core/fault.js';
import type { GitSession, Landed, Landing } from '../../../ports/git.js';
import type { Ports } from '../../../ports/ports.js';
import { refuseRolledBack } from '../../ledger/recorded-checkpoint.js';
import { useRuntime } from '../../tasks/use-runtime.js';
import { bundleName } from '../../verdict/record-bundle.js';
import { nameMovedBase } from './choose-branch.js';
import { logPublication } from './log-publication.js';
import type { PublishableVerdict } from './verdict-folder.js';

/**
 * Lands, then enters where it went into the log. The store is opened only for a verdict that came with its place in a
 * log, and asked first: what an older database would not hold is not landed either.
 * @throws LEDGER_ROLLED_BACK, BASE_MOVED, REF_MOVED, BRANCH_CHECKED_OUT, GIT_FAILED, STORE_UNAVAILABLE
 */
export async function landAndEnter(
  ports: Ports,
  git: GitSession,
  { found, landing }: { readonly found: PublishableVerdict; readonly landing: Landing },
  signal: AbortSignal,
): Promise<Landed & { readonly entry: number | null }> {
  const bundle = found.files.get(bundleName);
  const { branch } = landing;
  if (branch === null || bundle === undefined) return { ...(await land(git, landing)), entry: null };
  return useRuntime(ports, signal, async ({ ledger }) => {
    await refuseRolledBack(ledger, git, bundle);
    const landed = await land(git, landing);
    const publication = { verdictId: found.verdict.verdict_id, base: found.base, commit: landed.commit, branch };
    return { ...landed, entry: await logPublication(ledger, publication) };
  });
}

function land(git: GitSession, landing: Landing): Promise<Landed> {
  return git.landCommit(landing).catch(async (error: unknown) => {
    throw isFault(error, 'REF_MOVED') ? await nameMovedBase(git, landing.base, error) : error;
  });
}
