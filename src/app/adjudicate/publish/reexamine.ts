import type { WorkFacts } from '../../../core/caws/verdict/assemble-verdict.js';
import type { Verdict } from '../../../core/caws/verdict/verdict.js';
import type { GitSession } from '../../../ports/git.js';
import type { Ports } from '../../../ports/ports.js';
import type { OperationContext } from '../../operation.js';
import { judgeBrought } from '../adjudicate.js';
import type { Candidate } from '../candidate.js';
import type { SubmittedPlea } from '../read-plea.js';
import { enterJudged, folderOf } from './enter-judged.js';
import { type PublishableVerdict, unpublishable } from './verdict-folder.js';

/**
 * Judges a published-to-be change once more, on the protected branch as it stands now: the patch is applied to the new
 * base, and spec, policy, gates and waivers are those of that base. Answers the folder of the new verdict, which names the
 * one before; null where the branch has not moved. What no longer passes is not landed.
 * @param keyFile the verdict key; left out: the usual one
 * @throws PATCH_DOES_NOT_APPLY, VERDICT_UNPUBLISHABLE where it is no PASS now, and what `adjudicate` throws
 */
export async function reexamine(
  ports: Ports,
  git: GitSession,
  { found, keyFile }: { readonly found: PublishableVerdict; readonly keyFile: string | undefined },
  context: OperationContext,
): Promise<string | null> {
  const { verdict, sha256 } = found;
  const tip = await git.protectedTip();
  if (tip === null || tip.commit === found.base) return null;
  context.progress.stage('re-examine', `on ${tip.ref} at ${tip.commit.slice(0, 12)}`);
  const judged = await judgeBrought(
    ports,
    git,
    {
      candidate: await applyTo(git, tip.commit, found),
      plea: pleaOf(verdict),
      ...(verdict.spec === null ? {} : { spec: verdict.spec.id }),
      ...(keyFile === undefined ? {} : { key: keyFile }),
      before: {
        task:
          verdict.task_id === null || verdict.attempt === null
            ? null
            : { id: verdict.task_id, attempt: verdict.attempt },
        course: { judge: null, previousSha256: sha256, logSize: null },
      },
    },
    context,
  );
  const { verdict: now, files } = judged;
  if (now.verdict !== 'PASS' || now.advisory || files.signature === null) throw refuse(now, tip.ref, files.verdict);
  await enterJudged(ports, git, { judged, key: keyFile }, async () => null, context.signal);
  return folderOf(judged);
}

async function applyTo(git: GitSession, commit: string, { files }: PublishableVerdict): Promise<Candidate> {
  const base = await git.resolveCommit(commit);
  return { base, head: null, tree: await git.sealPatch(base.id, files.get('change.diff') ?? new Uint8Array()) };
}

/** Who worked and how is what the verdict before says, which is signed. Plan and rationale were judged then. */
function pleaOf({ worker }: Verdict): SubmittedPlea {
  return {
    plan: null,
    planSha256: null,
    rationale: null,
    rationaleSha256: null,
    evidence: [],
    evidenceSha256: null,
    worker: worker && { agent: worker.agent, version: worker.version, model: worker.model },
    work: worker && workOf(worker),
  };
}

/** Null where the verdict before does not know all of it. */
function workOf(worker: NonNullable<Verdict['worker']>): WorkFacts | null {
  const { prompt_sha256: prompt, transcript_sha256: transcript, output_sha256: output, tokens } = worker;
  if (prompt == null || transcript == null || output == null) return null;
  const microUsd = worker.cost_micro_usd ?? null;
  const spent =
    tokens == null || microUsd === null ? null : { microUsd, inputTokens: tokens.input, outputTokens: tokens.output };
  return { promptSha256: prompt, transcriptSha256: transcript, outputSha256: output, spent };
}

function refuse(now: Verdict, ref: string, file: string) {
  const why = now.advisory ? now.advisory_reasons.map(({ message }) => message).join('; ') : now.verdict;
  return unpublishable(`examined again on ${ref} as it stands now, it is ${why} (arbiter verdict verify ${file})`);
}
