import type { GitSession } from '../../../ports/git.js';
import type { LedgerLog } from '../../../ports/ledger-log.js';
import type { Ports } from '../../../ports/ports.js';
import { loadRoleKey } from '../../keys/load-role-key.js';
import { refuseRolledBack } from '../../ledger/recorded-checkpoint.js';
import { useRuntime } from '../../tasks/use-runtime.js';
import { recordBundle } from '../../verdict/record-bundle.js';
import type { AdjudicateOutput } from '../adjudicate.js';
import { loadLogSigner } from '../load-verdict-key.js';

/** The folder of a verdict that was written. */
export function folderOf({ files }: AdjudicateOutput): string {
  return files.verdict.replace(/\/[^/]*$/, '');
}

/**
 * Enters a signed verdict on a change that is in no task's hands into this store's log, where there is a log key, and then
 * what has to stand behind it. Null where there is none. @throws LEDGER_ROLLED_BACK, STORE_UNAVAILABLE, KEY_MISSING
 */
export async function enterJudged<Entered>(
  ports: Ports,
  git: GitSession,
  { judged, key }: { readonly judged: AdjudicateOutput; readonly key: string | undefined },
  then: (ledger: LedgerLog) => Promise<Entered>,
  signal: AbortSignal,
): Promise<Entered | null> {
  const logSigner = await loadLogSigner(ports, git, key);
  if (logSigner === null) return null;
  const path = key ?? ports.places.verdictKey ?? `${ports.places.configHome}/keys/verdict`;
  const { signer } = await loadRoleKey(ports, { role: 'verdict', path }, git.root);
  const { verdict } = judged;
  return useRuntime(ports, signal, async ({ ledger }) => {
    await refuseRolledBack(ledger, git);
    await recordBundle({ verdict, signer, logSigner, outDir: folderOf(judged) }, { files: ports.files, ledger });
    return then(ledger);
  });
}
