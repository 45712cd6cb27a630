import type { Slipped, SlippedKind } from '../../core/caws/publication/audit-report.js';
import { readMakers } from '../../core/caws/publication/commit-makers.js';
import type { CoveredCommit, Refusal } from '../../core/caws/publication/range-report.js';
import { decodeUtf8 } from '../../core/digest.js';
import { formatInstant } from '../../core/time.js';
import type { CommitDetail, GitSession } from '../../ports/git.js';
import type { JudgedTrees } from './judged-trees.js';

const shownFiles = 50;
const historyReasons: readonly Refusal['reason'][] = ['ref-forced', 'broken-chain', 'root-commit'];

/** What the audit knows of the whole branch. */
export interface AuditDesk {
  readonly git: GitSession;
  readonly covered: ReadonlyMap<string, CoveredCommit>;
  readonly trees: JudgedTrees;
  /** Commits that a merge brought, by the merge. */
  readonly brought: ReadonlyMap<string, readonly string[]>;
}

/** Names one commit that nothing covers: what it is, who made it, what it changes, and what to do next. @throws GIT_FAILED */
export async function nameSlipped(desk: AuditDesk, commit: CommitDetail, refusal: Refusal): Promise<Slipped> {
  const files = await changedFiles(desk.git, commit);
  const { kind, detail } = await classify(desk, commit, refusal);
  const { author, committer } = readMakers(decodeUtf8(commit.signedBytes) ?? '');
  return {
    commit: commit.id,
    kind,
    reason: refusal.reason,
    detail,
    author,
    committer,
    committed: formatInstant(commit.committedMs),
    subject: commit.message.split('\n', 1)[0]?.slice(0, 200) ?? '',
    files: files.slice(0, shownFiles),
    files_omitted: Math.max(0, files.length - shownFiles),
    next: nextFor(commit, kind, files, refusal),
  };
}

async function classify(
  desk: AuditDesk,
  commit: CommitDetail,
  { reason, detail }: Refusal,
): Promise<{ kind: SlippedKind; detail: string }> {
  if (historyReasons.includes(reason)) return { kind: 'history', detail };
  if (commit.parents.length > 1) return { kind: 'merge', detail: `${detail}; ${await describeMerge(desk, commit)}` };
  const twin = await desk.trees.find(commit.tree);
  if (twin === null) return { kind: 'uncovered', detail };
  const where = twin.base === commit.parents[0] ? 'on this very base' : `on ${twin.base.slice(0, 12)}`;
  return { kind: 'squash', detail: `its tree is the one that verdict ${twin.verdictId} judged ${where}; ${detail}` };
}

async function describeMerge(
  { git, covered, brought }: AuditDesk,
  { id, tree, parents }: CommitDetail,
): Promise<string> {
  const commits = brought.get(id) ?? [];
  const bare = commits.filter((one) => !covered.has(one)).length;
  const what =
    bare === 0
      ? `each of the ${commits.length} that it brings is covered`
      : `${bare} of the ${commits.length} that it brings are not covered`;
  const trees = await Promise.all(parents.map(async (parent) => (await git.resolveCommit(parent)).tree));
  return trees.includes(tree)
    ? `${what}, and its tree is that of a parent`
    : `${what}, and its tree is that of no parent`;
}

/** Only folders at the top that differ are read. A commit without a parent changes all that it holds. */
async function changedFiles(git: GitSession, { id, parents: [parent] }: CommitDetail): Promise<string[]> {
  if (parent === undefined) return (await git.listFiles(id, '')).map(({ path }) => path);
  const changed = new Set<string>();
  for (const name of await git.changedNames(parent, id)) {
    const entriesOf = async (commit: string): Promise<Map<string, string>> =>
      new Map((await git.listFiles(commit, name)).map(({ path, mode, blob }) => [path, `${mode} ${blob}`]));
    const [was, is] = [await entriesOf(parent), await entriesOf(id)];
    for (const path of [...was.keys(), ...is.keys()]) if (was.get(path) !== is.get(path)) changed.add(path);
  }
  return [...changed].sort();
}

function nextFor({ id }: CommitDetail, kind: SlippedKind, files: readonly string[], refusal: Refusal): string[] {
  const short = id.slice(0, 12);
  if (kind === 'history')
    return [refusal.mend, 'where it was meant, a person audits on from there: arbiter audit --base REV'];
  const back = `or take it back with git revert ${kind === 'merge' ? '-m 1 ' : ''}${short}, a change that is judged like any other`;
  if (files.some((path) => path === '.caws' || path.startsWith('.caws/')))
    return [`read what it changes of .caws: git show ${short} -- .caws`, refusal.mend, back];
  return [
    ...(refusal.reason === 'keyring' || refusal.reason === 'verdict-missing' ? [refusal.mend] : []),
    `have it judged as it is: arbiter readjudicate ${short}, then git push origin refs/caws/ledger`,
    back,
  ];
}
