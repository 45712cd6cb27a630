import { bytesToHex } from '@noble/hashes/utils.js';
import { decodeUtf8 } from '../digest.js';
import {
  type EntryDraft,
  type LedgerEntry,
  digestDraft,
  encodeEntry,
  entrySchema,
  leafOf,
  maxEntryBytes,
  noPrev,
} from './entry.js';
import { conflictFault, corruptFault, tooLargeFault } from './ledger-fault.js';
import { type Hash, type ReadNode, type TreeHash, completeNodes, pureTreeHash } from './tree.js';
import type { NodePlace } from './wanted-nodes.js';

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

/** The log as the sequencer finds it. */
export interface LogState {
  readonly size: number;
  /** The last entry's leaf hash in hex; `noPrev` where there is none. */
  readonly prev: string;
  /** The complete subtrees of `frontierOf(size)`. */
  readonly read: ReadNode;
  /** Entries of the log that have one of the keys asked for. */
  readonly known: ReadonlyMap<string, PlacedEntry>;
  readonly nowMs: number;
  /** Left out: core's own. */
  readonly hash?: TreeHash;
}

/** What is to be written, in order, and the answer to each request: its places, or why nothing of it is recorded. */
export interface Sequenced {
  readonly entries: readonly PlacedEntry[];
  /** Nodes above the leaves that become complete. */
  readonly nodes: readonly (NodePlace & { readonly hash: Hash })[];
  readonly answers: readonly PromiseSettledResult<readonly PlacedEntry[]>[];
}

/**
 * Refuses what could not be recorded anywhere, before it waits its turn. Answers the size of the entry in bytes.
 * @throws LEDGER_ENTRY_TOO_LARGE, JSON_NOT_CANONICAL, TEXT_NOT_UNICODE; ZodError where kind or version have another form
 */
export function examineAppend({ key, draft }: Append): number {
  entrySchema.omit({ spec: true, prev: true }).parse({ apiVersion: draft.apiVersion, kind: draft.kind });
  // `prev` has one length, so that the size does not depend on the place.
  const { length } = encodeEntry(draft, noPrev);
  if (length > maxEntryBytes) throw tooLargeFault(key, length, maxEntryBytes);
  return length;
}

/**
 * Gives requests their places after what the log holds, in their order. A request is recorded whole or not at all; one
 * that is refused keeps none of the others back. @throws LEDGER_CORRUPT when a known entry cannot be read
 */
export function sequence(state: LogState, requests: readonly (readonly Append[])[]): Sequenced {
  const entries: PlacedEntry[] = [];
  const nodes: (NodePlace & { readonly hash: Hash })[] = [];
  const placed = new Map(state.known);
  const { hash = pureTreeHash } = state;
  const made = new Map<string, Hash>();
  let prev = state.prev;
  const read: ReadNode = (level, index) => made.get(`${level}/${index}`) ?? state.read(level, index);
  const place = ({ key, draft }: Append): void => {
    const bytes = encodeEntry(draft, prev);
    const entry = { index: state.size + entries.length, key, bytes, leaf: hash.leaf(bytes), atMs: state.nowMs };
    prev = bytesToHex(entry.leaf);
    for (const node of completeNodes(entry.index, entry.leaf, read, hash)) {
      made.set(`${node.level}/${node.index}`, node.hash);
      if (node.level > 0) nodes.push(node);
    }
    entries.push(entry);
    placed.set(key, entry);
  };
  const answers = requests.map((request): PromiseSettledResult<readonly PlacedEntry[]> => {
    const conflict = findConflict(request, placed);
    if (conflict !== null) return { status: 'rejected', reason: conflict };
    for (const append of request) if (!placed.has(append.key)) place(append);
    return { status: 'fulfilled', value: request.map(({ key }) => placed.get(key)).filter((one) => one !== undefined) };
  });
  return { entries, nodes, answers };
}

/** The fault of the first key that stands for other content, in the log or earlier in the same request. */
function findConflict(request: readonly Append[], placed: ReadonlyMap<string, PlacedEntry>): Error | null {
  const own = new Map<string, EntryDraft>();
  for (const { key, draft } of request) {
    const found = placed.get(key);
    if (found !== undefined && !saysTheSame(readEntry(found), draft)) return conflictFault(key, found.index);
    const earlier = own.get(key);
    if (earlier !== undefined && !saysTheSame(earlier, draft)) return conflictFault(key, null);
    own.set(key, draft);
  }
  return null;
}

function saysTheSame(one: EntryDraft, other: EntryDraft): boolean {
  return digestDraft(one) === digestDraft(other);
}

/** What an entry says. @throws LEDGER_CORRUPT when its bytes are no entry, or not in the one spelling that we write */
export function readEntry({ index, bytes }: Pick<PlacedEntry, 'index' | 'bytes'>): LedgerEntry {
  try {
    const entry = entrySchema.parse(JSON.parse(decodeUtf8(bytes) ?? ''));
    if (leafOf(encodeEntry(entry, entry.prev)) === leafOf(bytes)) return entry;
  } catch (error) {
    throw corruptFault(`entry ${index} is no entry`, error);
  }
  throw corruptFault(`entry ${index} is not in the one spelling that we write`);
}
