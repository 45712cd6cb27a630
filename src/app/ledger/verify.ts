import { z } from 'zod';
import type { Ports } from '../../ports/ports.js';
import type { Operation } from '../operation.js';
import { useRuntime } from '../tasks/use-runtime.js';
import { Fault } from '../../core/fault.js';
import { ignoreSharedKeys } from '../../core/caws/keys/shared-keys.js';
import { readSigners } from '../verdict/load-keyring.js';
import type { CheckpointTrust } from './check-checkpoint.js';
import { readWitnessKey } from './log-key.js';
import { type CheckpointFaultCode, maxNoteBytes, readCheckpoint } from './read-published.js';
import { holdAgainstRecord } from './recorded-checkpoint.js';
import { type LedgerVerification, ledgerVerificationSchema } from './verification.js';
import { verifyPublished } from './verify-published.js';
import { type PinnedCheckpoint, verifyStore } from './verify-store.js';

const inputSchema = z.strictObject({
  checkpoint: z
    .string()
    .min(1)
    .optional()
    .describe('A checkpoint that was kept since earlier: the log must extend it.'),
  remote: z
    .string()
    .min(1)
    .optional()
    .describe('An exported log instead of the store: a folder, or http on this machine.'),
  logKey: z.string().min(1).optional().describe('The log’s key, NAME+HASH+KEY or a file that holds it.'),
  allowedSigners: z
    .string()
    .min(1)
    .optional()
    .describe('A keyring in which the log’s key has to be, for caws-log and for its time, in place of one key.'),
  witnessKey: z
    .string()
    .min(1)
    .optional()
    .describe('Key of a witness that must have cosigned the checkpoint: NAME+HASH+KEY, or a file that holds it.'),
  maxAgeHours: z.number().positive().default(24).describe('How old that cosignature may be.'),
  repository: z.string().min(1).optional().describe('A repository whose record the store’s log is held against, too.'),
  near: z.string().min(1).optional().describe('The same for a folder that may lie in a repository, or in none.'),
});
export type LedgerVerifyInput = z.input<typeof inputSchema>;

/**
 * Checks the whole log, of the store or of an export. @throws CHECKPOINT_INVALID, FILE_MISSING, LOG_KEY_INVALID,
 * PUBLISHED_LOG_REFUSED, PUBLISHED_LOG_UNREADABLE, STORE_UNAVAILABLE, NOT_A_REPOSITORY
 */
export const ledgerVerify: Operation<LedgerVerifyInput, LedgerVerification> = {
  name: 'ledger verify',
  summary: 'check every entry of the ledger, and that it extends a checkpoint that was kept',
  role: 'anyone',
  input: inputSchema,
  output: ledgerVerificationSchema,
  async run(ports, input, { progress, signal }) {
    const { checkpoint, remote } = input;
    refuseWithoutCheckpoint(input);
    const pinned = checkpoint === undefined ? null : await readPinned(ports, checkpoint);
    const asked = { pinned, trust: await readTrust(ports, input), signal };
    progress.stage('verify', remote ?? 'the store');
    if (remote !== undefined) return verifyPublished(ports, remote, asked);
    return useRuntime(ports, signal, async ({ ledger }) => {
      const found = await verifyStore(ports, ledger, asked);
      const record = await holdAgainstRecord(ports, ledger, input, signal);
      return record === null
        ? found
        : { ...found, checks: [...found.checks, record], verified: found.verified && record.passed };
    });
  },
};

function refuseWithoutCheckpoint({ checkpoint, remote, witnessKey, allowedSigners }: LedgerVerifyInput): void {
  if (checkpoint !== undefined || remote !== undefined) return;
  if (witnessKey === undefined && allowedSigners === undefined) return;
  throw new Fault<CheckpointFaultCode>('CHECKPOINT_INVALID', 'there is no checkpoint whose signatures to check', {
    mend: 'name the one that the witness cosigned with --checkpoint FILE, or an export with --remote',
  });
}

async function readTrust(ports: Ports, input: LedgerVerifyInput): Promise<CheckpointTrust> {
  const { allowedSigners: keyring, witnessKey, maxAgeHours = 24 } = input;
  const key = witnessKey === undefined ? null : await readWitnessKey(ports, witnessKey);
  return {
    logKey: input.logKey,
    signers: keyring === undefined ? null : ignoreSharedKeys(readSigners(await ports.files.readFile(keyring)).signers),
    witness: key === null ? null : { key, maxAgeMs: maxAgeHours * 3_600_000 },
    nowMs: ports.clock.nowMs(),
  };
}

async function readPinned({ files }: Ports, file: string): Promise<PinnedCheckpoint> {
  return { ...readCheckpoint(await files.readFile(file, { maxBytes: maxNoteBytes }), file), file };
}
