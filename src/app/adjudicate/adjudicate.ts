import { z } from 'zod';
import type { Change } from '../../core/caws/change.js';
import type { Examination } from '../../core/caws/examine/examination.js';
import { examineUnmeasured } from '../../core/caws/examine/git-failure.js';
import type { FileFacts } from '../../core/caws/file-facts.js';
import { sortFindings } from '../../core/caws/finding.js';
import { judgeRationale } from '../../core/caws/gate/judge-rationale.js';
import { examineReview } from '../../core/caws/verdict/examine-review.js';
import { verdictSchema } from '../../core/caws/verdict/verdict.js';
import { Fault, isFault } from '../../core/fault.js';
import type { GitSession } from '../../ports/git.js';
import type { Ports } from '../../ports/ports.js';
import type { Operation, OperationContext } from '../operation.js';
import { type Constitution, admit } from './admit.js';
import { type Candidate, type CandidateFaultCode, sealCandidate } from './candidate.js';
import { decide } from './decide.js';
import { deliberate } from './deliberate.js';
import { examineInputSchema } from './examine.js';
import { examineChange } from './examine-change.js';
import { loadVerdictKey } from './load-verdict-key.js';
import { type SubmittedPlea, readPlea } from './read-plea.js';
import { readReview } from './read-review.js';
import { recordFiles } from './record-files.js';
import { useRepository } from '../use-repository.js';

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
    const { progress, signal } = context;
    progress.stage('admit', 'the base, its spec and its policy');
    return useRepository(ports, input.repository, signal, async (git) => {
      const candidate = await sealCandidate(ports, git, input);
      const plea = await readPlea(ports, input);
      const workers = plea.worker === null ? [] : [plea.worker.agent];
      const constitution = await admit(ports, git, candidate, { spec: input.spec, needsSpec: true, workers });
      const key = await loadVerdictKey(ports, git, input.key, constitution);
      const review = await readReview(ports, input.review, candidate, constitution);

      progress.stage('measure', 'base against candidate');
      const measured = await measureAndExamine(ports, git, candidate, constitution, plea, context);
      const deliberation =
        measured.change === null
          ? { gates: [], findings: [] }
          : await deliberate(ports, git, { ...measured, change: measured.change, constitution, plea }, context);

      progress.stage('decide', 'verdict and signature');
      const reviewed =
        constitution.spec === null
          ? []
          : examineReview({
              riskTier: constitution.spec.riskTier,
              signature: review,
              workers: constitution.workers,
            });
      const examination = {
        ...measured.examination,
        findings: sortFindings([
          ...constitution.findings,
          ...measured.examination.findings,
          ...deliberation.findings,
          ...reviewed,
        ]),
      };
      return recordFiles(ports, git, input.out, {
        change: measured.change,
        key,
        nowMs: constitution.nowMs,
        verdictOf: (diffSha256, idBytes) =>
          decide({
            repositoryId: constitution.repositoryId ?? '',
            candidate,
            constitution: key === null ? withoutKey(constitution) : constitution,
            plea,
            change: measured.change,
            diffSha256,
            examination,
            gates: deliberation.gates,
            trust: key?.trust ?? 'local',
            engine: { ...ports.engine, git: git.version },
            nowMs: constitution.nowMs,
            idBytes,
            nonceBytes: ports.clock.randomBytes(16),
          }),
      });
    });
  },
};

interface Measured {
  readonly change: Change | null;
  readonly examination: Examination;
  readonly facts: readonly FileFacts[];
}

/** A git error or timeout while measuring is a FAIL with its reason, never an empty change (constitution §3). */
async function measureAndExamine(
  ports: Ports,
  git: GitSession,
  candidate: Candidate,
  constitution: Constitution,
  plea: SubmittedPlea,
  { progress }: OperationContext,
): Promise<Measured> {
  try {
    const change = await git.measure(candidate.base, candidate.tree, candidate.head);
    if (change.files.length === 0 && constitution.findings.length === 0) throw refuseEmpty(candidate);
    progress.stage('examine', `files: ${change.totals.files}, lines: ${change.totals.loc}`);
    const { examination, facts } = await examineChange(ports, git, change, constitution, plea.plan);
    const rationale = plea.rationale === null ? [] : judgeRationale(plea.rationale, change, constitution.spec);
    return { change, facts, examination: { ...examination, findings: [...examination.findings, ...rationale] } };
  } catch (error) {
    if (!isFault(error, 'GIT_FAILED') && !isFault(error, 'GIT_TIMEOUT')) throw error;
    return { change: null, facts: [], examination: examineUnmeasured(error.message) };
  }
}

/** A verdict on nothing would be a PASS that says nothing. */
function refuseEmpty(candidate: Candidate): Fault<CandidateFaultCode> {
  return new Fault('NOTHING_CHANGED', `the candidate equals the base ${candidate.base.id.slice(0, 12)}`, {
    mend: 'change something first, or name another base or head; arbiter gates check shows that the gates are alive',
  });
}

function withoutKey(constitution: Constitution): Constitution {
  const message = 'there is no verdict key, so that it is not signed: run arbiter init, or name one with --key';
  return { ...constitution, advisoryReasons: [...constitution.advisoryReasons, { kind: 'other', message }] };
}
