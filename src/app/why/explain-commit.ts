import { readCoverWord } from '../../core/caws/publication/cover-word.js';
import { isHuman } from '../../core/caws/publication/publisher.js';
import { mends } from '../../core/caws/publication/mends.js';
import { headlineOf, stateOfRefused, tellVerdict } from '../../core/caws/publication/tell-origin.js';
import { type VerdictTrailers, readTrailers } from '../../core/caws/publication/trailers.js';
import type { Origin, ToldVerdict } from '../../core/caws/publication/why-report.js';
import { decodeUtf8 } from '../../core/digest.js';
import { formatInstant } from '../../core/time.js';
import type { CommitDetail } from '../../ports/git.js';
import { allowedSignersPath } from '../verdict/load-keyring.js';
import { type CoverDesk, checkCommit } from '../verify-range/cover-desk.js';
import { coverCommit } from '../verify-range/cover-range.js';
import type { KeyringReader } from '../verify-range/read-keyrings.js';
import { readVerdict } from '../verify-range/read-verdict.js';

/** What is said of a commit, whatever its lines. */
export type ExplainedCommit = Omit<Origin, 'lines' | 'path'>;

/** By which keyrings commits are judged: those of their parents, and that of the head for later verdicts. */
export interface Law {
  readonly keyringAt: KeyringReader;
  readonly head: string;
}

/**
 * What a commit stands on, by the very rules of `arbiter verify`: its trailers are a claim, and what is told of a verdict
 * is told only once signature and cover hold. @throws GIT_FAILED
 */
export async function explainCommit(desk: CoverDesk, law: Law, commit: CommitDetail): Promise<ExplainedCommit> {
  const { keyringAt, head } = law;
  const signedBy = await signerOf(desk, keyringAt, commit);
  const author = authorOf(commit);
  const facts = {
    commit: commit.id,
    committed: formatInstant(commit.committedMs),
    author,
    signed_by: signedBy,
  };
  const cover = await coverCommit(desk, commit, keyringAt, head);
  const trailers = readTrailers(commit.message);
  if (!('covered' in cover)) {
    const { reason, detail } = cover;
    const governed = await isGoverned(desk, commit);
    const state = stateOfRefused(reason, { claims: trailers !== 'none', governed });
    const refusal = state === 'before-arbiter' ? null : { reason, detail, mend: mends[reason] };
    return { ...facts, state, headline: headlineOf(state, { who: author, detail }), refusal, verdict: null };
  }
  const { by, name } = cover.covered;
  if (by === 'human')
    return {
      ...facts,
      state: 'human',
      headline: headlineOf('human', { who: name, detail: '' }),
      refusal: null,
      verdict: null,
    };
  const verdict = await tellCovering(desk, law, commit, by === 're-adjudicated' ? name : null);
  const who = verdict?.worker == null ? 'nobody who is named' : `${verdict.worker.agent} with ${verdict.worker.model}`;
  return { ...facts, state: 'verdict', headline: headlineOf('verdict', { who, detail: '' }), refusal: null, verdict };
}

/** The verdict again, now that it is known to cover the commit. */
async function tellCovering(
  desk: CoverDesk,
  { keyringAt, head }: Law,
  commit: CommitDetail,
  later: string | null,
): Promise<ToldVerdict | null> {
  const trailers = later === null ? ownTrailers(commit) : await laterTrailers(desk, commit, later);
  if (trailers === null) return null;
  const keyring = await keyringAt(later === null ? (commit.parents[0] ?? '') : head);
  const { verdict, verdictSignature, place } = await readVerdict(desk, { commit, trailers, keyring });
  if (verdict === null || verdictSignature.state !== 'valid') return null;
  const { log } = trailers;
  const ledger = log === null ? null : { ...log, vouched: place?.vouched ?? false };
  return tellVerdict(verdict, { signer: verdictSignature.signer, ledger });
}

function ownTrailers({ message }: CommitDetail): VerdictTrailers | null {
  const trailers = readTrailers(message);
  return trailers === 'none' || 'wrong' in trailers ? null : trailers;
}

async function laterTrailers(
  { words }: CoverDesk,
  { id }: CommitDetail,
  verdictId: string,
): Promise<VerdictTrailers | null> {
  const [word] = await words(id, verdictId);
  return word === undefined ? null : (readCoverWord(word.message)?.trailers ?? null);
}

/** Only a person is named: that the publish key signed says nothing of who wrote. */
async function signerOf(desk: CoverDesk, keyringAt: KeyringReader, commit: CommitDetail): Promise<string | null> {
  const [parent] = commit.parents;
  if (parent === undefined || commit.signature === null) return null;
  const state = checkCommit(desk, commit, await keyringAt(parent));
  return state.state === 'valid' && isHuman(state) ? state.signer : null;
}

async function isGoverned({ git }: CoverDesk, { parents: [parent] }: CommitDetail): Promise<boolean> {
  return parent !== undefined && (await git.readFile(parent, allowedSignersPath)) !== null;
}

function authorOf({ signedBytes }: CommitDetail): string {
  const text = decodeUtf8(signedBytes) ?? new TextDecoder('latin1').decode(signedBytes);
  return /^author (.*) -?\d+ [+-]\d+$/m.exec(text.slice(0, text.indexOf('\n\n') + 1))?.[1] ?? '';
}
