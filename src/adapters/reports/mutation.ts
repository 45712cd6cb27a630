import { z } from 'zod';
import type { MutationReport } from '../../core/caws/gate/report.js';
import { readJson } from './read-json.js';
import { repositoryPath } from './report-path.js';
import { unparseable } from './unparseable.js';

type Mutant = MutationReport['mutants'][number];

// The statuses of the schema; `satisfies` in the test beside compares them with the schema's own list.
export const mutantStatuses = [
  'Killed',
  'Survived',
  'NoCoverage',
  'CompileError',
  'RuntimeError',
  'Timeout',
  'Ignored',
  'Pending',
] as const;

const documentSchema = z.object({
  schemaVersion: z.string().regex(/^[12](\.\d+)*$/),
  files: z.record(
    z.string(),
    z.object({
      mutants: z.array(
        z.object({
          id: z.string(),
          mutatorName: z.string(),
          replacement: z.string().optional(),
          description: z.string().optional(),
          status: z.enum(mutantStatuses),
          location: z.object({ start: z.object({ line: z.number().int().positive() }) }),
        }),
      ),
    }),
  ),
});

// An ignored mutant was switched off by configuration or a comment in the code: it counts as having survived, since
// nobody showed that it dies. A pending one was never run.
const outcomes: Readonly<Record<(typeof mutantStatuses)[number], Mutant['outcome']>> = {
  Killed: 'killed',
  Survived: 'survived',
  NoCoverage: 'no-coverage',
  CompileError: 'invalid',
  RuntimeError: 'invalid',
  Timeout: 'timeout',
  Ignored: 'survived',
  Pending: 'survived',
};

/**
 * A mutation-testing-elements report (Stryker and kin), schema versions 1 and 2. Mutants in the order of path and line.
 * @throws REPORT_UNPARSEABLE also when no file is named or a mutant is still pending
 * @see https://github.com/stryker-mutator/mutation-testing-elements
 */
export function parseMutation(text: string, root: string): MutationReport {
  const { files } = readJson('mutation', text, documentSchema);
  if (Object.keys(files).length === 0) throw unparseable('mutation', 'it names no file');
  const mutants = Object.entries(files).flatMap(([raw, file]) =>
    file.mutants.map((mutant): Mutant => {
      if (mutant.status === 'Pending') throw unparseable('mutation', `${raw}: mutant ${mutant.id} was not run`);
      const path = repositoryPath(raw, root);
      if (path === null) throw unparseable('mutation', `${raw} is outside the repository`);
      const description = [mutant.mutatorName, mutant.description ?? mutant.replacement ?? ''].filter(
        (part) => part !== '',
      );
      return {
        path,
        line: mutant.location.start.line,
        description: description.join(': ').slice(0, 200),
        outcome: outcomes[mutant.status],
      };
    }),
  );
  return { mutants: mutants.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line)) };
}
