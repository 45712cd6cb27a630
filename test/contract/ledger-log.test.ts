import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryLedger } from '../../src/adapters/memory/memory-ledger.js';
import { leafOf, noPrev } from '../../src/core/ledger/entry.js';
import { verifyConsistency, verifyInclusion } from '../../src/core/ledger/proof.js';
import { readEntry } from '../../src/core/ledger/sequence.js';
import { rootOf } from '../../src/core/ledger/tree.js';
import { type LogCheck, checkNext, endCheck, startedCheck } from '../../src/core/ledger/verify-log.js';
import { frontierOf, readFrom } from '../../src/core/ledger/wanted-nodes.js';
import type { Append, LedgerLog } from '../../src/ports/ledger-log.js';
import { type TestCluster, startTestCluster } from '../store/cluster.js';
import { storePlaces } from '../store/places.js';
import { openTestStores } from '../store/stores.js';

/** A log, and how the same one is opened once more, as another process would. */
interface Place {
  readonly ledger: LedgerLog;
  readonly again: () => Promise<LedgerLog>;
  fresh(): Promise<LedgerLog>;
  close(): Promise<void>;
}

async function onCluster(cluster: TestCluster): Promise<Place> {
  const opened: { close(): Promise<void> }[] = [];
  const openOn = async (urls: Awaited<ReturnType<TestCluster['createDatabase']>>): Promise<LedgerLog> => {
    const database = await openTestStores(urls);
    opened.push(database);
    return database.ledger;
  };
  const urls = await cluster.createDatabase();
  return {
    ledger: await openOn(urls),
    again: () => openOn(urls),
    fresh: async () => openOn(await cluster.createDatabase()),
    async close() {
      for (const database of opened) await database.close();
      await cluster.stop();
    },
  };
}

const places = await storePlaces((): Place => {
  const ledger = createMemoryLedger();
  const close = (): Promise<void> => Promise.resolve();
  return { ledger, again: async () => ledger, fresh: async () => createMemoryLedger(), close };
}, onCluster);

const anEntry = (words: string, key: string = randomUUID()): Append => ({
  key,
  draft: { apiVersion: '0.0.1', kind: 'note', spec: { words } },
});
const wordsOf = (entry: { index: number; bytes: Uint8Array }): unknown => readEntry(entry).spec['words'];
const all = async (ledger: LedgerLog, size?: number) => {
  const entries = [];
  for await (const entry of ledger.entries(0, size ?? (await ledger.head()).size)) entries.push(entry);
  return entries;
};
async function verified(ledger: LedgerLog): Promise<number> {
  const head = await ledger.head();
  const expected = [{ size: head.size, root: head.root, source: 'the head' }];
  const check = endCheck(
    (await all(ledger, head.size)).reduce((sum, entry) => checkNext(sum, entry, expected), startedCheck),
    expected,
  );
  expect(check.flaw).toBeNull();
  return check.size;
}

