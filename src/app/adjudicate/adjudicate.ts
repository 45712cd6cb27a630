import { z } from 'zod';
import { verdictSchema } from '../../core/caws/verdict/verdict.js';
import type { GitSession } from '../../ports/git.js';
import type { Ports } from '../../ports/ports.js';
import type { Operation, OperationContext } from '../operation.js';
import { useRepository } from '../use-repository.js';
import { type Candidate, sealCandidate } from './candidate.js';
import { type VerdictNaming, decideCase, deliberateCase, examineCase, openCase } from './case.js';
import { examineInputSchema } from './examine.js';
import { type SubmittedPlea, readPlea } from './read-plea.js';
import { recordFiles } from './record-files.js';

export const adjudicateInputSchema = z.strictObject({
  ...examineInputSchema.shape,
  out: z.string().min(1).optional().describe('Folder for verdict.yaml, verdict.yaml.sig and change.diff.'),
  key: z.string().min(1).optional().describe('Path of the verdict key.'),
});
export type AdjudicateInput = z.infer<typeof adjudicateInputSchema>;

export const adjudicateOutputSchema = z
  .strictObject({
    verdict: verdictSchema,
    files: z
      .strictObject({ verdict: z.string(), signature: z.string().nullable(), diff: z.string().nullable() })
      .describe(
        'What was written; no signature for a verdict that may not be signed, no diff where none was measured.',
      ),
  })
  .meta({ id: 'AdjudicateResult' });
export type AdjudicateOutput = z.infer<typeof adjudicateOutputSchema>;

/**
 * The main job, top to bottom (constitution §3–§5): admit, measure, examine, deliberate, decide, record.
 * A judgement is a value, FAIL included; only what keeps the Arbiter from judging is thrown.
 * @throws what `sealCandidate`, `admit`, `readPlea` and `loadVerdictKey` throw; nothing is written then
 */
export const adjudicate: Operation<AdjudicateInput, AdjudicateOutput> = {
  name: 'adjudicate',
  summary: 'examine a change, run its gates and sign a verdict',
  role: 'anyone',
  input: adjudicateInputSchema,
  output: adjudicateOutputSchema,
  async run(ports: Ports, input, context) {
    context.progress.stage('admit', 'the base, its spec and its policy');
    return useRepository(ports, input.repository, context.signal, async (git) => {
      const candidate = await sealCandidate(ports, git, input);
      const plea = await readPlea(ports, input);
      return judgeBrought(ports, git, { ...input, candidate, plea }, context);
    });
  },
};

/** A sealed change that no task of this store is working on, and what is said of it. */
export interface Brought extends Pick<AdjudicateInput, 'spec' | 'review' | 'out' | 'key'> {
  readonly candidate: Candidate;
  readonly plea: SubmittedPlea;
  /** The verdict that it had before on another base; left out where this is its first. */
  readonly before?: Pick<VerdictNaming, 'task' | 'course'>;
}

/** Admits, measures, examines, deliberates, decides and records. @throws what `openCase` throws */
export async function judgeBrought(
  ports: Ports,
  git: GitSession,
  { candidate, plea, spec, review, out, key, before }: Brought,
  context: OperationContext,
): Promise<AdjudicateOutput> {
  const { progress } = context;
  const opened = await openCase(ports, git, { candidate, plea, spec, key, review });

  progress.stage('measure', 'base against candidate');
  const examined = await examineCase(ports, git, opened, context);
  const deliberation = await deliberateCase(ports, git, opened, examined, context);

  progress.stage('decide', 'verdict and signature');
  return recordFiles(ports, git, out, {
    change: examined.change,
    key: opened.key,
    nowMs: opened.constitution.nowMs,
    verdictOf: (diffSha256, idBytes) =>
      decideCase(ports, git, opened, examined, deliberation, {
        task: null,
        ...before,
        idBytes,
        nonceBytes: ports.clock.randomBytes(16),
        diffSha256,
        monotonicMs: ports.clock.monotonicMs(),
      }),
  });
}
