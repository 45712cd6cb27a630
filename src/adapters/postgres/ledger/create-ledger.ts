import { randomBytes } from 'node:crypto';
import type { Checkpoint } from '../../../core/ledger/checkpoint.js';
import { corruptFault, refuseIndex, refuseSize } from '../../../core/ledger/ledger-fault.js';
import { proveConsistency, proveInclusion, verifyInclusion } from '../../../core/ledger/proof.js';
import type { PlacedEntry } from '../../../core/ledger/sequence.js';
import { type ReadNode, rootOf } from '../../../core/ledger/tree.js';
import { type NodePlace, readFrom, wantedNodes } from '../../../core/ledger/wanted-nodes.js';
import type { InclusionProof, LedgerLog } from '../../../ports/ledger-log.js';
import { nativeTreeHash } from '../../hash/native-tree-hash.js';
import type { Connection, Statement } from '../connection.js';
import { createAppender } from './append-requests.js';
import {
  type Ask,
  type EntryRow,
  askOf,
  entryColumns,
  missingNode,
  overNodes,
  readNodes,
  readProof,
  sizeStatement,
  toEntry,
  unpackNodes,
} from './read-log.js';
import { readLevels, readPages } from './read-pages.js';

/** 256 entries of the largest kind are 16 MiB. */
const pageEntries = 256;

const makeOrigin: Statement = {
  name: 'arbiter-ledger-make-origin',
  text: 'insert into arbiter.ledger (origin) values ($1) on conflict do nothing',
};
const readOrigin: Statement = { name: 'arbiter-ledger-origin', text: 'select origin from arbiter.ledger' };
const readOne: Statement = {
  name: 'arbiter-ledger-read',
  text: `select ${entryColumns} from arbiter.ledger_entries where index = $1`,
};
const findOne: Statement = {
  name: 'arbiter-ledger-find',
  text: `select ${entryColumns} from arbiter.ledger_entries where key = $1`,
};
const readPage: Statement = {
  name: 'arbiter-ledger-page',
  text: `select ${entryColumns} from arbiter.ledger_entries where index >= $1 and index < $2 order by index limit $3`,
};
/** In one statement: what is appended meanwhile brings its entries and its nodes together. */
const findStray: Statement = {
  name: 'arbiter-ledger-stray',
  text: `select level, index from arbiter.ledger_nodes
    where (index + 1) << level > (select coalesce(max(index) + 1, 0) from arbiter.ledger_entries)
    order by level, index limit 1`,
};

/** The log in PostgreSQL. */
export function createLedger(connection: Connection): LedgerLog {
  const ask = askOf(connection);
  const origin = rememberOrigin(ask);
  const sizeNow = async (): Promise<number> => (await ask<{ size: number }>(sizeStatement, []))[0]?.size ?? 0;
  return {
    origin,
    append: createAppender(connection),
    head: async () => readHead(ask, await origin(), await sizeNow()),
    async read(index) {
      refuseIndex(index, await sizeNow());
      const [row] = await ask<EntryRow>(readOne, [index]);
      if (row === undefined) throw corruptFault(`entry ${index} is missing`);
      return toEntry(row);
    },
    async find(key) {
      const [row] = await ask<EntryRow>(findOne, [key]);
      return row === undefined ? null : toEntry(row);
    },
    entries: (begin, end) => readEntries(ask, begin, end),
    pages: (begin, end) => readPages(connection.copyOut, begin, end),
    levels: (begin, end) => readLevels(connection.copyOut, begin, end),
    nodes: (wanted) => readNodes(ask, wanted),
    findStrayNode: async () => (await ask<NodePlace>(findStray, []))[0] ?? null,
    async proveInclusion(index, size) {
      // A size that was named costs no question of its own: what answers the proof says how large the log is.
      const asked = size ?? (await sizeNow());
      refuseIndex(index, asked);
      return proveEntry(ask, index, asked);
    },
    async proveConsistency(before, size) {
      refuseSize(size, await sizeNow());
      refuseSize(before, size);
      return overNodes(ask, (read) => proveConsistency(before, size, read));
    },
  };
}

/** The log's name, made at the first asking. It never changes, so that one reading is enough. */
function rememberOrigin(ask: Ask): () => Promise<string> {
  let remembered: string | null = null;
  return async () => {
    if (remembered !== null) return remembered;
    let [row] = await ask<{ origin: string }>(readOrigin, []);
    if (row === undefined) {
      await ask(makeOrigin, [`arbiter/${randomBytes(8).toString('hex')}`]);
      // Another process may have been quicker: what stands there counts.
      [row] = await ask<{ origin: string }>(readOrigin, []);
    }
    if (row === undefined) throw corruptFault('its name is missing');
    remembered = row.origin;
    return row.origin;
  };
}

/** What is complete at a size stays as it is, however much is appended meanwhile. */
async function readHead(ask: Ask, origin: string, size: number): Promise<Checkpoint> {
  return { origin, size, root: await overNodes(ask, (read) => rootOf(size, read)) };
}

async function proveEntry(ask: Ask, index: number, size: number): Promise<InclusionProof> {
  const compute = (read: ReadNode) => ({
    root: rootOf(size, read, nativeTreeHash),
    path: proveInclusion(index, size, read),
  });
  const wanted = wantedNodes(compute);
  const found = await readProof(ask, index, wanted);
  refuseSize(size, found.size);
  if (found.bytes === null) throw corruptFault(`entry ${index} is missing`);
  const { root, path } = compute(readFrom(wanted, unpackNodes(wanted, found.packed), missingNode));
  if (!verifyInclusion({ index, size, leaf: nativeTreeHash.leaf(new Uint8Array(found.bytes)), root }, path)) {
    throw corruptFault(`entry ${index} is not the one that the tree was made of`);
  }
  return { index, size, root, path };
}

async function* readEntries(ask: Ask, begin: number, end: number): AsyncGenerator<PlacedEntry> {
  for (let from = begin; from < end;) {
    const rows = await ask<EntryRow>(readPage, [from, end, pageEntries]);
    for (const row of rows) yield toEntry(row);
    const last = rows.at(-1);
    if (last === undefined) return;
    from = last.index + 1;
  }
}
