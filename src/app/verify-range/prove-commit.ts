import type { SignatureState } from '../../core/caws/keys/signature-state.js';
import { type VerdictTrailers, readTrailers } from '../../core/caws/publication/trailers.js';
import type { Verdict } from '../../core/caws/verdict/verdict.js';
import { type ProvenVerdict, proveVerdict } from '../../core/records/prove-verdict.js';
import type { CommitDetail, GitSession } from '../../ports/git.js';
import type { Ports } from '../../ports/ports.js';
import type { TrustedKeyring } from '../verdict/load-keyring.js';
import { readVerdictForm } from '../verdict/verify-verdict.js';
import type { KeyringReader } from './read-keyrings.js';
import type { RecordIndex } from './read-record.js';

/** That a verdict is about a commit, and who may have signed it. */
export interface VerdictClaim {
  readonly commit: CommitDetail;
  readonly trailers: VerdictTrailers;
  readonly keyring: TrustedKeyring;
}

/** What the log proves of the commits of a range. Asked only where a key has ended or is revoked. */
export interface ProofDesk {
  /** Of a verdict about a commit; null where nothing is proven. */
  ofVerdict(claim: VerdictClaim): Promise<ProvenVerdict | null>;
  /**
   * By when the commit was there: its own verdict, or that of the nearest commit upon it. A verdict names its base, and
   * so everything below: who would back-date a commit needs a log that had a verdict upon it at that time.
   */
  ofCommit(commit: CommitDetail): Promise<ProvenVerdict | null>;
}

/** @param commits the range, ancestors first */
export function createProofDesk(
  ports: Ports,
  git: GitSession,
  known: {
    readonly commits: readonly CommitDetail[];
    readonly index: RecordIndex;
    readonly keyringAt: KeyringReader;
    readonly repositoryId: string;
  },
): ProofDesk {
  const above = new Map(known.commits.flatMap((commit) => commit.parents.map((parent) => [parent, commit] as const)));
  const read = new Map<string, Promise<ProvenVerdict | null>>();
  const nearest = new Map<string, ProvenVerdict | null>();
  const ofVerdict = (claim: VerdictClaim): Promise<ProvenVerdict | null> => {
    const key = `${claim.commit.id} ${claim.trailers.verdictId}`;
    const reading = read.get(key) ?? proveOne(ports, git, known, claim);
    read.set(key, reading);
    return reading;
  };
  const ofOwn = async (commit: CommitDetail): Promise<ProvenVerdict | null> => {
    const trailers = readTrailers(commit.message);
    const [parent] = commit.parents;
    if (trailers === 'none' || 'wrong' in trailers || parent === undefined) return null;
    return ofVerdict({ commit, trailers, keyring: await known.keyringAt(parent) });
  };
  return {
    ofVerdict,
    async ofCommit(commit) {
      const passed: string[] = [];
      let proven: ProvenVerdict | null = null;
      for (let at: CommitDetail | undefined = commit; at !== undefined && proven === null; at = above.get(at.id)) {
        const found = nearest.get(at.id);
        if (found !== undefined) {
          proven = found;
          break;
        }
        passed.push(at.id);
        proven = await ofOwn(at);
      }
      // Each commit that was passed has the same nearest one: a long range is walked once.
      for (const id of passed) nearest.set(id, proven);
      return proven;
    },
  };
}

async function proveOne(
  ports: Ports,
  git: GitSession,
  { index, repositoryId }: Parameters<typeof createProofDesk>[2],
  { commit, trailers, keyring }: VerdictClaim,
): Promise<ProvenVerdict | null> {
  const blobs = index.verdicts.get(trailers.verdictId);
  if (blobs === undefined || blobs.bundle === null) return null;
  const [yaml, bundle] = await git.readBlobs([blobs.yaml, blobs.bundle]);
  if (yaml === undefined || bundle === undefined) return null;
  const { verdict } = readVerdictForm(yaml, 'verdict.yaml', ports.documents);
  if (verdict === null || verdict.repo_id !== repositoryId || !isAbout(verdict, commit)) return null;
  return proveVerdict(
    { verdict, yaml, bundle },
    { signers: keyring.signers, checkEd25519: ports.keyring.checkEd25519 },
  );
}

function isAbout({ base, change }: Verdict, { tree, parents }: CommitDetail): boolean {
  return base !== null && base.commit === parents[0] && change?.tree === tree;
}

/**
 * A signature by the keys of now; where its key has ended or is revoked, by those of the time and place that the log
 * proves for what is signed. Without such a proof a key that has ended counts for nothing, whatever time stands beside it.
 */
export async function checkInTime(
  check: (at: { readonly nowMs: number; readonly ledgerIndex: number | null }) => SignatureState,
  nowMs: number,
  prove: () => Promise<ProvenVerdict | null>,
): Promise<SignatureState> {
  const now = check({ nowMs, ledgerIndex: null });
  if (now.state !== 'expired-key' && now.state !== 'revoked-key') return now;
  const proven = await prove();
  if (proven !== null) return check({ nowMs: proven.wallMs, ledgerIndex: proven.index });
  return { ...now, detail: `${now.detail}; nothing in the log proves that it was signed while the key was good` };
}