describe.each(places)('the ledger in $name', ({ skip, open }) => {
  const promise = it.skipIf(skip);
  let place: Place;
  beforeAll(async () => {
    if (!skip) place = await open();
  });
  afterAll(async () => {
    if (!skip) await place.close();
  });

  promise('begins empty, with a name of its own that fits a key’s', async () => {
    const [one, two] = [await place.fresh(), await place.fresh()];
    const { origin, size, root } = await one.head();
    expect(origin).toMatch(/^arbiter\/[0-9a-f]{16}$/);
    expect(await two.origin()).not.toBe(origin);
    expect(size).toBe(0);
    expect(root).toEqual(rootOf(0, () => new Uint8Array()));
    expect(await one.append([])).toEqual([]);
    await expect(one.read(0)).rejects.toMatchObject({ code: 'LEDGER_ENTRY_UNKNOWN' });
    await expect(one.proveInclusion(0)).rejects.toMatchObject({ code: 'LEDGER_ENTRY_UNKNOWN' });
  });

  promise('records in order, each after the one it names, and gives back what it was given', async () => {
    const ledger = await place.fresh();
    const odd = 'quotes " \\ \' {a,b} NULL, U+0000 \0, line\u2028ends\r\n, 日本';
    const placed = [
      ...(await ledger.append([anEntry('first', 'a'), anEntry(odd, 'b')])),
      ...(await ledger.append([anEntry('third', 'c')])),
    ];
    expect(placed.map(({ index, key }) => [index, key])).toEqual([
      [0, 'a'],
      [1, 'b'],
      [2, 'c'],
    ]);
    expect(placed.map(wordsOf)).toEqual(['first', odd, 'third']);
    const prevs = placed.map((entry) => readEntry(entry).prev);
    expect(prevs).toEqual([noPrev, ...placed.slice(0, 2).map(({ bytes }) => leafOf(bytes))]);
    expect(await all(ledger)).toEqual(placed);
    expect(await ledger.read(1)).toEqual(placed[1]);
    expect(await ledger.find('c')).toEqual(placed[2]);
    expect(await ledger.find('d')).toBeNull();
  });

  promise('gives all of a range by pages as one by one', async () => {
    const ledger = await place.fresh();
    await ledger.append(Array.from({ length: 300 }, (_, at) => anEntry(`entry ${at}`)));
    await ledger.append(Array.from({ length: 300 }, (_, at) => anEntry('x'.repeat(at * 9))));
    const entries = (await all(ledger)).map(({ index, bytes, leaf }) => ({ index, bytes, leaf }));
    for (const [begin, end] of [
      [0, 600],
      [0, 0],
      [0, 256],
      [17, 513],
      [599, 9000],
      [600, 700],
    ] as const) {
      const paged = [];
      for await (const page of ledger.pages(begin, end)) {
        expect(page.length).toBeGreaterThan(0);
        for (const { index, bytes, leaf } of page)
          paged.push({ index, bytes: new Uint8Array(bytes), leaf: new Uint8Array(leaf ?? []) });
      }
      expect(paged).toEqual(entries.slice(begin, end));
    }
    for await (const page of ledger.pages(0, 600)) if (page.length > 0) break;
    expect(await verified(ledger)).toBe(600);
  });

  promise('gives pages that no length of entries makes large', async () => {
    const ledger = await place.fresh();
    const long = (at: number): Append => anEntry('x'.repeat(at % 3 === 0 ? 65_000 : at));
    for (let at = 0; at < 240; at += 60) await ledger.append(Array.from({ length: 60 }, (_, more) => long(at + more)));
    const sizes: number[] = [];
    let count = 0;
    for await (const page of ledger.pages(0, 240)) {
      sizes.push(page.reduce((sum, { bytes }) => sum + bytes.length, 0));
      for (const { index, bytes } of page) {
        expect(index).toBe(count);
        expect(bytes.length).toBeGreaterThan(index % 3 === 0 ? 65_000 : 100);
        count += 1;
      }
    }
    expect(count).toBe(240);
    for (const size of sizes) expect(size).toBeLessThan(4.2 * 1024 * 1024);
  });

  promise('gives the subtrees that a range of leaves completes, level by level', async () => {
    const ledger = await place.fresh();
    await ledger.append(Array.from({ length: 77 }, (_, at) => anEntry(`entry ${at}`)));
    const entries = await all(ledger);
    const made: LogCheck[] = [];
    for (const entry of entries) made.push(checkNext(made.at(-1) ?? startedCheck, entry));
    for (const [begin, end] of [
      [0, 77],
      [0, 64],
      [1, 2],
      [2, 3],
      [13, 50],
      [76, 77],
      [63, 64],
      [40, 40],
    ] as const) {
      const completed = made.slice(begin, end).flatMap((check) => check.made);
      const expected = [1, 2, 3, 4, 5, 6].map((level) => completed.filter((node) => node.level === level));
      const found = (await ledger.levels(begin, end)).map(({ level, count, hashes }) => ({
        level,
        count,
        hashes: Buffer.from(hashes).toString('hex'),
      }));
      expect(found).toEqual(
        expected.flatMap((nodes, at) =>
          nodes.length === 0
            ? []
            : [
                {
                  level: at + 1,
                  count: nodes.length,
                  hashes: nodes.map(({ hash }) => Buffer.from(hash).toString('hex')).join(''),
                },
              ],
        ),
      );
    }
  });

  promise('goes on where another connection has left the log, each time', async () => {
    const ledgers = [place.ledger, await place.again()];
    for (let turn = 0; turn < 12; turn += 1) {
      const ledger = ledgers[Math.floor(turn / 2) % 2];
      await ledger?.append(Array.from({ length: turn + 1 }, (_, at) => anEntry(`turn ${turn} ${at}`)));
    }
    await verified(place.ledger);
  });

  promise('records a key once, whoever asks and in whatever company, and refuses other content under it', async () => {
    const ledger = await place.fresh();
    const one = anEntry('once');
    const [first] = await ledger.append([one]);
    const [again, next] = await ledger.append([one, anEntry('next')]);
    expect(again).toEqual(first);
    expect(next?.index).toBe(1);
    const [twice, same] = await ledger.append([anEntry('twice', 'twice'), anEntry('twice', 'twice')]);
    expect(twice).toEqual(same);
    await expect(ledger.append([anEntry('with it'), anEntry('other', one.key)])).rejects.toMatchObject({
      code: 'LEDGER_CONFLICT',
    });
    await expect(ledger.append([anEntry('a', 'both'), anEntry('b', 'both')])).rejects.toMatchObject({
      code: 'LEDGER_CONFLICT',
    });
    expect((await all(ledger)).map(wordsOf)).toEqual(['once', 'next', 'twice']);
  });

  promise('refuses what is no entry, and records nothing of the request', async () => {
    const ledger = await place.fresh();
    const refused = async (append: Append, code: string): Promise<void> =>
      expect(ledger.append([anEntry('before'), append])).rejects.toMatchObject({ code });
    await refused(anEntry('x'.repeat(65_535)), 'LEDGER_ENTRY_TOO_LARGE');
    await refused(
      { key: 'f', draft: { apiVersion: '0.0.1', kind: 'note', spec: { half: 0.5 } } },
      'JSON_NOT_CANONICAL',
    );
    await refused(anEntry('half a pair \ud800'), 'JSON_NOT_CANONICAL');
    expect((await ledger.head()).size).toBe(0);
  });

  promise('puts what two connections record at once into one order, each key once', async () => {
    const ledgers = [place.ledger, await place.again()];
    const before = (await place.ledger.head()).size;
    const shared = Array.from({ length: 60 }, (_, at) => anEntry(`shared ${at}`));
    const own = ledgers.map((_, at) => Array.from({ length: 60 }, (__, step) => anEntry(`own ${at} ${step}`)));
    const answers = await Promise.all(
      ledgers.flatMap((ledger, at) =>
        [...shared, ...(own[at] ?? [])].map(async (append) => (await ledger.append([append]))[0]),
      ),
    );
    expect((await place.ledger.head()).size).toBe(before + 180);
    expect(await verified(place.ledger)).toBe(before + 180);
    const placeOf = new Map<string, number>();
    for (const answer of answers) {
      const { key, index } = answer ?? { key: '', index: -1 };
      expect(placeOf.get(key) ?? index).toBe(index);
      placeOf.set(key, index);
    }
    expect(new Set(placeOf.values()).size).toBe(180);
  });

  promise('keeps those of one request side by side, and fails a conflict alone', async () => {
    const ledger = await place.fresh();
    await ledger.append([anEntry('known', 'known')]);
    const said = await Promise.allSettled(
      Array.from({ length: 30 }, (_, at) =>
        ledger.append(at % 3 === 0 ? [anEntry('x'), anEntry('other', 'known')] : [anEntry('a'), anEntry('b')]),
      ),
    );
    expect(said.filter(({ status }) => status === 'rejected')).toHaveLength(10);
    for (const answer of said) {
      if (answer.status === 'fulfilled') expect(answer.value[1]?.index).toBe((answer.value[0]?.index ?? 0) + 1);
    }
    expect(await verified(ledger)).toBe(41);
  });

  promise('proves every leaf and all growth, at sizes up to 200', async () => {
    const ledger = await place.fresh();
    const seen: { size: number; root: Uint8Array }[] = [];
    for (const upTo of [1, 2, 3, 5, 8, 31, 32, 33, 64, 100, 200]) {
      const { size: before } = await ledger.head();
      await ledger.append(Array.from({ length: upTo - before }, (_, at) => anEntry(`entry ${before + at}`)));
      const head = await ledger.head();
      expect(head.size).toBe(upTo);
      for (const old of seen) {
        const proof = await ledger.proveConsistency(old.size, head.size);
        expect(verifyConsistency(old, head, proof)).toBe(true);
      }
      seen.push(head);
    }
    const entries = await all(ledger);
    for (const { size, root } of seen.slice(5)) {
      for (const { index, leaf } of entries.slice(0, size)) {
        const proof = await ledger.proveInclusion(index, size);
        expect(proof).toMatchObject({ index, size, root });
        expect(verifyInclusion({ ...proof, leaf }, proof.path)).toBe(true);
      }
    }
    const { root, size } = await ledger.head();
    const wanted = frontierOf(size);
    expect(
      rootOf(
        size,
        readFrom(wanted, await ledger.nodes(wanted), () => new Error('missing')),
      ),
    ).toEqual(root);
    for (const ask of [
      () => ledger.proveInclusion(200),
      () => ledger.proveInclusion(-1),
      () => ledger.proveInclusion(5, 5),
      () => ledger.proveInclusion(5, 201),
      () => ledger.proveConsistency(5, 201),
      () => ledger.proveConsistency(7, 6),
      () => ledger.read(200),
      () => ledger.read(0.5),
    ]) {
      await expect(ask()).rejects.toMatchObject({ code: 'LEDGER_ENTRY_UNKNOWN' });
    }
    await expect(ledger.nodes([{ level: 3, index: 25 }])).rejects.toMatchObject({ code: 'LEDGER_CORRUPT' });
  });

  promise('goes on where it was when it is opened again, under the same name', async () => {
    const other = await place.again();
    expect(await other.origin()).toBe(await place.ledger.origin());
    const head = await place.ledger.head();
    expect(await other.head()).toEqual(head);
    const [placed] = await other.append([anEntry('later')]);
    expect(placed?.index).toBe(head.size);
    const now = await place.ledger.head();
    expect(verifyConsistency(head, now, await place.ledger.proveConsistency(head.size, now.size))).toBe(true);
  });
});

