import { z } from 'zod';
import { Fault } from '../../core/fault.js';
import type { CommitFacts, GitSession } from '../../ports/git.js';
import type { Ports } from '../../ports/ports.js';

export type CandidateFaultCode = 'USAGE' | 'CLOCK_BEFORE_BASE' | 'NOTHING_CHANGED';

/** Which change is meant: `base` against a commit (`head`), the work tree, or a patch. The work tree is the default. */
export const candidateSchema = z.strictObject({
  repository: z.string().min(1).describe('A folder in the repository.'),
  base: z
    .string()
    .min(1)
    .optional()
    .describe('Revision; HEAD when left out, the first parent of head when head is given.'),
  head: z.string().min(1).optional(),
  workTree: z.boolean().optional(),
  diff: z.string().min(1).optional().describe('A file with a unified diff that is applied to the base.'),
});
export type CandidateInput = z.infer<typeof candidateSchema>;

/** A candidate as sealed trees. */
export interface Candidate {
  readonly base: CommitFacts;
  readonly head: string | null;
  readonly tree: string;
}

/**
 * Resolves base and candidate and seals the candidate's tree.
 * @throws USAGE when more than one of head, work tree and diff is given
 * @throws UNKNOWN_REVISION, BASE_NOT_ANCESTOR, PATCH_DOES_NOT_APPLY, CLOCK_BEFORE_BASE, GIT_FAILED, GIT_TIMEOUT
 */
export async function sealCandidate(ports: Ports, git: GitSession, input: CandidateInput): Promise<Candidate> {
  const kinds = [input.head !== undefined, input.workTree === true, input.diff !== undefined].filter(Boolean).length;
  if (kinds > 1) {
    throw new Fault<CandidateFaultCode>('USAGE', 'more than one of --head, --work-tree and --diff is given', {
      mend: 'name one candidate: a revision, the work tree, or a patch',
    });
  }
  if (input.head !== undefined) return sealCommit(ports, git, input.head, input.base);
  const base = await resolveBase(ports, git, input.base ?? 'HEAD');
  if (input.diff === undefined) return { base, head: null, tree: await git.sealWorkTree() };
  return { base, head: null, tree: await git.sealPatch(base.id, await ports.files.readFile(input.diff)) };
}

async function sealCommit(
  ports: Ports,
  git: GitSession,
  revision: string,
  base: string | undefined,
): Promise<Candidate> {
  const head = await git.resolveCommit(revision);
  const parent = head.parents[0];
  if (base === undefined && parent === undefined) {
    throw new Fault<CandidateFaultCode>('USAGE', `${JSON.stringify(revision)} has no parent to compare with`, {
      mend: 'name the base with --base',
    });
  }
  const baseCommit = await resolveBase(ports, git, base ?? parent ?? '');
  await git.requireAncestor(baseCommit, head);
  return { base: baseCommit, head: head.id, tree: head.tree };
}

async function resolveBase(ports: Ports, git: GitSession, revision: string): Promise<CommitFacts> {
  const base = await git.resolveCommit(revision);
  const toleranceMs = 5 * 60_000;
  if (base.committedMs > ports.clock.nowMs() + toleranceMs) {
    const when = new Date(base.committedMs).toISOString();
    throw new Fault<CandidateFaultCode>(
      'CLOCK_BEFORE_BASE',
      `the base ${base.id.slice(0, 12)} was committed at ${when}, which this clock has not reached`,
      {
        mend: 'set the clock of this machine right: waivers and verdicts carry its time',
      },
    );
  }
  return base;
}
