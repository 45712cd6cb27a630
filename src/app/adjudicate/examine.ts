import { z } from 'zod';
import { findingSchema, sortFindings } from '../../core/caws/finding.js';
import { judgeRationale } from '../../core/caws/gate/judge-rationale.js';
import type { Ports } from '../../ports/ports.js';
import type { Operation } from '../operation.js';
import { admit } from './admit.js';
import { candidateSchema, sealCandidate } from './candidate.js';
import { examineChange } from './examine-change.js';
import { measurementSchema, showChange } from './measure.js';
import { pleaFilesSchema, readPlea } from './read-plea.js';
import { useRepository } from '../use-repository.js';

export const examineInputSchema = z.strictObject({
  ...candidateSchema.shape,
  ...pleaFilesSchema.shape,
  spec: z.string().min(1).optional().describe('Id of a spec at the base, or a file that equals a blob there.'),
  review: z.string().min(1).optional().describe('A reviewer’s signature in namespace caws-review.'),
});
export type ExamineInput = z.infer<typeof examineInputSchema>;

export const examineOutputSchema = z
  .strictObject({ ...measurementSchema.shape, findings: z.array(findingSchema) })
  .meta({ id: 'ExamineResult' });
export type ExamineOutput = z.infer<typeof examineOutputSchema>;

/**
 * Examines a change without running anything of it. In a repository without CAWS every finding that needs no spec is
 * still reported. @throws what `admit` and `sealCandidate` throw
 */
export const examine: Operation<ExamineInput, ExamineOutput> = {
  name: 'examine',
  summary: 'examine a change without running anything: budget, scope, protected paths, tampering',
  role: 'anyone',
  input: examineInputSchema,
  output: examineOutputSchema,
  async run(ports: Ports, input, { progress, signal }) {
    progress.stage('measure', 'sealing the candidate');
    return useRepository(ports, input.repository, signal, async (git) => {
      const candidate = await sealCandidate(ports, git, input);
      const plea = await readPlea(ports, input);
      const workers = plea.worker === null ? [] : [plea.worker.agent];
      const constitution = await admit(ports, git, candidate, { spec: input.spec, needsSpec: false, workers });
      const change = await git.measure(candidate.base, candidate.tree, candidate.head);
      progress.stage('examine', `files: ${change.totals.files}`);
      const { examination } = await examineChange(ports, git, change, constitution, plea.plan);
      const rationale = plea.rationale === null ? [] : judgeRationale(plea.rationale, change, constitution.spec);
      const findings = sortFindings([...constitution.findings, ...examination.findings, ...rationale]);
      return { ...showChange(change), findings };
    });
  },
};
