import { z } from 'zod';
import { entrySchema } from '../../core/ledger/entry.js';
import { hexOf } from '../../core/ledger/hex.js';
import { unknownEntryFault } from '../../core/ledger/ledger-fault.js';
import { type PlacedEntry, readEntry } from '../../core/ledger/sequence.js';
import type { LedgerLog } from '../../ports/ledger-log.js';
import type { Operation } from '../operation.js';
import { useRuntime } from '../tasks/use-runtime.js';
import { signHeadIfAble } from './log-key.js';

const inputSchema = z.strictObject({
  entry: z.string().min(1).optional().describe('Index or key of one entry.'),
});
export type LedgerShowInput = z.infer<typeof inputSchema>;

const hex = z.string().regex(/^[0-9a-f]{64}$/);
const briefSchema = z.strictObject({
  index: z.number().int().nonnegative(),
  key: z.string(),
  kind: z.string(),
  leaf: hex,
  at_ms: z.number().int(),
});
/** What `arbiter ledger show` tells. */
export const ledgerStateSchema = z
  .strictObject({
    origin: z.string(),
    size: z.number().int().nonnegative(),
    root: hex,
    checkpoint: z
      .string()
      .nullable()
      .describe('The state now, signed by the log key; null where there is no such key.'),
    log_key: z.string().nullable().describe('What others check checkpoints by: NAME+HASH+KEY.'),
    latest: z.array(briefSchema).describe('The last ten entries, newest first; none when one was asked for.'),
    entry: briefSchema.extend({ says: entrySchema }).nullable().describe('The entry that was asked for.'),
  })
  .meta({ id: 'LedgerState' });
export type LedgerState = z.infer<typeof ledgerStateSchema>;

const latestEntries = 10;

/** Shows the log's state, signed where there is a key, and one entry. @throws LEDGER_ENTRY_UNKNOWN, LEDGER_CORRUPT */
export const ledgerShow: Operation<LedgerShowInput, LedgerState> = {
  name: 'ledger show',
  summary: 'show the state of the ledger, or one entry of it',
  role: 'anyone',
  input: inputSchema,
  output: ledgerStateSchema,
  run: (ports, { entry: wanted }, { signal }) =>
    useRuntime(ports, signal, async ({ ledger }) => {
      const head = await ledger.head();
      const signed = await signHeadIfAble(ports, head);
      const entry = wanted === undefined ? null : await findEntry(ledger, wanted);
      return {
        origin: head.origin,
        size: head.size,
        root: hexOf(head.root),
        checkpoint: signed?.note ?? null,
        log_key: signed?.key ?? null,
        latest: entry === null ? await readLatest(ledger, head.size) : [],
        entry: entry === null ? null : { ...briefOf(entry), says: readEntry(entry) },
      };
    }),
};

/** Digits are an index; a key that is digits alone has to be found by its index. */
async function findEntry(ledger: LedgerLog, wanted: string): Promise<PlacedEntry> {
  if (/^\d{1,15}$/.test(wanted)) return ledger.read(Number(wanted));
  const found = await ledger.find(wanted);
  if (found === null) throw unknownEntryFault(`the ledger has nothing under the key ${JSON.stringify(wanted)}`);
  return found;
}

async function readLatest(ledger: LedgerLog, size: number): Promise<LedgerState['latest']> {
  const latest: LedgerState['latest'] = [];
  for await (const entry of ledger.entries(Math.max(0, size - latestEntries), size)) latest.unshift(briefOf(entry));
  return latest;
}

function briefOf(entry: PlacedEntry): LedgerState['latest'][number] {
  const { index, key, leaf, atMs } = entry;
  return { index, key, kind: readEntry(entry).kind, leaf: hexOf(leaf), at_ms: atMs };
}
