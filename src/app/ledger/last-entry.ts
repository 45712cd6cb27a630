import type { LedgerLog } from '../../ports/ledger-log.js';

/** When the log's last entry was made, in milliseconds since the epoch; null while it is empty. @throws LEDGER_CORRUPT */
export async function readLastEntryMs(ledger: Pick<LedgerLog, 'head' | 'read'>): Promise<number | null> {
  const { size } = await ledger.head();
  return size === 0 ? null : (await ledger.read(size - 1)).atMs;
}
