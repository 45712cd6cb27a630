import { z } from 'zod';
import type { Ports } from '../../ports/ports.js';
import type { Operation } from '../operation.js';
import { useRuntime } from '../tasks/use-runtime.js';
import { maxNoteBytes, readCheckpoint } from './read-published.js';
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
});
export type LedgerVerifyInput = z.infer<typeof inputSchema>;

/**
 * Checks the whole log, of the store or of an export. @throws CHECKPOINT_INVALID, FILE_MISSING, LOG_KEY_INVALID,
 * PUBLISHED_LOG_REFUSED, PUBLISHED_LOG_UNREADABLE, STORE_UNAVAILABLE
 */
export const ledgerVerify: Operation<LedgerVerifyInput, LedgerVerification> = {
  name: 'ledger verify',
  summary: 'check every entry of the ledger, and that it extends a checkpoint that was kept',
  role: 'anyone',
  input: inputSchema,
  output: ledgerVerificationSchema,
  async run(ports, { checkpoint, remote, logKey }, { progress, signal }) {
    const pinned = checkpoint === undefined ? null : await readPinned(ports, checkpoint);
    const asked = { pinned, logKey, signal };
    progress.stage('verify', remote ?? 'the store');
    if (remote !== undefined) return verifyPublished(ports, remote, asked);
    return useRuntime(ports, signal, ({ ledger }) => verifyStore(ports, ledger, asked));
  },
};

async function readPinned({ files }: Ports, file: string): Promise<PinnedCheckpoint> {
  return { ...readCheckpoint(await files.readFile(file, { maxBytes: maxNoteBytes }), file), file };
}
