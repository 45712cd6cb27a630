import { corruptFault } from '../../../core/ledger/ledger-fault.js';
import type { PlacedEntry } from '../../../core/ledger/sequence.js';
import type { Hash, ReadNode } from '../../../core/ledger/tree.js';
import { type NodePlace, readFrom, wantedNodes } from '../../../core/ledger/wanted-nodes.js';
import type { Connection, Statement } from '../connection.js';

/** An entry as the database holds it. */
export interface EntryRow {
  readonly index: number;
  readonly key: string;
  readonly bytes: Buffer;
  readonly leaf: Buffer;
  readonly at_ms: number;
}

/** The columns of an `EntryRow`. */
export const entryColumns = 'index, key, bytes, leaf, at_ms';

/** How large the log is, and the leaf of its last entry. In one statement, so that it is of one instant. */
export const sizeStatement: Statement = {
  name: 'arbiter-ledger-size',
  text: 'select index + 1 as size, leaf from arbiter.ledger_entries order by index desc limit 1',
};

/** Leaves stand with their entries, what is above them among the nodes. One value in base64: a byte and a hash each. */
const packedNodes = `select encode(string_agg(
      case when coalesce(n.hash, e.leaf) is null then '\\x00'::bytea || decode(repeat('00', 32), 'hex')
        else '\\x01'::bytea || coalesce(n.hash, e.leaf) end, ''::bytea order by w.at), 'base64') as packed
    from unnest($1::integer[], $2::bigint[]) with ordinality as w(level, index, at)
    left join arbiter.ledger_nodes n on w.level > 0 and n.level = w.level and n.index = w.index
    left join arbiter.ledger_entries e on w.level = 0 and e.index = w.index`;
const nodesStatement: Statement = { name: 'arbiter-ledger-packed-nodes', text: packedNodes };

/** All that a proof needs, of one instant. */
const proofStatement: Statement = {
  name: 'arbiter-ledger-proof',
  text: `select (${packedNodes}) as packed,
    (select bytes from arbiter.ledger_entries where index = $3) as bytes,
    (select coalesce(max(index) + 1, 0) from arbiter.ledger_entries) as size`,
};

const packedBytes = 33;

/** What runs statements: a session, or the pool. */
export type Ask = <Row extends object>(statement: Statement, values: readonly unknown[]) => Promise<readonly Row[]>;

/** Asks the pool, which waits for a lost database. */
export function askOf(connection: Connection): Ask {
  return async <Row extends object>(statement: Statement, values: readonly unknown[]) =>
    (await connection.run<Row>(statement, values)).rows;
}

/** The hashes of nodes, in the order asked for. @throws LEDGER_CORRUPT when one is missing */
export async function readNodes(ask: Ask, wanted: readonly NodePlace[]): Promise<readonly Hash[]> {
  if (wanted.length === 0) return [];
  const [row] = await ask<{ packed: string }>(nodesStatement, columnsOf(wanted));
  return unpackNodes(wanted, row?.packed ?? null);
}

/** Nodes, an entry's bytes (null where there is none) and how large the log is, in one round trip; nothing is checked. */
export async function readProof(
  ask: Ask,
  index: number,
  wanted: readonly NodePlace[],
): Promise<{ readonly packed: string | null; readonly bytes: Buffer | null; readonly size: number }> {
  const [row] = await ask<{ packed: string | null; bytes: Buffer | null; size: number }>(proofStatement, [
    ...columnsOf(wanted),
    index,
  ]);
  return row ?? { packed: null, bytes: null, size: 0 };
}

function columnsOf(wanted: readonly NodePlace[]): readonly (readonly number[])[] {
  return [wanted.map(({ level }) => level), wanted.map(({ index }) => index)];
}

/** The hashes out of such a value. @throws LEDGER_CORRUPT when one is missing */
export function unpackNodes(wanted: readonly NodePlace[], base64: string | null): readonly Hash[] {
  const packed = new Uint8Array(Buffer.from(base64 ?? '', 'base64'));
  return wanted.map((place, at) => {
    const from = at * packedBytes;
    if (packed[from] !== 1) throw missingNode(place);
    return packed.slice(from + 1, from + packedBytes);
  });
}

/** Runs a computation over the tree, of which all nodes are fetched first, together. @throws LEDGER_CORRUPT */
export async function overNodes<Answer>(ask: Ask, compute: (read: ReadNode) => Answer): Promise<Answer> {
  const wanted = wantedNodes(compute);
  return compute(readFrom(wanted, await readNodes(ask, wanted), missingNode));
}

/** The fault of a node that the store has lost. */
export function missingNode({ level, index }: NodePlace): Error {
  return corruptFault(`node ${index} of level ${level} is missing`);
}

/** An entry with bytes of its own. */
export function toEntry(row: EntryRow): PlacedEntry {
  const { index, key, bytes, leaf, at_ms: atMs } = row;
  return { index, key, bytes: new Uint8Array(bytes), leaf: new Uint8Array(leaf), atMs };
}
