import { randomBytes } from 'node:crypto';
import { corruptFault, refuseIndex, refuseSize } from '../../core/ledger/ledger-fault.js';
import { noPrev } from '../../core/ledger/entry.js';
import { proveConsistency, proveInclusion } from '../../core/ledger/proof.js';
import { type PlacedEntry, examineAppend, sequence } from '../../core/ledger/sequence.js';
import { type Hash, type ReadNode, rootOf } from '../../core/ledger/tree.js';
import type { LedgerLog, StoredLevel } from '../../ports/ledger-log.js';

/** As many of the largest kind are 4 MiB. */
const pageEntries = 64;

/** A log in this process's memory: for tests of what records. */
export function createMemoryLedger(origin = `arbiter/${randomBytes(8).toString('hex')}`): LedgerLog {
  const entries: PlacedEntry[] = [];
  const byKey = new Map<string, PlacedEntry>();
  const nodes = new Map<string, Hash>();
  const read: ReadNode = (level, index) => {
    const hash = level === 0 ? entries[index]?.leaf : nodes.get(`${level}/${index}`);
    if (hash === undefined) throw corruptFault(`node ${index} of level ${level} is missing`);
    return hash;
  };
  const placeOf = (index: number): PlacedEntry => {
    refuseIndex(index, entries.length);
    return structuredClone(entries[index]) as PlacedEntry;
  };
  return {
    origin: async () => origin,
    async append(appends) {
      for (const append of appends) examineAppend(append);
      const last = entries.at(-1)?.leaf;
      const prev = last === undefined ? noPrev : Buffer.from(last).toString('hex');
      const state = { size: entries.length, prev, read, known: byKey, nowMs: Date.now() };
      const made = sequence(state, [appends]);
      for (const entry of made.entries) {
        entries.push(entry);
        byKey.set(entry.key, entry);
      }
      for (const { level, index, hash } of made.nodes) nodes.set(`${level}/${index}`, hash);
      const [answer] = made.answers;
      if (answer?.status !== 'fulfilled') throw answer?.reason;
      return structuredClone(answer.value);
    },
    head: async () => ({ origin, size: entries.length, root: rootOf(entries.length, read) }),
    read: async (index) => placeOf(index),
    find: async (key) => structuredClone(byKey.get(key)) ?? null,
    async *entries(begin, end) {
      for (let index = begin; index < Math.min(end, entries.length); index += 1) yield placeOf(index);
    },
    async *pages(begin, end) {
      for (let from = begin; from < Math.min(end, entries.length); from += pageEntries) {
        yield structuredClone(entries.slice(from, Math.min(end, from + pageEntries)));
      }
    },
    nodes: async (wanted) => wanted.map(({ level, index }) => read(level, index)),
    async levels(begin, end) {
      const found: StoredLevel[] = [];
      for (let level = 1; 2 ** level <= end; level += 1) {
        const first = Math.floor(begin / 2 ** level);
        const count = Math.max(0, Math.floor(Math.min(end, entries.length) / 2 ** level) - first);
        const hashes = Array.from({ length: count }, (_, at) => read(level, first + at));
        if (count > 0) found.push({ level, count, hashes: Buffer.concat(hashes) });
      }
      return found;
    },
    // Nodes and entries are one process's own: none is left behind.
    findStrayNode: async () => null,
    async proveInclusion(index, size = entries.length) {
      refuseSize(size, entries.length);
      refuseIndex(index, size);
      return { index, size, root: rootOf(size, read), path: proveInclusion(index, size, read) };
    },
    async proveConsistency(before, size) {
      refuseSize(size, entries.length);
      refuseSize(before, size);
      return proveConsistency(before, size, read);
    },
  };
}
