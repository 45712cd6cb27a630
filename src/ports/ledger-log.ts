import type { Checkpoint } from '../core/ledger/checkpoint.js';
import type { Append, PlacedEntry } from '../core/ledger/sequence.js';
import type { Hash } from '../core/ledger/tree.js';
import type { ReadBack } from '../core/ledger/verify-log.js';
import type { NodePlace } from '../core/ledger/wanted-nodes.js';

export type { LedgerFaultCode } from '../core/ledger/ledger-fault.js';
export type { Append, PlacedEntry } from '../core/ledger/sequence.js';

/** That an entry stands in the log of a size: what a stranger needs to check it against a signed checkpoint. */
export interface InclusionProof {
  readonly index: number;
  readonly size: number;
  readonly root: Hash;
  readonly path: readonly Hash[];
}

/** Stored subtrees of one level, side by side in the order of their index. */
export interface StoredLevel {
  readonly level: number;
  readonly count: number;
  /** One after the other, 32 bytes each where nothing is wrong. */
  readonly hashes: Uint8Array;
}

/**
 * The log of one store, which only grows. Appends of all processes are put in order by one sequencer and are durable when
 * they settle. Signing checkpoints is the caller's: the log knows no key. @throws STORE_UNAVAILABLE, DISK_FULL
 */
export interface LedgerLog {
  /** Name of this log, made when it is first asked for and never changed: fit to be the name of a note's key. */
  origin(): Promise<string>;
  /**
   * Records in the order given, all or nothing; answers each one's place, the earlier one for what was recorded before.
   * @throws LEDGER_CONFLICT when a key stands for other content, LEDGER_ENTRY_TOO_LARGE, JSON_NOT_CANONICAL
   */
  append(appends: readonly Append[]): Promise<readonly PlacedEntry[]>;
  /** The state now. @throws LEDGER_CORRUPT */
  head(): Promise<Checkpoint>;
  /** @throws LEDGER_ENTRY_UNKNOWN */
  read(index: number): Promise<PlacedEntry>;
  find(key: string): Promise<PlacedEntry | null>;
  /**
   * Entries from `begin` up to, and without, `end`, in order, in bounded memory. One that the store has lost is left out,
   * so that a check can name it.
   */
  entries(begin: number, end: number): AsyncIterable<PlacedEntry>;
  /** The same by pages of some thousands, a few MiB at most, as a check of all of them needs them: many times
   * as fast. The bytes of a page are good until the next one is asked for. */
  pages(begin: number, end: number): AsyncIterable<readonly ReadBack[]>;
  /** Hashes of complete subtrees, in the order asked for. @throws LEDGER_CORRUPT when one is missing */
  nodes(wanted: readonly NodePlace[]): Promise<readonly Hash[]>;
  /**
   * What is stored of the subtrees above the leaves which those from `begin` up to, and without, `end` complete, the lowest
   * level first. A level without any is left out, as is what the store has lost.
   */
  levels(begin: number, end: number): Promise<readonly StoredLevel[]>;
  /** A stored subtree over leaves that the log does not have, the lowest first; null where there is none. */
  findStrayNode(): Promise<NodePlace | null>;
  /** At the size given, or at the head; checked before it is answered. @throws LEDGER_ENTRY_UNKNOWN, LEDGER_CORRUPT */
  proveInclusion(index: number, size?: number): Promise<InclusionProof>;
  /** @throws LEDGER_ENTRY_UNKNOWN when the log was never so small or large, LEDGER_CORRUPT */
  proveConsistency(before: number, size: number): Promise<readonly Hash[]>;
}