describe('the ledger in a database', () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await startTestCluster();
  });
  afterAll(() => cluster.stop());
  const query = async (url: string, text: string): Promise<readonly Record<string, unknown>[]> => {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(text)).rows as Record<string, unknown>[];
    } finally {
      await client.end();
    }
  };
  const filled = async (count: number) => {
    const urls = await cluster.createDatabase();
    const database = await openTestStores(urls);
    await database.ledger.append(Array.from({ length: count }, (_, at) => anEntry(`entry ${at}`)));
    return { urls, database };
  };

  it('cannot be changed by the role that Arbiter works as, nor by the owner while the triggers stand', async () => {
    const { urls, database } = await filled(9);
    await database.ledger.origin();
    for (const url of [urls.appUrl, urls.ownerUrl]) {
      for (const table of ['ledger', 'ledger_entries', 'ledger_nodes']) {
        const column = table === 'ledger' ? 'origin' : 'index';
        for (const statement of [
          `update arbiter.${table} set ${column} = ${column}`,
          `delete from arbiter.${table}`,
          `truncate arbiter.${table}`,
        ]) {
          const refusal: unknown = await query(url, statement).catch(String);
          expect({ statement, refusal }).toEqual({
            statement,
            refusal: expect.stringMatching(/never changed|permission denied/),
          });
        }
      }
    }
    for (const statement of [
      'alter table arbiter.ledger_entries disable trigger all',
      'drop table arbiter.ledger_nodes',
    ]) {
      await expect(query(urls.appUrl, statement)).rejects.toThrow(/must be owner/);
    }
    expect(await verified(database.ledger)).toBe(9);
    await database.close();
  });

  it.each([
    ['a changed byte', `update arbiter.ledger_entries set bytes = set_byte(bytes, 60, 65) where index = 4`, 4],
    [
      'a changed byte with its leaf',
      `update arbiter.ledger_entries set bytes = set_byte(bytes, octet_length(bytes) - 4, 65),
      leaf = sha256('\\x00'::bytea || set_byte(bytes, octet_length(bytes) - 4, 65)) where index = 4`,
      5,
    ],
    ['a deleted entry', `delete from arbiter.ledger_entries where index = 4`, 4],
    [
      'two entries that changed places',
      `update arbiter.ledger_entries set index = 100 where index = 4;
      update arbiter.ledger_entries set index = 4 where index = 5;
      update arbiter.ledger_entries set index = 5 where index = 100`,
      4,
    ],
  ])('shows %s that the owner made by force, and proves no such entry', async (_, statement, wrong) => {
    const { urls, database } = await filled(9);
    const head = await database.ledger.head();
    await query(urls.ownerUrl, `alter table arbiter.ledger_entries disable trigger all; ${statement}`);
    const entries = await all(database.ledger, 9);
    const check = entries.reduce((sum, entry) => checkNext(sum, entry), startedCheck);
    expect(check.flaw?.index).toBe(wrong);
    await expect(database.ledger.proveInclusion(4)).rejects.toMatchObject({ code: 'LEDGER_CORRUPT' });
    expect((await database.ledger.head()).root).toEqual(head.root);
    await database.close();
  });

  it('does not append over a tree that has lost a node', async () => {
    const { urls, database } = await filled(4);
    await query(
      urls.ownerUrl,
      `alter table arbiter.ledger_nodes disable trigger all; delete from arbiter.ledger_nodes`,
    );
    await expect(database.ledger.append([anEntry('more')])).rejects.toMatchObject({ code: 'LEDGER_CORRUPT' });
    await expect(database.ledger.head()).rejects.toMatchObject({ code: 'LEDGER_CORRUPT' });
    await database.close();
  });

  it('records each key once though every session is cut again and again', async () => {
    const { urls, database } = await filled(0);
    let cut = true;
    const cutting = (async () => {
      while (cut) {
        await query(
          urls.ownerUrl,
          `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'arbiter_app' and datname = current_database()`,
        );
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
    })();
    for (let round = 0; round < 60; round += 1) {
      const placed = await Promise.all([0, 1, 2].map((at) => database.ledger.append([anEntry(`${round} ${at}`)])));
      expect(
        placed
          .flat()
          .map(({ index }) => index)
          .sort((a, b) => a - b),
      ).toEqual([0, 1, 2].map((at) => 3 * round + at));
    }
    cut = false;
    await cutting;
    expect(await verified(database.ledger)).toBe(180);
    await database.close();
  });

  it('lets nobody wait for a process that stopped while it held the order', async () => {
    const { urls, database } = await filled(1);
    const stopped = new Client({ connectionString: urls.appUrl });
    const lost = new Promise((resolve) => stopped.on('error', resolve));
    await stopped.connect();
    // What the sequencer does before it is stopped.
    await stopped.query(`begin; set local idle_in_transaction_session_timeout = 1000;
      select pg_advisory_xact_lock(hashtextextended('arbiter.ledger', 0))`);
    const start = performance.now();
    expect((await database.ledger.append([anEntry('more')]))[0]?.index).toBe(1);
    expect(performance.now() - start).toBeGreaterThan(500);
    await lost;
    await database.close();
  });

  it('goes into a backup and out of it, name and all, and into no store that has one', async () => {
    const { database } = await filled(30);
    const target = await filled(0);
    const { mkdtemp, rm } = await import('node:fs/promises');
    const { tmpdir } = await import('node:os');
    const folder = await mkdtemp(`${tmpdir()}/arbiter-ledger-`);
    const head = await database.ledger.head();
    await database.care.backup(`${folder}/backup`);
    await target.database.care.restore(`${folder}/backup`);
    expect(await target.database.ledger.head()).toEqual(head);
    expect(await verified(target.database.ledger)).toBe(30);
    await expect(target.database.care.restore(`${folder}/backup`)).rejects.toMatchObject({ code: 'RESTORE_NOT_EMPTY' });
    await rm(folder, { recursive: true });
    await target.database.close();
    await database.close();
  });
});
