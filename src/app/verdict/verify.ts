import { z } from 'zod';
import { verdictVerificationSchema, type VerdictVerification } from '../../core/caws/verdict/verification.js';
import type { Ports } from '../../ports/ports.js';
import type { Operation } from '../operation.js';
import { readLogKey } from './verify-bundle.js';
import { allowedSignersPath, readSigners } from './load-keyring.js';
import { verifyVerdict } from './verify-verdict.js';
import { findRepository, loadWorkTreeKeyring } from './work-tree-keyring.js';

export const verifyInputSchema = z.strictObject({
  file: z.string().min(1).describe('verdict.yaml, with verdict.yaml.sig beside it.'),
  repository: z.string().min(1),
  allowedSigners: z.string().min(1).optional().describe('Trust these signers instead of the repository’s.'),
  logKey: z
    .string()
    .min(1)
    .optional()
    .describe('File with the verifier key of the log (name+hash+key) that verdict.sigstore.json has to be of.'),
});
export type VerifyInput = z.infer<typeof verifyInputSchema>;

/**
 * Checks a verdict and explains it. Signers come from the file that was named, else from the repository's keyring when
 * the root pinned on this machine signed it. @throws FILE_MISSING, PINNED_ROOT_UNREADABLE, LOG_KEY_INVALID
 */
export const verify: Operation<VerifyInput, VerdictVerification> = {
  name: 'verdict verify',
  summary: 'check a verdict’s signature and explain it in words',
  role: 'anyone',
  input: verifyInputSchema,
  output: verdictVerificationSchema,
  async run(ports: Ports, { file, repository, allowedSigners, logKey: logKeyFile }, { signal }) {
    const nowMs = ports.clock.nowMs();
    const here = await findRepository(ports, repository, signal);
    const keyring =
      allowedSigners !== undefined
        ? readSigners(await ports.files.readFile(allowedSigners))
        : await loadWorkTreeKeyring(ports, here, nowMs);
    const keyringSource = allowedSigners ?? allowedSignersPath;
    const logKey = logKeyFile === undefined ? null : readLogKey(await ports.files.readFile(logKeyFile), logKeyFile);
    const repositoryId = here?.id ?? null;
    return verifyVerdict({ file, keyring, keyringSource, repositoryId, logKey, nowMs }, ports);
  },
};
