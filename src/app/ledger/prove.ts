import { z } from 'zod';
import { encodeBase64 } from '../../core/base64.js';
import { hexOf } from '../../core/ledger/hex.js';
import type { Operation } from '../operation.js';
import { useRuntime } from '../tasks/use-runtime.js';
import { signHeadIfAble } from './log-key.js';

const inputSchema = z.strictObject({ index: z.number().int().nonnegative() });
export type LedgerProveInput = z.infer<typeof inputSchema>;

const hex = z.string().regex(/^[0-9a-f]{64}$/);
/** What `arbiter ledger prove` tells. */
export const ledgerProofSchema = z
  .strictObject({
    origin: z.string(),
    index: z.number().int().nonnegative(),
    size: z.number().int().positive(),
    root: hex,
    leaf: hex.describe('SHA-256 of a zero byte and the entry.'),
    path: z.array(hex).describe('The audit path of RFC 6962, from the leaf up.'),
    entry: z.string().describe('The entry’s bytes in base64.'),
    checkpoint: z
      .string()
      .nullable()
      .describe('The state proved against, signed by the log key; null without such a key.'),
    log_key: z.string().nullable(),
  })
  .meta({ id: 'LedgerProof' });
export type LedgerProof = z.infer<typeof ledgerProofSchema>;

/** Proves that an entry stands in the log as it is now. @throws LEDGER_ENTRY_UNKNOWN, LEDGER_CORRUPT */
export const ledgerProve: Operation<LedgerProveInput, LedgerProof> = {
  name: 'ledger prove',
  summary: 'prove that an entry stands in the ledger',
  role: 'anyone',
  input: inputSchema,
  output: ledgerProofSchema,
  run: (ports, { index }, { signal }) =>
    useRuntime(ports, signal, async ({ ledger }) => {
      const origin = await ledger.origin();
      const entry = await ledger.read(index);
      const { size, root, path } = await ledger.proveInclusion(index);
      const signed = await signHeadIfAble(ports, { origin, size, root });
      return {
        origin,
        index,
        size,
        root: hexOf(root),
        leaf: hexOf(entry.leaf),
        path: path.map(hexOf),
        entry: encodeBase64(entry.bytes),
        checkpoint: signed?.note ?? null,
        log_key: signed?.key ?? null,
      };
    }),
};
