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
import { frontierOf, readFrom } from '../../../core/ledger/wanted-nodes.js';
import type { Connection, Statement } from '../connection.js';
import { gather } from '../gather.js';
import { type Ask, type EntryRow, entryColumns, missingNode, readNodes, toEntry } from './read-log.js';

const mostInOne = 512;
/** Of entries that go together. */
const togetherBytes = 4 * 1024 * 1024;

/**
 * One sequencer for all processes. A process that is stopped in the middle would keep the others waiting: the server takes
 * the lock from a transaction that idles.
 */
const begin = `begin isolation level read committed; set local idle_in_transaction_session_timeout = 5000;
  select pg_advisory_xact_lock(hashtextextended('arbiter.ledger', 0))`;

/** What is known of the keys asked for, and the last entry without its bytes: one round trip under the lock. */
const find: Statement = {
  name: 'arbiter-ledger-known',
  text: `select ${entryColumns}, false as last from arbiter.ledger_entries where key = any($1)
    union all (select index, '', ''::bytea, leaf, at_ms, true from arbiter.ledger_entries order by index desc limit 1)`,
};

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
  const rows = await ask<EntryRow & { last: boolean }>(find, [keys]);
  const last = rows.find((row) => row.last);
  const [size, prev] = last === undefined ? [0, noPrev] : [last.index + 1, last.leaf.toString('hex')];
  const frontier = frontierOf(size);
  const read = readFrom(frontier, await readNodes(ask, frontier), missingNode);
  const known = new Map(rows.filter((row) => !row.last).map((row) => [row.key, toEntry(row)]));
  const state = { size, prev, read, known, nowMs: Date.now(), hash: nativeTreeHash };
  const made = sequence(
    state,
    requests.map(({ appends }) => appends),
  );
  if (made.entries.length > 0) await ask(write, columnsOf(made));
  return made;
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
