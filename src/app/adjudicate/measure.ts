import { z } from 'zod';
import { type Change, changeSchema, changedFileSchema } from '../../core/caws/change.js';
import type { Ports } from '../../ports/ports.js';
import type { Operation, OperationContext } from '../operation.js';
import { type CandidateInput, candidateSchema, sealCandidate } from './candidate.js';
import { useRepository } from '../use-repository.js';

/** A changed file as `arbiter measure --json` shows it. */
const measuredFileSchema = changedFileSchema.pick({
  status: true,
  oldPath: true,
  newPath: true,
  added: true,
  removed: true,
  binary: true,
  oldMode: true,
  newMode: true,
});

export const measurementSchema = z
  .strictObject({
    base: changeSchema.shape.base,
    tree: changeSchema.shape.tree,
    files: z.array(measuredFileSchema),
    totals: changeSchema.shape.totals,
  })
  .meta({ id: 'Measurement' });
export type Measurement = z.infer<typeof measurementSchema>;

/** The part of a change that is shown to the outside. */
export function showChange(change: Change): Measurement {
  return {
    base: change.base,
    tree: change.tree,
    files: change.files.map(({ status, oldPath, newPath, added, removed, binary, oldMode, newMode }) => ({
      status,
      oldPath,
      newPath,
      added,
      removed,
      binary,
      oldMode,
      newMode,
    })),
    totals: change.totals,
  };
}

/** Measures a change in any git repository: no spec, no policy, no judgement. */
export const measure: Operation<CandidateInput, Measurement> = {
  name: 'measure',
  summary: 'measure a change exactly: files, lines, kinds; in any git repository',
  role: 'anyone',
  input: candidateSchema,
  output: measurementSchema,
  async run(ports: Ports, input: CandidateInput, { progress, signal }: OperationContext) {
    progress.stage('measure', 'sealing the candidate');
    return useRepository(ports, input.repository, signal, async (git) => {
      const candidate = await sealCandidate(ports, git, input);
      return showChange(await git.measure(candidate.base, candidate.tree, candidate.head));
    });
  },
};
