import type { Landing } from '../../../ports/git.js';
import type { LedgerLog } from '../../../ports/ledger-log.js';

/** What has landed: the commit, and the branch that was moved to it. */
export interface Publication {
  readonly verdictId: string;
  readonly base: string;
  readonly commit: string;
  readonly branch: NonNullable<Landing['branch']>;
}

/**
 * Records where a verdict's change went, behind the verdict itself; answers the entry's index, null where this store's
 * log does not hold the verdict (it was judged elsewhere, or without a log key). Recorded once for a verdict and a ref.
 * Landing comes first: a crash in between is mended by publishing again, which lands nothing twice.
 * @throws LEDGER_CORRUPT, STORE_UNAVAILABLE
 */
export async function logPublication(ledger: LedgerLog, publication: Publication): Promise<number | null> {
  const { verdictId, base, commit, branch } = publication;
  if ((await ledger.find(`${verdictId}/verdict`)) === null) return null;
  const key = `${verdictId}/publication/${branch.ref}/${commit}`;
  const known = await ledger.find(key);
  if (known !== null) return known.index;
  // Publishing again finds the branch at the commit itself: then where it stood before is no longer to be seen.
  const old = branch.expectedOld === commit ? null : branch.expectedOld;
  const spec = { verdict_id: verdictId, commit, parents: [base], ref: branch.ref, old, new: commit };
  const [placed] = await ledger.append([{ key, draft: { apiVersion: '1.0.0', kind: 'caws-publication', spec } }]);
  return placed?.index ?? null;
}
