import { z } from 'zod';
import { verdictSchema } from '../../core/caws/verdict/verdict.js';
import { Fault } from '../../core/fault.js';
import type { CommitFacts } from '../../ports/git.js';
import type { LedgerLog } from '../../ports/ledger-log.js';
import { adjudicate, adjudicateOutputSchema } from '../adjudicate/adjudicate.js';
import { coverExisting, logCover } from '../adjudicate/publish/cover-existing.js';
import { enterJudged, folderOf } from '../adjudicate/publish/enter-judged.js';
import { loadPublisher } from '../adjudicate/publish/load-publisher.js';
import { readVerdictFolder } from '../adjudicate/publish/verdict-folder.js';
import type { Operation } from '../operation.js';
import { useRepository } from '../use-repository.js';

export type ReadjudicateFaultCode = 'COMMIT_WITHOUT_PARENT';

const readjudicateInputSchema = z.strictObject({
  repository: z.string().min(1),
  commit: z.string().min(1).describe('A commit that is there, such as a squash or a merge of a forge.'),
  spec: z.string().min(1).optional(),
  review: z.string().min(1).optional(),
  out: z.string().min(1).optional().describe('Folder for the verdict; default: a new one outside the repository.'),
  key: z.string().min(1).optional().describe('Path of the verdict key.'),
  publishKey: z.string().min(1).optional().describe('Path of the publish key.'),
});
export type ReadjudicateInput = z.infer<typeof readjudicateInputSchema>;

const readjudicateOutputSchema = z
  .strictObject({
    commit: z.string(),
    base: z.string().describe('Its first parent, against which its tree was judged.'),
    verdict: verdictSchema,
    files: adjudicateOutputSchema.shape.files,
    covered: z.boolean().describe('Whether the record gives this verdict to the commit now: a signed PASS only.'),
    record: z.string().nullable().describe('Commit of refs/caws/ledger that says so.'),
    entry: z.int().nonnegative().nullable().describe('Index in the ledger of this store; null when it is not there.'),
  })
  .meta({ id: 'Readjudication' });
export type ReadjudicateOutput = z.infer<typeof readjudicateOutputSchema>;

/**
 * Judges the tree of a commit that is there against its first parent, gates and all, and puts a PASS onto the record as
 * that commit's own later verdict. Of a merge, all that the other parents bring is one change, and so is what the merge
 * itself slipped in. No branch is moved. A verdict that does not count is told, and recorded nowhere.
 * @throws COMMIT_WITHOUT_PARENT, UNKNOWN_REVISION, PUBLISH_KEY_UNKNOWN, LEDGER_ROLLED_BACK, and what `adjudicate` throws
 */
export const readjudicate: Operation<ReadjudicateInput, ReadjudicateOutput> = {
  name: 'readjudicate',
  summary: 'judge a commit that is there, such as a squash or a merge, and cover it by that verdict',
  role: 'human',
  input: readjudicateInputSchema,
  output: readjudicateOutputSchema,
  async run(ports, input, context) {
    const { repository, publishKey, commit: revision, ...rest } = input;
    const { signal } = context;
    const commit = await useRepository(ports, repository, signal, (git) => git.resolveCommit(revision));
    const base = requireParent(commit);
    const judged = await adjudicate.run(ports, { repository, head: commit.id, base, ...rest }, context);
    const { verdict, files } = judged;
    const told = { commit: commit.id, base, verdict, files, covered: false, record: null, entry: null };
    if (verdict.verdict !== 'PASS' || verdict.advisory || files.signature === null) return told;
    context.progress.stage('record', commit.id);
    return useRepository(ports, repository, signal, async (git) => {
      const cover = (ledger: LedgerLog): Promise<number | null> => logCover(ledger, verdict.verdict_id, commit);
      const logged = await enterJudged(ports, git, { judged, key: input.key }, cover, signal);
      const tip = await git.protectedTip();
      const found = await readVerdictFolder(ports, git, folderOf(judged), tip?.commit);
      const signer = await loadPublisher(ports, git.root, publishKey, found.keyring);
      const { record } = await coverExisting(git, found, signer, commit);
      return { ...told, covered: true, record, entry: logged };
    });
  },
};

function requireParent({ id, parents: [parent] }: CommitFacts): string {
  if (parent !== undefined) return parent;
  throw new Fault<ReadjudicateFaultCode>(
    'COMMIT_WITHOUT_PARENT',
    `${id} has no parent that it could be judged against`,
    {
      mend: 'a history begins with it: let a person read it, and audit from there with arbiter audit --base',
    },
  );
}
