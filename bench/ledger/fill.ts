import { chmod, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from 'pg';
import type { Sequenced } from '../../src/core/ledger/sequence.js';
import type { Home } from '../tasks/home.js';
import { product } from '../tasks/product.js';
import { openSql } from '../tasks/sql.js';
import { verdictAppend } from './draft.js';

const step = 20_000;

type Runtime = Awaited<ReturnType<Home['open']>>;

/**
 * Makes the log of a home as long as `size`, by entries that core's own sequencer makes and the owner copies in: what an
 * append would write, without its transactions.
 */
export async function fillLog(home: Home, { ledger }: Runtime, size: number): Promise<void> {
  const [{ sequence }, { frontierOf, readFrom }, { nativeTreeHash }, { noPrev }] = await Promise.all([
    product<typeof import('../../src/core/ledger/sequence.js')>('core/ledger/sequence'),
    product<typeof import('../../src/core/ledger/wanted-nodes.js')>('core/ledger/wanted-nodes'),
    product<typeof import('../../src/adapters/hash/native-tree-hash.js')>('adapters/hash/native-tree-hash'),
    product<typeof import('../../src/core/ledger/entry.js')>('core/ledger/entry'),
  ]);
  const sql = await openSql(home, 'arbiter');
  try {
    for (let { size: at } = await ledger.head(); at < size; { size: at } = await ledger.head()) {
      const places = frontierOf(at);
      const read = readFrom(places, await ledger.nodes(places), ({ level }) => new Error(`no node of level ${level}`));
      const prev = at === 0 ? noPrev : Buffer.from((await ledger.read(at - 1)).leaf).toString('hex');
      const requests = Array.from({ length: Math.min(step, size - at) }, (_, more) => [verdictAppend(at + more)]);
      const state = { size: at, prev, read, known: new Map(), nowMs: 0, hash: nativeTreeHash };
      await copyIn(home, sql, sequence(state, requests));
    }
    await sql.query('vacuum analyze arbiter.ledger_entries');
    await sql.query('vacuum analyze arbiter.ledger_nodes');
  } finally {
    await sql.end();
  }
}

async function copyIn(home: Home, sql: Client, { entries, nodes }: Sequenced): Promise<void> {
  const rows = entries.map(({ index, key, bytes, leaf, atMs }) => [int8(index), text(key), bytes, leaf, int8(atMs)]);
  await copy(home, sql, 'ledger_entries (index, key, bytes, leaf, at_ms)', rows);
  const inner = nodes.map(({ level, index, hash }) => [int4(level), int8(index), hash]);
  await copy(home, sql, 'ledger_nodes (level, index, hash)', inner);
}

/** The server reads a file in its own binary form: the quickest way in. @see PostgreSQL COPY, Binary Format */
async function copy(home: Home, sql: Client, into: string, rows: readonly (readonly Uint8Array[])[]): Promise<void> {
  const path = join(home.folder, 'rows');
  const parts: Uint8Array[] = [Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')];
  for (const row of rows) {
    parts.push(int2(row.length));
    for (const field of row) parts.push(int4(field.length), field);
  }
  parts.push(int2(-1));
  const file = await open(path, 'w');
  await file.writeFile(Buffer.concat(parts));
  await file.close();
  await chmod(home.folder, 0o755);
  await chmod(path, 0o644);
  await sql.query(`copy arbiter.${into} from '${path}' (format binary)`);
  await rm(path);
}

function text(value: string): Buffer {
  return Buffer.from(value);
}

function int2(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int4(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int8(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}
