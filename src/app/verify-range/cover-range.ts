import { isHuman } from '../../core/caws/publication/publisher.js';
import { traceLineage } from '../../core/caws/publication/lineage.js';
import type { CoveredCommit, RangeReport } from '../../core/caws/publication/range-report.js';
import { readTrailers } from '../../core/caws/publication/trailers.js';
import type { CommitDetail, GitSession } from '../../ports/git.js';
import type { Ports } from '../../ports/ports.js';
import type { TrustedKeyring } from '../verdict/load-keyring.js';
import { coverAgain } from './cover-again.js';
import { coverByVerdict } from './cover-by-verdict.js';
import { type Cover, type CoverDesk, checkCommitInTime, refuse } from './cover-desk.js';
import { createProofDesk } from './prove-commit.js';
import { type KeyringReader, createKeyringReader } from './read-keyrings.js';
import { readRecord } from './read-record.js';
import { createWordReader } from './read-words.js';

/** A stretch of history, and by what it is judged. Ids of commits; `record` null where nothing was ever published. */
export interface RangeAsked {
  readonly base: string;
  readonly head: string;
  readonly record: string | null;
  readonly rootKey: string | undefined;
  /** Whether verdicts whose key a worker may reach count, too. */
  readonly localCounts: boolean;
}

/** Commits that are looked at together: what they ask of git then goes in one writing, and git works meanwhile. */
const lanes = 4;

/**
 * Exact cover: each commit that head has and base does not is covered by one verdict of its own, or is a person's signed
 * change of governance files alone, or was brought by a merge that a later verdict judged as a whole; whatever is not is
 * refused by name. Processes do not grow with the commits.
 * @throws UNKNOWN_REVISION, GIT_FAILED for missing objects and in a shallow clone
 */
export async function coverRange(ports: Ports, git: GitSession, asked: RangeAsked): Promise<RangeReport> {
  const { base, head, rootKey, localCounts } = asked;
  // First: a history with a hole in it must not read as one that was rewritten.
  const commits = await git.listCommits(base, head);
  if (!(await git.isAncestor(base, head))) {
    const forced = refuse({ commit: head }, 'ref-forced', `it does not descend from ${base}: history was rewritten`);
    return { base, head, verified: false, commits: 0, covered: [], refusals: [forced] };
  }
  const repositoryId = await git.repositoryId(base);
  const index = await readRecord(git, asked.record);
  const keyringAt = await createKeyringReader(ports, git, { repositoryId, rootKey, head });
  const proofs = createProofDesk(ports, git, { commits, index, keyringAt, repositoryId });
  const words = createWordReader(git, asked.record);
  const desk = { ports, git, repositoryId, index, localCounts, nowMs: ports.clock.nowMs(), proofs, words };
  const { broughtBy, broken } = traceLineage(base, head, commits);
  const covers = await coverAll(commits, (commit) => coverCommit(desk, commit, keyringAt, head));
  for (const [id, merge] of broughtBy) {
    const by = covers.get(merge);
    if (by === undefined || !('covered' in by) || 'covered' in (covers.get(id) ?? by)) continue;
    // What a merge brings was judged with it, as one change against its first parent.
    covers.set(id, { covered: { commit: id, by: 'brought', name: merge } });
  }
  const covered: CoveredCommit[] = [];
  const refusals = broken === null ? [] : [refuse({ commit: broken.commit }, 'broken-chain', broken.detail)];
  for (const [commit, cover] of covers) {
    if ('covered' in cover) covered.push(cover.covered);
    else refusals.push(refuse({ commit }, cover.reason, cover.detail));
  }
  return { base, head, verified: refusals.length === 0, commits: commits.length, covered, refusals };
}

/** The cover of each, in order. Waits for all that began even when one fails: nothing may ask a session that was closed. */
async function coverAll(
  commits: readonly CommitDetail[],
  cover: (commit: CommitDetail) => Promise<Cover>,
): Promise<Map<string, Cover>> {
  const covers = new Map<string, Cover>();
  for (let from = 0; from < commits.length; from += lanes) {
    const begun = commits.slice(from, from + lanes).map(async (commit) => [commit.id, await cover(commit)] as const);
    await Promise.allSettled(begun);
    for (const [id, found] of await Promise.all(begun)) covers.set(id, found);
  }
  return covers;
}

/**
 * What covers one commit, or why nothing does.
 * @param head whose keyring a later verdict is held against
 * @throws UNKNOWN_REVISION where its parent is not here, GIT_FAILED
 */
export async function coverCommit(
  desk: CoverDesk,
  commit: CommitDetail,
  keyringAt: KeyringReader,
  head: string,
): Promise<Cover> {
  const cover = await coverOnItsOwn(desk, commit, keyringAt);
  if ('covered' in cover || !desk.index.covers.has(commit.id)) return cover;
  return (await coverAgain(desk, commit, await keyringAt(head))) ?? cover;
}

async function coverOnItsOwn(desk: CoverDesk, commit: CommitDetail, keyringAt: KeyringReader): Promise<Cover> {
  const [parent, ...more] = commit.parents;
  if (parent === undefined) return { reason: 'root-commit', detail: 'it has no parent: another history begins here' };
  if (more.length > 0) {
    const kind = more.length > 1 ? `an octopus merge of ${commit.parents.length}` : 'a merge';
    return { reason: 'merge-commit', detail: `it is ${kind}: no verdict judged the tree that came of it` };
  }
  const trailers = readTrailers(commit.message);
  if (trailers !== 'none' && 'wrong' in trailers) return { reason: 'trailers', detail: trailers.wrong };
  const keyring = await keyringAt(parent);
  if (trailers === 'none') return coverByHuman(desk, commit, parent, keyring);
  return coverByVerdict(desk, { commit, parent, trailers, keyring });
}

async function coverByHuman(
  desk: CoverDesk,
  commit: CommitDetail,
  parent: string,
  keyring: TrustedKeyring,
): Promise<Cover> {
  const changed = await desk.git.changedNames(parent, commit.id);
  if (changed.length === 0 || changed.some((name) => name !== '.caws')) {
    const what = changed.length === 0 ? 'nothing' : changed.slice(0, 5).join(', ');
    return { reason: 'unjudged', detail: `it changes ${what} and names no verdict` };
  }
  if (keyring.distrust !== null) return { reason: 'keyring', detail: keyring.distrust };
  const state = await checkCommitInTime(desk, commit, keyring);
  if (state.state !== 'valid') return { reason: 'unsigned', detail: `it changes .caws and is ${state.detail}` };
  if (!isHuman(state))
    return { reason: 'unsigned', detail: `it changes .caws and is signed by ${state.signer}, no person` };
  return { covered: { commit: commit.id, by: 'human', name: state.signer } };
}
