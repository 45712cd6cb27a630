import { z } from 'zod';
import { type AuditReport, type Slipped, auditReportSchema } from '../../core/caws/publication/audit-report.js';
import { traceLineage } from '../../core/caws/publication/lineage.js';
import type { RangeReport, Refusal } from '../../core/caws/publication/range-report.js';
import { Fault } from '../../core/fault.js';
import type { CommitDetail, GitSession } from '../../ports/git.js';
import type { Ports } from '../../ports/ports.js';
import type { PublicationFaultCode } from '../adjudicate/publish/choose-branch.js';
import type { Operation } from '../operation.js';
import { useRepository } from '../use-repository.js';
import { refuse } from '../verify-range/cover-desk.js';
import { coverRange } from '../verify-range/cover-range.js';
import { createKeyringReader } from '../verify-range/read-keyrings.js';
import { readRootKey } from '../verify-range/root-key.js';
import { findRecord } from '../verify-range/verify-range.js';
import { type AuditOf, type AuditStart, findStart, rememberClean } from './find-start.js';
import { createJudgedTrees } from './judged-trees.js';
import { nameSlipped } from './name-slipped.js';

const auditInputSchema = z.strictObject({
  repository: z.string().min(1),
  branch: z.string().min(1).optional().describe('Default: the protected branch.'),
  base: z.string().min(1).optional().describe('Begin after this commit, and answer for all before it.'),
  root: z.string().min(1).optional().describe('Public root key to trust, instead of the one pinned on this machine.'),
  allowLocal: z.boolean().default(false).describe('Let verdicts count whose key a worker may reach.'),
});
export type AuditInput = z.infer<typeof auditInputSchema>;

/**
 * After the fact: names each commit of a branch that no verdict and no person's signature covers. Begins where the branch
 * was last found clean on this machine, so that a rewritten history is noticed, too; the first time where it was first
 * governed. What slipped is named again until it is covered, taken back, or answered for with `base`.
 * @throws AUDIT_UNGOVERNED, UNKNOWN_REVISION, ROOT_KEY_INVALID, GIT_FAILED also in a shallow clone
 */
export const audit: Operation<AuditInput, AuditReport> = {
  name: 'audit',
  summary: 'name what slipped onto a protected branch without a verdict, who brought it and what to do',
  role: 'anyone',
  input: auditInputSchema,
  output: auditReportSchema,
  async run(ports, input, { progress, signal }) {
    const rootKey = await readRootKey(ports, input.root);
    return useRepository(ports, input.repository, signal, async (git) => {
      const { branch, head } = await findBranch(git, input.branch);
      progress.stage('audit', branch);
      const of: AuditOf = { branch, head, rootKey, allowLocal: input.allowLocal };
      const start = await findStart(ports, git, input.base, of);
      const report = await walk(ports, git, of, start);
      if (report.clean) await rememberClean(ports, git, of);
      return report;
    });
  },
};

async function findBranch(git: GitSession, named: string | undefined): Promise<{ branch: string; head: string }> {
  if (named !== undefined) return { branch: named, head: (await git.resolveCommit(named)).id };
  const tip = await git.protectedTip();
  if (tip !== null) return { branch: tip.ref, head: tip.commit };
  throw new Fault<PublicationFaultCode>(
    'PROTECTED_REF_ELSEWHERE',
    'there is no protected branch here (origin/HEAD, main or master)',
    {
      mend: 'name the branch: arbiter audit BRANCH',
    },
  );
}

async function walk(ports: Ports, git: GitSession, of: AuditOf, start: AuditStart): Promise<AuditReport> {
  const { branch, head, rootKey, allowLocal: localCounts } = of;
  const { base, since, missing } = start;
  const record = await findRecord(git);
  const range = missing
    ? lostRange(start, head)
    : await coverRange(ports, git, { base, head, record, rootKey, localCounts });
  const slipped = await nameAll(ports, git, { range, record, rootKey, isKnown: !missing });
  const { commits, covered } = range;
  return { branch, base, since, head, clean: slipped.length === 0, commits, covered, slipped };
}

/** The history that was audited last is gone: whatever stands there now is another one. */
function lostRange({ base }: AuditStart, head: string): RangeReport {
  const refusal = refuse(
    { commit: head },
    'ref-forced',
    `${base}, up to which it was audited last, is not here any more`,
  );
  return { base, head, verified: false, commits: 0, covered: [], refusals: [refusal] };
}

async function nameAll(
  ports: Ports,
  git: GitSession,
  known: { range: RangeReport; record: string | null; rootKey: string | undefined; isKnown: boolean },
): Promise<Slipped[]> {
  const { range, record, rootKey, isKnown } = known;
  const { base, head, covered, refusals } = range;
  if (refusals.length === 0) return [];
  const commits = await git.listCommits(isKnown ? base : null, head);
  const byId = new Map(commits.map((commit) => [commit.id, commit]));
  const repositoryId = await git.repositoryId(head);
  const keyring = await (await createKeyringReader(ports, git, { repositoryId, rootKey, head }))(head);
  const desk = {
    git,
    covered: new Map(covered.map((one) => [one.commit, one])),
    trees: createJudgedTrees(ports, git, { record, keyring }),
    brought: groupByMerge(base, head, commits),
  };
  const slipped: Slipped[] = [];
  for (const refusal of refusals) {
    const commit = byId.get(refusal.commit ?? head) ?? (await readAlone(git, refusal, head));
    slipped.push(await nameSlipped(desk, commit, refusal));
  }
  return slipped;
}

function groupByMerge(base: string, head: string, commits: readonly CommitDetail[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [id, merge] of traceLineage(base, head, commits).broughtBy)
    groups.set(merge, [...(groups.get(merge) ?? []), id]);
  return groups;
}

/** A commit that is not of the range, such as a head that stands below its base. */
async function readAlone(git: GitSession, { commit }: Refusal, head: string): Promise<CommitDetail> {
  const id = commit ?? head;
  const { parents } = await git.resolveCommit(id);
  const found = (await git.listCommits(parents[0] ?? null, id)).find((one) => one.id === id);
  if (found !== undefined) return found;
  throw new Fault('UNKNOWN_REVISION', `"${id}" names no commit here`, { mend: 'fetch it' });
}
