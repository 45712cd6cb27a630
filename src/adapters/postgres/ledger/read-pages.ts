import type { ReadBack } from '../../../core/ledger/verify-log.js';
import type { Statement } from '../connection.js';
import type { Ask } from './read-log.js';

/** 256 entries of the largest kind are 16 MiB. */
const pageEntries = 256;
const leafBytes = 32;
const headBytes = 12;

/**
 * A page as one value in base64: a row each costs node several times as much as what is then done with it. Of each entry
 * its index in eight bytes, its length in four, its bytes, its leaf.
 */
const readPage: Statement = {
  name: 'arbiter-ledger-packed-page',
  text: `select encode(string_agg(
      int8send(index) || int4send(octet_length(bytes)) || bytes || leaf, ''::bytea order by index), 'base64') as packed
    from (select index, bytes, leaf from arbiter.ledger_entries
      where index >= $1 and index < $2 order by index limit ${pageEntries}) as page`,
};

/** Entries page by page; while one is worked on, the next is on its way. Two pages of memory, however long the log. */
export async function* readPages(ask: Ask, begin: number, end: number): AsyncGenerator<readonly ReadBack[]> {
  const fetch = async (from: number): Promise<readonly ReadBack[]> => {
    if (from >= end) return [];
    const [row] = await ask<{ packed: string | null }>(readPage, [from, end]);
    return unpack(Buffer.from(row?.packed ?? '', 'base64'));
  };
  let page = await fetch(begin);
  for (let last = page.at(-1); last !== undefined; last = page.at(-1)) {
    const next = fetch(last.index + 1);
    // Who stops in the middle does not wait for it; who goes on hears of its fault below.
    next.catch(() => undefined);
    yield page;
    page = await next;
  }
}

function unpack(packed: Buffer): readonly ReadBack[] {
  const entries: ReadBack[] = [];
  for (let at = 0; at < packed.length;) {
    const end = at + headBytes + packed.readInt32BE(at + 8);
    entries.push({
      index: Number(packed.readBigInt64BE(at)),
      bytes: packed.subarray(at + headBytes, end),
      leaf: packed.subarray(end, end + leafBytes),
    });
    at = end + leafBytes;
  }
  return entries;
}
