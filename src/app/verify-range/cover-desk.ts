import type { SignatureState } from '../../core/caws/keys/signature-state.js';
import { mends } from '../../core/caws/publication/mends.js';
import type { CoveredCommit, Refusal, RefusalReason } from '../../core/caws/publication/range-report.js';
import type { CommitDetail, GitSession } from '../../ports/git.js';
import type { Ports } from '../../ports/ports.js';
import type { TrustedKeyring } from '../verdict/load-keyring.js';
import type { RecordIndex } from './read-record.js';

/** What every commit of a range is judged with. */
export interface CoverDesk {
  readonly ports: Ports;
  readonly git: GitSession;
  readonly repositoryId: string;
  readonly index: RecordIndex;
  readonly localCounts: boolean;
  readonly nowMs: number;
}

/** What became of one commit. */
export type Cover = { readonly covered: CoveredCommit } | { readonly reason: RefusalReason; readonly detail: string };

/** A refusal with what to do next. */
export function refuse(
  what: { readonly commit?: string; readonly ref?: string },
  reason: RefusalReason,
  detail: string,
): Refusal {
  return { commit: what.commit ?? null, ref: what.ref ?? null, reason, detail, mend: mends[reason] };
}

/** Who signed a commit, by a keyring; in git's own namespace. */
export function checkCommit(
  { ports, nowMs }: Pick<CoverDesk, 'ports' | 'nowMs'>,
  { signature, signedBytes }: CommitDetail,
  { signers }: TrustedKeyring,
): SignatureState {
  if (signature === null) return { state: 'foreign', detail: 'not signed' };
  return ports.keyring.verify({ message: signedBytes, signature, namespace: 'git', allowedSigners: signers, nowMs });
}
