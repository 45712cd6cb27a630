import type { Checkpoint } from '../core/ledger/checkpoint.js';
import type { EntryDraft } from '../core/ledger/entry.js';
import type { Hash } from '../core/ledger/tree.js';

export type LedgerFaultCode =
  | 'LEDGER_CONFLICT'
  | 'LEDGER_CORRUPT'
  | 'LEDGER_ENTRY_TOO_LARGE'
  | 'LEDGER_ENTRY_UNKNOWN'
  | 'LEDGER_ORIGIN_DIFFERS';

/** Something to record once: the same `key` (workflow and step) with the same content is recorded already. */
export interface Append {
  readonly key: string;
  readonly draft: EntryDraft;
}

/** Where an entry stands. */
export interface PlacedEntry {
  readonly index: number;
  readonly key: string;
  readonly bytes: Uint8Array;
  /** Leaf hash of `bytes`. */
  readonly leaf: Hash;
  readonly atMs: number;
}

/** That an entry stands in the log of a size: what a stranger needs to check it against a signed checkpoint. */
export interface InclusionProof {
  readonly index: number;
  readonly size: number;
  readonly root: Hash;
  readonly path: readonly Hash[];
}

/**
 * The log of one store, which only grows. Appends of all processes are put in order by one sequencer and are durable when
 * they settle. Signing checkpoints is the caller's: the log knows no key. @throws STORE_UNAVAILABLE, DISK_FULL
 */
export interface LedgerLog {
  /** Name of this log, made with it and never changed. */
  origin(): Promise<string>;
  /**
   * Records in the order given; answers each one's place, the earlier one for what was recorded before.
   * @throws LEDGER_CONFLICT when a key stands for other content, LEDGER_ENTRY_TOO_LARGE
   */
  append(appends: readonly Append[]): Promise<readonly PlacedEntry[]>;
  /** The state now. */
  head(): Promise<Checkpoint>;
  /** @throws LEDGER_ENTRY_UNKNOWN */
  read(index: number): Promise<PlacedEntry>;
  find(key: string): Promise<PlacedEntry | null>;
  /** Entries from `begin` up to, and without, `end`, in order, in bounded memory. */
  entries(begin: number, end: number): AsyncIterable<PlacedEntry>;
  /** Hashes of complete subtrees: level and index as in core's tree. @throws LEDGER_CORRUPT when one is missing */
  nodes(wanted: readonly { readonly level: number; readonly index: number }[]): Promise<readonly Hash[]>;
  /** At the size given, or at the head. @throws LEDGER_ENTRY_UNKNOWN */
  proveInclusion(index: number, size?: number): Promise<InclusionProof>;
  /** @throws LEDGER_ENTRY_UNKNOWN when the log was never so small or large */
  proveConsistency(before: number, size: number): Promise<readonly Hash[]>;
}
