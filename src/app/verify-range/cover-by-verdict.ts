import type { SignatureState } from '../../core/caws/keys/signature-state.js';
import { judgeCover } from '../../core/caws/publication/judge-cover.js';
import type { VerdictTrailers } from '../../core/caws/publication/trailers.js';
import type { Verdict } from '../../core/caws/verdict/verdict.js';
import { decodeUtf8 } from '../../core/digest.js';
import type { CommitDetail } from '../../ports/git.js';
import type { TrustedKeyring } from '../verdict/load-keyring.js';
import { type Cover, type CoverDesk, checkCommitInTime } from './cover-desk.js';
import { readVerdict } from './read-verdict.js';

/** A commit that names a verdict, with the keyring of its parent. */
interface Claim {
  readonly commit: CommitDetail;
  readonly parent: string;
  readonly trailers: VerdictTrailers;
  readonly keyring: TrustedKeyring;
  /** Where Arbiter did not make the commit: the record's commit that gives the verdict to it, and the blob that does. */
  readonly word?: { readonly commit: CommitDetail; readonly blob: string };
}

/** Whether the verdict that a commit names is real and covers this very commit. @throws GIT_FAILED */
export async function coverByVerdict(desk: CoverDesk, claim: Claim): Promise<Cover> {
  const { commit, parent, trailers, keyring } = claim;
  const read = await readVerdict(desk, claim);
  const found = judgeCover({
    commit: { id: commit.id, tree: commit.tree, parent },
    repositoryId: desk.repositoryId,
    trailers,
    distrust: keyring.distrust,
    commitSignature: await checkPublisher(desk, claim),
    ...read,
    recorded: await readEntry(desk, claim.word?.blob ?? desk.index.commits.get(commit.id)),
    localCounts: desk.localCounts,
    logTrouble: read.place?.trouble ?? null,
  });
  const wrong = found ?? (await judgeContent(desk, claim, read.verdict));
  const by = claim.word === undefined ? 'verdict' : 're-adjudicated';
  return wrong ?? { covered: { commit: commit.id, by, name: trailers.verdictId } };
}

/** The publish key's signature: on the commit itself, or on the record's word for it. */
function checkPublisher(desk: CoverDesk, claim: Claim): Promise<SignatureState> {
  const { commit, keyring, word } = claim;
  if (word === undefined) return checkCommitInTime(desk, commit, keyring);
  return checkCommitInTime(desk, word.commit, keyring, () => desk.proofs.ofVerdict(claim));
}

/**
 * Ids of blobs are SHA-1: two contents may share one. The verdict holds SHA-256 over mode, path and content of what was
 * judged, and the bytes that lie here must give the same. Last, as it reads the whole change. @throws GIT_FAILED
 */
async function judgeContent(
  { git }: CoverDesk,
  { commit, parent }: Claim,
  verdict: Verdict | null,
): Promise<Cover | null> {
  const judged = verdict?.change?.content_sha256;
  const { contentSha256 } = await git.measure(await git.resolveCommit(parent), commit.tree, commit.id);
  if (contentSha256 === judged) return null;
  const detail = `the content under its tree has SHA-256 ${contentSha256}, and ${judged ?? 'none'} was judged`;
  return { reason: 'other-content', detail };
}

async function readEntry(
  { git, index }: CoverDesk,
  blob: string | undefined,
): Promise<{ verdictId: string; commits: number } | null> {
  if (blob === undefined) return null;
  const [bytes] = await git.readBlobs([blob]);
  return { verdictId: decodeUtf8(bytes ?? new Uint8Array())?.trimEnd() ?? '', commits: index.uses.get(blob) ?? 0 };
}
