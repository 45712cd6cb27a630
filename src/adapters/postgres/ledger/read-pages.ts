import { corruptFault } from '../../../core/ledger/ledger-fault.js';
import type { ReadBack } from '../../../core/ledger/verify-log.js';
import type { StoredLevel } from '../../../ports/ledger-log.js';
import type { Connection } from '../connection.js';
import { walkRows } from '../copy-out.js';

const pageEntries = 4096;
/** Of entries in a page; the one that passes it is the last. */
const pageBytes = 4 * 1024 * 1024;
/** A page with what stands around its entries; what is larger makes itself room. */
const roomBytes = pageBytes + 512 * 1024;
/** More than any log has. */
const highestLevel = 52;

type CopyOut = Connection['copyOut'];

/**
 * Entries page by page; while one is worked on, the next is on its way into the other of two rooms. Memory is the same
 * however long the log: a room is used again as soon as the next page is asked for.
 */
export async function* readPages(copyOut: CopyOut, begin: number, end: number): AsyncGenerator<readonly ReadBack[]> {
  const rooms = [Buffer.allocUnsafe(roomBytes), Buffer.allocUnsafe(roomBytes)];
  const fetch = async (from: number): Promise<readonly ReadBack[]> => {
    if (from >= end) return [];
    rooms.reverse();
    return readEntries(await copyOut(pageQuery(from, end), rooms[0]));
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

/** Bounded by count and by bytes, which the window sums up as it goes: no entry is read twice. */
function pageQuery(from: number, end: number): string {
  return `select index, bytes, leaf from (
      select index, bytes, leaf,
          sum(octet_length(bytes)) over (order by index rows unbounded preceding) - octet_length(bytes) as before
        from (select index, bytes, leaf from arbiter.ledger_entries
          where index >= ${wholeNumber(from)} and index < ${wholeNumber(end)} order by index limit ${pageEntries}) as next
    ) as page where before < ${pageBytes} order by index`;
}

function readEntries(answer: Buffer): readonly ReadBack[] {
  const entries: ReadBack[] = [];
  walkRows(answer, ([index = -1, bytes = -1, leaf = -1], [, bytesEnd, leafEnd]) => {
    if (index < 0 || bytes < 0 || leaf < 0) throw corruptFault('an entry has no place, no bytes or no leaf');
    entries.push({
      index: readInt8(answer, index),
      bytes: answer.subarray(bytes, bytesEnd),
      leaf: answer.subarray(leaf, leafEnd),
    });
  });
  return entries;
}

/**
 * The stored subtrees that the leaves from `begin` up to `end` complete, a value a level. A subtree is completed by its last
 * leaf: those of a level are side by side.
 */
export async function readLevels(copyOut: CopyOut, begin: number, end: number): Promise<readonly StoredLevel[]> {
  const [first, beyond] = [begin, end].map((index) => `(${wholeNumber(index)}::bigint >> l.level)`);
  const answer = await copyOut(`select l.level::bigint, count(*), string_agg(n.hash, ''::bytea order by n.index)
    from generate_series(1, ${highestLevel}) as l(level) cross join lateral (
      select index, hash from arbiter.ledger_nodes
        where level = l.level and index >= ${first} and index < ${beyond} order by index
    ) as n group by l.level order by l.level`);
  const levels: StoredLevel[] = [];
  walkRows(answer, ([level = 0, count = 0, hashes = 0], [, , hashesEnd]) => {
    levels.push({
      level: readInt8(answer, level),
      count: readInt8(answer, count),
      hashes: answer.subarray(hashes, hashesEnd),
    });
  });
  return levels;
}

/** A place or a count: never negative, and safe. */
function readInt8(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);
}

/** INVARIANT: nothing but digits goes into a query. */
function wholeNumber(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is no place in a log`);
  return value.toFixed(0);
}
