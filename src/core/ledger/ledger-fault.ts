import { Fault } from '../fault.js';

/** What can go wrong with the log itself, as opposed to with the store beneath it. */
export type LedgerFaultCode =
  | 'LEDGER_CONFLICT'
  | 'LEDGER_CORRUPT'
  | 'LEDGER_ENTRY_TOO_LARGE'
  | 'LEDGER_ENTRY_UNKNOWN'
  | 'LEDGER_ORIGIN_DIFFERS';

/** A key stands for other content already: two steps took one name. `index` null: both were asked for at once. */
export function conflictFault(key: string, index: number | null): Fault<LedgerFaultCode> {
  const where = index === null ? 'twice in one request, with different content' : `at ${index}, with other content`;
  return new Fault('LEDGER_CONFLICT', `the key ${JSON.stringify(key)} stands ${where}`, {
    mend: 'give each step a key of its own; nothing was recorded, and what stands in the ledger is never replaced',
  });
}

/** An entry that no bundle could hold. */
export function tooLargeFault(key: string, bytes: number, most: number): Fault<LedgerFaultCode> {
  const message = `the entry ${JSON.stringify(key)} has ${bytes} bytes, and the ledger takes ${most} at most`;
  return new Fault('LEDGER_ENTRY_TOO_LARGE', message, {
    mend: 'put what is large into the content store, and record its hash; nothing was recorded',
  });
}

/** There is no such entry, or the log never had that size. */
export function unknownEntryFault(what: string): Fault<LedgerFaultCode> {
  return new Fault('LEDGER_ENTRY_UNKNOWN', what, { mend: 'see arbiter ledger show for what it holds' });
}

/** What the store holds cannot be the log that it was. */
export function corruptFault(what: string, cause?: unknown): Fault<LedgerFaultCode> {
  return new Fault('LEDGER_CORRUPT', `the ledger is damaged: ${what}`, {
    ...(cause === undefined ? {} : { cause }),
    mend: 'arbiter ledger verify names the first wrong entry; restore a backup, and keep the damaged store as evidence',
  });
}

/** What was given speaks of another log. */
export function otherOriginFault(found: string, wanted: string): Fault<LedgerFaultCode> {
  const message = `this is of the log ${JSON.stringify(found)}, and not of ${JSON.stringify(wanted)}`;
  return new Fault('LEDGER_ORIGIN_DIFFERS', message, { mend: 'name what belongs to this log' });
}

/** Refuses an entry that a log of that size does not have. @throws LEDGER_ENTRY_UNKNOWN */
export function refuseIndex(index: number, size: number): void {
  if (Number.isSafeInteger(index) && index >= 0 && index < size) return;
  throw unknownEntryFault(`there is no entry ${index}: the ledger has ${size}, counted from 0`);
}

/** Refuses a size that the log never had. @throws LEDGER_ENTRY_UNKNOWN */
export function refuseSize(size: number, head: number): void {
  if (Number.isSafeInteger(size) && size >= 0 && size <= head) return;
  throw unknownEntryFault(`the ledger never had ${size} entries: it has ${head}`);
}
