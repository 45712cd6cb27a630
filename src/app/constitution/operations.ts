import { z } from 'zod';
import { newSpecSchema } from '../../core/caws/dialects/compose-spec.js';
import type { Operation } from '../operation.js';
import {
  type CheckFilesInput,
  type FileCheck,
  checkFiles,
  checkFilesInputSchema,
  fileCheckSchema,
} from './check-files.js';
import { newSpec } from './new-spec.js';
import { useRepository } from '../use-repository.js';

/** Checks specs, policies and waivers, each by its own kind and dialect. */
export const specCheck: Operation<CheckFilesInput, FileCheck[]> = {
  name: 'spec check',
  summary: 'check working specs, policies and waivers of the dialects A, B and C',
  role: 'anyone',
  input: checkFilesInputSchema,
  output: z.array(fileCheckSchema),
  run: (ports, input) => checkFiles(ports, input),
};

/** The same for policies: a file whose kind is not told is taken as one. */
export const policyCheck: Operation<CheckFilesInput, FileCheck[]> = {
  name: 'policy check',
  summary: 'check policies',
  role: 'anyone',
  input: checkFilesInputSchema,
  output: z.array(fileCheckSchema),
  run: (ports, input) => checkFiles(ports, { ...input, kind: input.kind === 'auto' ? 'policy' : input.kind }),
};

export const specNewInputSchema = z.strictObject({ repository: z.string().min(1), spec: newSpecSchema });
export type SpecNewInput = z.infer<typeof specNewInputSchema>;

export const specNewOutputSchema = z.strictObject({ path: z.string(), text: z.string() });
export type SpecNewOutput = z.infer<typeof specNewOutputSchema>;

/** Writes a new spec at the top of the repository. @throws NOT_A_REPOSITORY, SPEC_INPUT_INVALID, FILE_EXISTS */
export const specNew: Operation<SpecNewInput, SpecNewOutput> = {
  name: 'spec new',
  summary: 'write .caws/specs/<ID>.yaml, valid in the dialects B and C',
  role: 'human',
  input: specNewInputSchema,
  output: specNewOutputSchema,
  async run(ports, input, { signal }) {
    return useRepository(ports, input.repository, signal, async (git) => {
      return newSpec(ports, git.root, input.spec);
    });
  },
};
