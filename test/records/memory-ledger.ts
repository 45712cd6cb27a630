import { Fault } from '../../src/core/fault.js';
import { digestDraft, encodeEntry, leafOf, maxEntryBytes, noPrev } from '../../src/core/ledger/entry.js';
import { proveConsistency, proveInclusion } from '../../src/core/ledger/proof.js';
import { type Hash, completeNodes, hashLeaf, rootOf } from '../../src/core/ledger/tree.js';
import type { Append, LedgerFaultCode, LedgerLog, PlacedEntry } from '../../src/ports/ledger-log.js';

/** A log that lives as long as the test: the port's promises over core's own tree, without a store. */
export function createMemoryLedger(name: string): LedgerLog {
  const placed: PlacedEntry[] = [];
  const digests = new Map<string, { readonly digest: string; readonly index: number }>();
  const tree = new Map<string, Hash>();
  const node = (level: number, index: number): Hash => {
    const hash = tree.get(`${level}/${index}`);
    if (hash === undefined) throw fault('LEDGER_CORRUPT', `node ${level}/${index} is missing`);
    return hash;
  };
  const at = (index: number): PlacedEntry => {
    const entry = placed[index];
    if (entry === undefined) throw fault('LEDGER_ENTRY_UNKNOWN', `there is no entry ${index}`);
    return entry;
  };
  const append = ({ key, draft }: Append): PlacedEntry => {
    const digest = digestDraft(draft);
    const known = digests.get(key);
    if (known !== undefined && known.digest !== digest)
      throw fault('LEDGER_CONFLICT', `${key} stands for other content`);
    if (known !== undefined) return at(known.index);
    const index = placed.length;
    const last = placed.at(-1);
    const bytes = encodeEntry(draft, last === undefined ? noPrev : leafOf(last.bytes));
    if (bytes.length > maxEntryBytes) throw fault('LEDGER_ENTRY_TOO_LARGE', `${key} has ${bytes.length} bytes`);
    const leaf = hashLeaf(bytes);
    for (const done of completeNodes(index, leaf, node)) tree.set(`${done.level}/${done.index}`, done.hash);
    placed.push({ index, key, bytes, leaf, atMs: index });
    digests.set(key, { digest, index });
    return at(index);
  };
  return {
    origin: async () => name,
    append: async (appends) => appends.map(append),
    head: async () => ({ origin: name, size: placed.length, root: rootOf(placed.length, node) }),
    read: async (index) => at(index),
    find: async (key) => placed.find((entry) => entry.key === key) ?? null,
    async *entries(begin, end) {
      yield* placed.slice(begin, end);
    },
    nodes: async (wanted) => wanted.map(({ level, index }) => node(level, index)),
    async proveInclusion(index, size = placed.length) {
      at(index);
      return { index, size, root: rootOf(size, node), path: proveInclusion(index, size, node) };
    },
    proveConsistency: async (before, size) => proveConsistency(before, size, node),
  };
}

function fault(code: LedgerFaultCode, message: string): Fault<LedgerFaultCode> {
  return new Fault(code, message, { mend: 'mend the test' });
}
