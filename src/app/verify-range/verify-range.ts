import { z } from 'zod';
import { recordRef } from '../../core/caws/publication/publisher.js';
import { type RangeReport, rangeReportSchema } from '../../core/caws/publication/range-report.js';
import { Fault, isFault } from '../../core/fault.js';
import type { CommitFacts, GitSession } from '../../ports/git.js';
import type { Operation } from '../operation.js';
import { useRepository } from '../use-repository.js';
import { coverRange } from './cover-range.js';
import { readRootKey } from './root-key.js';

export type RangeFaultCode = 'RANGE_INVALID';

const verifyRangeInputSchema = z.strictObject({
  repository: z.string().min(1),
  range: z.string().min(1).describe('BASE..HEAD: what HEAD has and BASE does not.'),
  root: z.string().min(1).optional().describe('Public root key to trust, instead of the one pinned on this machine.'),
  allowLocal: z.boolean().default(false).describe('Let verdicts count whose key a worker may reach.'),
});
export type VerifyRangeInput = z.infer<typeof verifyRangeInputSchema>;

/**
 * Asks of each commit between two whether a verdict covers it, or a person's signature where it changes governance
 * alone. @throws RANGE_INVALID, ROOT_KEY_INVALID, UNKNOWN_REVISION, GIT_FAILED also in a shallow clone
 */
export const verifyRange: Operation<VerifyRangeInput, RangeReport> = {
  name: 'verify',
  summary: 'check that each commit between two has a valid verdict of its own',
  role: 'anyone',
  input: verifyRangeInputSchema,
  output: rangeReportSchema,
  async run(ports, { repository, range, root, allowLocal }, { progress, signal }) {
    const { from, to } = splitRange(range);
    const rootKey = await readRootKey(ports, root);
    return useRepository(ports, repository, signal, async (git) => {
      progress.stage('verify', range);
      const [base, head] = [await resolvePlain(git, from), await resolvePlain(git, to)];
      const record = await findRecord(git);
      return coverRange(ports, git, { base: base.id, head: head.id, record, rootKey, localCounts: allowLocal });
    });
  },
};

function splitRange(range: string): { from: string; to: string } {
  const [from = '', to = '', ...rest] = range.split('..');
  if (from !== '' && to !== '' && rest.length === 0 && !to.startsWith('.')) return { from, to };
  throw new Fault<RangeFaultCode>('RANGE_INVALID', `"${range}" is not a range`, {
    mend: 'write BASE..HEAD with two dots, such as origin/main..HEAD; arbiter verdict verify checks one verdict’s file',
  });
}

/** A commit by a name that is no tag object: what a tag says beside its commit is judged by nobody. @throws UNKNOWN_REVISION */
async function resolvePlain(git: GitSession, name: string): Promise<CommitFacts> {
  const commit = await git.resolveCommit(name);
  await git.listCommits(name, name);
  return commit;
}

/** Where the record stands here; null where nothing was ever published. @throws GIT_FAILED */
export async function findRecord(git: GitSession): Promise<string | null> {
  try {
    return (await git.resolveCommit(recordRef)).id;
  } catch (error) {
    if (isFault(error, 'UNKNOWN_REVISION')) return null;
    throw error;
  }
}
