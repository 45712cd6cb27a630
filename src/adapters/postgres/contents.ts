import { createHash } from 'node:crypto';
import { Fault } from '../../core/fault.js';
import type { Connection, Statement } from './connection.js';
import { gather } from './gather.js';
import { storeFault } from './store-fault.js';

/** Plenty for a patch or a plea; a row must fit the memory of whoever backs it up. */
const maxBytes = 64 * 1024 * 1024;

/** In the order of their digests, so that two that store the same do not wait for each other's rows. */
const putMany: Statement = {
  name: 'arbiter-put-contents',
  text: `insert into arbiter.contents (sha256, bytes)
    select sha256, bytes from unnest($1::text[], $2::bytea[]) as c(sha256, bytes) order by sha256 on conflict do nothing`,
};
const get: Statement = { name: 'arbiter-get-content', text: 'select bytes from arbiter.contents where sha256 = $1' };

const erased: Statement = {
  name: 'arbiter-content-erased',
  text: `select 'erasure/' || commitment as key from arbiter.erasures where sha256 = $1 order by at_ms desc limit 1`,
};
const commit: Statement = {
  name: 'arbiter-content-commitments',
  text: 'select sha256, commitment from arbiter.contents where sha256 = any($1)',
};

/** Contents that this process has just stored or read, which is mostly what it asks for next; bounded. */
export interface FreshContents {
  keep(sha256: string, bytes: Uint8Array): void;
  find(sha256: string): Uint8Array | null;
  forget(sha256: string): void;
}

const keptContents = 256;
const keptBytes = 64 * 1024;

/** What is stored under a digest never changes. What another process erases is forgotten here when this one ends. */
export function createFreshContents(): FreshContents {
  const known = new Map<string, Uint8Array>();
  return {
    keep(sha256, bytes) {
      if (bytes.length > keptBytes) return;
      known.delete(sha256);
      known.set(sha256, new Uint8Array(bytes));
      const [oldest] = known.keys();
      if (known.size > keptContents && oldest !== undefined) known.delete(oldest);
    },
    // Copies both ways: who gave or gets it may change its own.
    find: (sha256) => known.get(sha256)?.slice() ?? null,
    forget: (sha256) => void known.delete(sha256),
  };
}

interface Content {
  readonly digest: string;
  readonly bytes: Buffer;
}

const mostInOne = 64;
/** Of contents that go together. */
const togetherBytes = 4 * 1024 * 1024;

/** Stores bytes, up to 64 MiB, by their SHA-256, which is answered. @throws STORE_FAILED when there are more */
export function createContentGroup(connection: Connection): (bytes: Uint8Array) => Promise<string> {
  const put = gather<Content, void>({
    fits: (taken, next) =>
      taken.length < mostInOne &&
      taken.reduce((sum, { bytes }) => sum + bytes.length, next.bytes.length) < togetherBytes,
    async perform(contents) {
      await connection.run(putMany, [contents.map(({ digest }) => digest), contents.map(({ bytes }) => bytes)]);
      return contents.map(() => ({ status: 'fulfilled', value: undefined }));
    },
  });
  return async (bytes) => {
    if (bytes.length > maxBytes) {
      throw storeFault(
        'STORE_FAILED',
        `${bytes.length} bytes are too many for the store, which takes ${maxBytes} at once`,
        'make the change smaller',
      );
    }
    const digest = digestOf(bytes);
    await put({ digest, bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) });
    return digest;
  };
}

/** The log's names of contents, by their digests; what is not held is left out. */
export async function readCommitments(
  connection: Connection,
  sha256s: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await connection.run<{ sha256: string; commitment: string }>(commit, [sha256s]);
  return new Map(rows.map(({ sha256, commitment }) => [sha256, commitment]));
}

/** The bytes of a digest, checked against it. @throws CONTENT_MISSING, CONTENT_ERASED */
export async function getContent(connection: Connection, sha256: string): Promise<Uint8Array> {
  const { rows } = await connection.run<{ bytes: Buffer }>(get, [sha256]);
  const bytes = rows[0]?.bytes;
  if (bytes === undefined) throw await missingFault(connection, sha256);
  if (digestOf(bytes) !== sha256) {
    throw storeFault('CONTENT_MISSING', `what the store holds under ${sha256} is damaged`, 'restore a backup');
  }
  return new Uint8Array(bytes);
}

async function missingFault(connection: Connection, sha256: string): Promise<Error> {
  const { rows } = await connection.run<{ key: string }>(erased, [sha256]);
  const [row] = rows;
  return row === undefined
    ? storeFault('CONTENT_MISSING', `the store holds nothing under ${sha256}`, 'run the task again')
    : new Fault('CONTENT_ERASED', `what the store held under ${sha256} was erased by request`, {
        mend: `arbiter ledger show ${row.key} says by whom, when and why; it cannot be brought back`,
      });
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
