import { z } from 'zod';

const hex = z.string().regex(/^[0-9a-f]{64}$/);

/** What `arbiter ledger verify` found. */
export const ledgerVerificationSchema = z
  .strictObject({
    source: z.string().describe('The store, or the folder or address of an exported log.'),
    origin: z.string(),
    size: z.number().int().nonnegative().describe('Entries that were found good, one after the other.'),
    root: hex.describe('Root over those entries.'),
    verified: z.boolean(),
    checks: z.array(
      z.strictObject({
        check: z.enum(['tree', 'log', 'nodes', 'tiles', 'signature', 'cosignature', 'origin', 'consistency', 'record']),
        passed: z.boolean(),
        detail: z.string(),
      }),
    ),
    first_wrong: z
      .number()
      .int()
      .nonnegative()
      .nullable()
      .describe('Index of the first entry that is not what it should be; null where all are, or none can be named.'),
    erased: z.number().int().nonnegative().describe('Entries that say that a content was erased by request.'),
  })
  .meta({ id: 'LedgerVerification' });
export type LedgerVerification = z.infer<typeof ledgerVerificationSchema>;
export type LedgerCheck = LedgerVerification['checks'][number];
