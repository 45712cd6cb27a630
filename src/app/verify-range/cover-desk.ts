import type { SignatureState } from '../../core/caws/keys/signature-state.js';
import { mends } from '../../core/caws/publication/mends.js';
import type { CoveredCommit, Refusal, RefusalReason } from '../../core/caws/publication/range-report.js';
import type { ProvenVerdict } from '../../core/records/prove-verdict.js';
import type { CommitDetail, GitSession } from '../../ports/git.js';
import type { Ports } from '../../ports/ports.js';
import type { TrustedKeyring } from '../verdict/load-keyring.js';
import { type ProofDesk, checkInTime } from './prove-commit.js';
import type { WordReader } from './read-words.js';
import type { RecordIndex } from './read-record.js';

/** What every commit of a range is judged with. */
export interface CoverDesk {
  readonly ports: Ports;
  readonly git: GitSession;
  readonly repositoryId: string;
  readonly index: RecordIndex;
  readonly localCounts: boolean;
  readonly nowMs: number;
  readonly proofs: ProofDesk;
  readonly words: WordReader;
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
  ledgerIndex: number | null = null,
): SignatureState {
  if (signature === null) return { state: 'foreign', detail: 'not signed' };
  const signed = { message: signedBytes, signature, namespace: 'git', ledgerIndex };
  return ports.keyring.verify({ ...signed, allowedSigners: signers, nowMs });
}

/** The same for a commit of history: a key that has ended since counts where the log proves that the commit was there. */
export function checkCommitInTime(
  { ports, nowMs, proofs }: CoverDesk,
  commit: CommitDetail,
  keyring: TrustedKeyring,
  prove: () => Promise<ProvenVerdict | null> = () => proofs.ofCommit(commit),
): Promise<SignatureState> {
  const check = (at: { readonly nowMs: number; readonly ledgerIndex: number | null }): SignatureState =>
    checkCommit({ ports, nowMs: at.nowMs }, commit, keyring, at.ledgerIndex);
  return checkInTime(check, nowMs, prove);
}
