import { z } from 'zod';
import { publishModeSchema } from '../../../core/caws/arbiter-config.js';
import { recordOf } from '../../../core/caws/dialects/plain-data.js';
import { recordRef } from '../../../core/caws/publication/publisher.js';
import { composeCommitMessage } from '../../../core/caws/publication/trailers.js';
import { isFault } from '../../../core/fault.js';
import type { GitSession, Landing } from '../../../ports/git.js';
import type { Ports } from '../../../ports/ports.js';
import { findSpec } from '../../constitution/find-spec.js';
import { loadConfiguration } from '../../gates/load-configuration.js';
import type { Operation } from '../../operation.js';
import { useRepository } from '../../use-repository.js';
import { chooseBranch } from './choose-branch.js';
import { findFolder } from './find-folder.js';
import { gatherEvidence } from './gather-evidence.js';
import { landAndEnter } from './land-and-enter.js';
import { loadPublisher } from './load-publisher.js';
import { describePullRequest } from './pull-request.js';
import { reexamine } from './reexamine.js';
import { type PublishableVerdict, readVerdictFolder } from './verdict-folder.js';

const publishInputSchema = z.strictObject({
  repository: z.string().min(1),
  target: z.string().min(1).describe('Id of a task, or the folder of a verdict.'),
  mode: publishModeSchema.optional().describe('Default: publish of .caws/arbiter.yaml at the base.'),
  key: z.string().min(1).optional().describe('Path of the publish key.'),
  reexamine: z
    .boolean()
    .optional()
    .describe('Where the base has moved, judge the change again on the new one, gates and all, and land that verdict.'),
  verdictKey: z.string().min(1).optional().describe('Path of the verdict key, for a change that is judged again.'),
});
export type PublishInput = z.infer<typeof publishInputSchema>;

export const publishOutputSchema = z
  .strictObject({
    mode: publishModeSchema,
    verdict_id: z.string(),
    replaces: z.string().nullable().describe('Id of the verdict on the base before, where it was judged again.'),
    commit: z.string().nullable().describe('Null where only the record was written.'),
    ref: z.string().nullable(),
    record: z.string().describe('Commit of refs/caws/ledger that holds the verdict.'),
    entry: z
      .int()
      .nonnegative()
      .nullable()
      .describe('Index of the publication in the ledger of this store; null when it is not there.'),
    changed: z.boolean().describe('False when all of it was published already.'),
    pull_request: z.strictObject({ title: z.string(), body: z.string() }).nullable(),
  })
  .meta({ id: 'PublishResult' });
export type PublishOutput = z.infer<typeof publishOutputSchema>;

/**
 * Lands what a signed PASS judged, and nothing else: the commit is made here, of the judged tree on the judged base, and
 * comes with the record of its verdict in one transaction. A base that has moved is never merged with: the change is judged
 * again on the new one, where that is asked for.
 * @throws VERDICT_UNPUBLISHABLE, BASE_MOVED, BRANCH_CHECKED_OUT, PROTECTED_REF_ELSEWHERE, PUBLISH_KEY_UNKNOWN, TASK_UNKNOWN,
 * LEDGER_ROLLED_BACK
 */
export const publish: Operation<PublishInput, PublishOutput> = {
  name: 'publish',
  summary: 'land a change that a signed PASS covers, with the record of its verdict',
  role: 'human',
  input: publishInputSchema,
  output: publishOutputSchema,
  async run(ports, input, context) {
    const { progress, signal } = context;
    progress.stage('read', 'the verdict and its change');
    const folder = await findFolder(ports, input.target, signal);
    return useRepository(ports, input.repository, signal, async (git) => {
      const first = await readVerdictFolder(ports, git, folder);
      const asked = { found: first, keyFile: input.verdictKey };
      const again = input.reexamine === true ? await reexamine(ports, git, asked, context) : null;
      const found = again === null ? first : await readVerdictFolder(ports, git, again);
      const replaces = again === null ? null : first.verdict.verdict_id;
      const { verdict } = found;
      const base = await git.resolveCommit(found.base);
      const mode = input.mode ?? (await loadConfiguration(ports, git, base)).publish;
      const branch = await chooseBranch(git, verdict, mode);
      const signer = await loadPublisher(ports, git.root, input.key, found.keyring);
      const title = await titleOf(ports, git, found);
      const evidence = await gatherEvidence(git, found);
      progress.stage('land', branch?.ref ?? recordRef);
      const landing: Landing = {
        ...found,
        message: messageOf(found, title),
        atMs: Date.parse(verdict.clock.wall),
        sign: (bytes) => signer.sign('git', bytes),
        branch,
        record: recordEntry(found),
        ...evidence,
      };
      const { entry, ...landed } = await landAndEnter(ports, git, { found, landing }, signal);
      const commit = branch === null ? null : landed.commit;
      const shown = mode !== 'branch' ? null : describePullRequest(verdict, { ...landed, title, sha256: found.sha256 });
      const { record, changed } = landed;
      const ref = branch?.ref ?? null;
      return {
        mode,
        verdict_id: verdict.verdict_id,
        replaces,
        commit,
        ref,
        record,
        entry,
        changed,
        pull_request: shown,
      };
    });
  },
};

function messageOf({ verdict, sha256, place }: PublishableVerdict, title: string): string {
  const judged = verdict.task_id === null ? 'a change that was brought' : `task ${verdict.task_id}`;
  return composeCommitMessage({
    subject: title,
    body: `Judged PASS as ${judged}; the verdict is on ${recordRef}.`,
    trailers: { verdictId: verdict.verdict_id, sha256, log: place },
    worker: verdict.worker,
  });
}

function recordEntry({ verdict, files }: PublishableVerdict): Landing['record'] {
  const id = verdict.verdict_id;
  return {
    ref: recordRef,
    message: `verdict ${id}`,
    files: new Map([...files].map(([name, bytes]) => [`verdicts/${id}/${name}`, bytes])),
    commitText: `${id}\n`,
  };
}

/** The spec's own title, as the base has it; its id where the title cannot be read. */
async function titleOf(ports: Ports, git: GitSession, { verdict, base }: PublishableVerdict): Promise<string> {
  const id = verdict.spec?.id ?? null;
  if (id === null) return 'A change without a spec';
  const source = {
    readFile: (path: string) => git.readFile(base, path),
    listFiles: async (folder: string) => (await git.listFiles(base, folder)).map(({ path }) => path),
  };
  try {
    const spec = await findSpec(source, ports.documents, { id });
    const title = spec === null ? null : recordOf(ports.documents.read(spec.bytes, spec.path).value)['title'];
    return typeof title === 'string' ? `${id}: ${title}` : id;
  } catch (error) {
    if (isFault(error, 'SPEC_NOT_FOUND') || isFault(error, 'YAML_INVALID') || isFault(error, 'YAML_REFUSED')) return id;
    throw error;
  }
}
