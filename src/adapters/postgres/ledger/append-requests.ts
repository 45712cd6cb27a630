import type { PoolClient } from 'pg';
import { noPrev } from '../../../core/ledger/entry.js';
import {
  type Append,
  type PlacedEntry,
  type Sequenced,
  examineAppend,
  sequence,
} from '../../../core/ledger/sequence.js';
import { nativeTreeHash } from '../../hash/native-tree-hash.js';
import { frontierOf } from '../../../core/ledger/wanted-nodes.js';
import type { ReadNode } from '../../../core/ledger/tree.js';
import type { Connection, Statement } from '../connection.js';
import { gather } from '../gather.js';
import { type Ask, type EntryRow, entryColumns, missingNode, toEntry } from './read-log.js';

const mostInOne = 512;
/** Of entries that go together. */
const togetherBytes = 4 * 1024 * 1024;

/**
 * One sequencer for all processes. A process that is stopped in the middle would keep the others waiting: the server takes
 * the lock from a transaction that idles.
 */
const begin = `begin isolation level read committed; set local idle_in_transaction_session_timeout = 5000;
  select pg_advisory_xact_lock(hashtextextended('arbiter.ledger', 0))`;

/**
 * What is known of the keys asked for (no level), the last entry without its bytes (level 0), and the complete subtrees that
 * the log ends in: a bit of its size each, as `frontierOf` has them. One round trip under the lock; read anew each time, as
 * nothing may be appended over a tree that has lost a node.
 */
const find: Statement = {
  name: 'arbiter-ledger-ground',
  text: `with last as (select index, leaf, at_ms from arbiter.ledger_entries order by index desc limit 1)
    select ${entryColumns}, null::integer as level from arbiter.ledger_entries where key = any($1)
    union all select index, '', ''::bytea, leaf, at_ms, 0 from last
    union all select n.index, '', ''::bytea, n.hash, 0, n.level
      from last cross join generate_series(1, 52) as l(level)
        join arbiter.ledger_nodes n on n.level = l.level and n.index = ((last.index + 1) >> l.level) - 1
      where ((last.index + 1) >> l.level) & 1 = 1`,
};

type GroundRow = EntryRow & { readonly level: number | null };

const write: Statement = {
  name: 'arbiter-ledger-write',
  text: `with entries as (
    insert into arbiter.ledger_entries (index, key, bytes, leaf, at_ms)
      select * from unnest($1::bigint[], $2::text[], $3::bytea[], $4::bytea[], $5::bigint[])
  )
  insert into arbiter.ledger_nodes (level, index, hash) select * from unnest($6::integer[], $7::bigint[], $8::bytea[])`,
};

/** What one caller wants recorded, all of it or nothing. */
interface Request {
  readonly appends: readonly Append[];
  readonly bytes: number;
}

/**
 * Group commit: requests that come while a transaction is under way go together in the next one. A request settles when it
 * is committed. One whose answer was lost with the connection is asked again, and finds itself by its keys.
 */
export function createAppender(
  connection: Connection,
): (appends: readonly Append[]) => Promise<readonly PlacedEntry[]> {
  const append = gather<Request, readonly PlacedEntry[]>({
    fits: (taken, next) =>
      taken.reduce((sum, { appends }) => sum + appends.length, next.appends.length) <= mostInOne &&
      taken.reduce((sum, { bytes }) => sum + bytes, next.bytes) <= togetherBytes,
    async perform(requests) {
      const { answers } = await connection.transact(begin, (client) => appendRequests(client, requests));
      return answers;
    },
  });
  return async (appends) => {
    const bytes = appends.reduce((sum, one) => sum + examineAppend(one), 0);
    return appends.length === 0 ? [] : append({ appends, bytes });
  };
}

async function appendRequests(client: PoolClient, requests: readonly Request[]): Promise<Sequenced> {
  const ask: Ask = async <Row extends object>(statement: Statement, values: readonly unknown[]) =>
    (await client.query<Row>({ ...statement, values: [...values] })).rows;
  const keys = requests.flatMap(({ appends }) => appends.map(({ key }) => key));
  const rows = await ask<GroundRow>(find, [keys]);
  const last = rows.find(({ level }) => level === 0);
  const [size, prev] = last === undefined ? [0, noPrev] : [last.index + 1, last.leaf.toString('hex')];
  const known = new Map(rows.filter(({ level }) => level === null).map((row) => [row.key, toEntry(row)]));
  const state = { size, prev, read: readGround(rows), known, nowMs: Date.now(), hash: nativeTreeHash };
  refuseHoles(size, state.read);
  const made = sequence(
    state,
    requests.map(({ appends }) => appends),
  );
  if (made.entries.length > 0) await ask(write, columnsOf(made));
  return made;
}

/** The subtrees that the log ends in. @throws LEDGER_CORRUPT for what is missing */
function readGround(rows: readonly GroundRow[]): ReadNode {
  const nodes = new Map(rows.map((row) => [`${row.level}/${row.index}`, row.leaf]));
  return (level, index) => {
    const hash = nodes.get(`${level}/${index}`);
    if (hash === undefined) throw missingNode({ level, index });
    return new Uint8Array(hash);
  };
}

/** Which of them the next entry needs depends on its place: a log that has lost one takes none. @throws LEDGER_CORRUPT */
function refuseHoles(size: number, read: ReadNode): void {
  for (const { level, index } of frontierOf(size)) read(level, index);
}

function columnsOf({ entries, nodes }: Sequenced): readonly unknown[] {
  return [
    entries.map(({ index }) => index),
    entries.map(({ key }) => key),
    entries.map(({ bytes }) => Buffer.from(bytes)),
    entries.map(({ leaf }) => Buffer.from(leaf)),
    entries.map(({ atMs }) => atMs),
    nodes.map(({ level }) => level),
    nodes.map(({ index }) => index),
    nodes.map(({ hash }) => Buffer.from(hash)),
  ];
}
