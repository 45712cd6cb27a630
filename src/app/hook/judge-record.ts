import { isPublisher } from '../../core/caws/publication/publisher.js';
import type { Refusal } from '../../core/caws/publication/range-report.js';
import { decodeUtf8 } from '../../core/digest.js';
import type { CommitDetail, GitSession, TreeEntry } from '../../ports/git.js';
import type { Ports } from '../../ports/ports.js';
import type { TrustedKeyring } from '../verdict/load-keyring.js';
import { checkCommit, refuse } from '../verify-range/cover-desk.js';
import { type RecordIndex, indexRecord } from '../verify-range/read-record.js';

/** A move of the record's ref; `from` null where it is new. `keyring` is that of the protected branch. */
export interface RecordMove {
  readonly ref: string;
  readonly from: string | null;
  readonly to: string;
  readonly keyring: TrustedKeyring;
}

const recordFile =
  /^(?:verdicts\/[^/]+\/(?:verdict\.yaml|verdict\.yaml\.sig|change\.diff|verdict\.sigstore\.json)|commits\/[0-9a-f]+|covers\/[0-9a-f]+\/[^/]+|traces\/[0-9a-f]+\.json)$/;

/**
 * The record only grows, and only by what the publish key has signed: nothing in it is changed or taken away, what was
 * recorded of a verdict gets no further file, and no verdict is given to a second commit. @throws GIT_FAILED
 */
export async function judgeRecord(ports: Ports, git: GitSession, move: RecordMove): Promise<Refusal[]> {
  const { ref, from, to, keyring } = move;
  if (from !== null && !(await git.isAncestor(from, to)))
    return [refuse({ commit: to, ref }, 'ref-forced', `it does not extend ${from}`)];
  if (keyring.distrust !== null) return [refuse({ ref }, 'keyring', keyring.distrust)];
  const commits = await git.listCommits(from, to);
  const strange = commits.flatMap((commit) => judgeMaker(ports, commit, move));
  const before = from === null ? [] : await git.listFiles(from, '');
  const after = await git.listFiles(to, '');
  return [...strange, ...judgeGrowth(move, before, after), ...(await judgeEntries(git, move, before, after))];
}

function judgeMaker(ports: Ports, commit: CommitDetail, { ref, keyring }: RecordMove): Refusal[] {
  if (commit.parents.length > 1)
    return [refuse({ commit: commit.id, ref }, 'merge-commit', 'the record is one line of commits')];
  const state = checkCommit({ ports, nowMs: ports.clock.nowMs() }, commit, keyring);
  if (isPublisher(state)) return [];
  const detail =
    state.state === 'valid' ? `it is signed by ${state.signer}, not by the publish key` : `it is ${state.detail}`;
  return [refuse({ commit: commit.id, ref }, 'record-unsigned', detail)];
}

function judgeGrowth({ ref, to }: RecordMove, before: readonly TreeEntry[], after: readonly TreeEntry[]): Refusal[] {
  const now = new Map(after.map(({ path, blob, mode }) => [path, `${mode} ${blob}`]));
  const lost = before.find(({ path, blob, mode }) => now.get(path) !== `${mode} ${blob}`);
  if (lost !== undefined)
    return [refuse({ commit: to, ref }, 'record-rewritten', `it changes or takes away ${lost.path}`)];
  const known = new Set(before.map(({ path }) => path));
  const folders = new Set(before.map(({ path }) => path.replace(/[^/]*$/, '')));
  const odd = after.find(
    ({ path }) =>
      !known.has(path) &&
      (!recordFile.test(path) || (path.startsWith('verdicts/') && folders.has(path.replace(/[^/]*$/, '')))),
  );
  return odd === undefined ? [] : [refuse({ commit: to, ref }, 'record-rewritten', `it adds ${odd.path}`)];
}

async function judgeEntries(
  git: GitSession,
  { ref }: RecordMove,
  before: readonly TreeEntry[],
  after: readonly TreeEntry[],
): Promise<Refusal[]> {
  const [was, is] = [indexRecord(before), indexRecord(after)];
  const given = (index: RecordIndex): [string, string][] => [
    ...index.commits,
    ...[...index.covers].flatMap(([commit, later]) => later.map(({ blob }): [string, string] => [commit, blob])),
  ];
  const known = new Set(given(was).map(([commit, blob]) => `${commit} ${blob}`));
  const added = given(is).filter(([commit, blob]) => !known.has(`${commit} ${blob}`));
  const texts = await git.readBlobs(added.map(([, blob]) => blob));
  return added.flatMap(([commit, blob], index) => {
    const verdict = decodeUtf8(texts[index] ?? new Uint8Array())?.trimEnd() ?? '';
    if (!is.verdicts.has(verdict))
      return [refuse({ commit, ref }, 'verdict-missing', 'the record names a verdict that it does not hold')];
    if ((is.uses.get(blob) ?? 0) > 1)
      return [refuse({ commit, ref }, 'verdict-spent', `the verdict ${verdict} covers another commit already`)];
    return [];
  });
}
