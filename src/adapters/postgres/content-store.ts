import type { ContentHolder, ContentName, ContentStore, Erasure } from '../../ports/content-store.js';
import type { Connection, Statement } from './connection.js';
import type { FreshContents } from './contents.js';

const find: Statement = {
  name: 'arbiter-content-find',
  text: 'select sha256, commitment from arbiter.contents where commitment = $1 or sha256 = $1',
};
const read: Statement = {
  name: 'arbiter-content-read',
  text: 'select sha256, commitment, salt, bytes from arbiter.contents where commitment = $1',
};
const erasures: Statement = {
  name: 'arbiter-content-erasures',
  text: `select commitment, sha256, at_ms from arbiter.erasures where commitment = $1 or sha256 = $1
    order by at_ms, commitment`,
};
/** A story names a patch or a plea; a plea names its transcript, a verdict its diff. */
const holders: Statement = {
  name: 'arbiter-content-holders',
  text: `with named as (
      select $1::text as sha256 union select c.sha256 from arbiter.contents c where position(convert_to($1, 'UTF8') in c.bytes) > 0
    )
    select distinct t.id, t.ended, t.repository from named n
      join arbiter.task_events e on position(n.sha256 in e.event::text) > 0
      join arbiter.tasks t on t.id = e.task_id order by t.id`,
};
/** Any 64 hex digits count as a name: rather one orphan too few than a content of a task among them. */
const orphans: Statement = {
  name: 'arbiter-content-orphans',
  text: `with told as (
      select distinct (regexp_matches(e.event::text, '[0-9a-f]{64}', 'g'))[1] as sha256 from arbiter.task_events e
    ), named as (
      select distinct (regexp_matches(encode(c.bytes, 'escape'), '[0-9a-f]{64}', 'g'))[1] as sha256
        from arbiter.contents c join told t on t.sha256 = c.sha256 where octet_length(c.bytes) <= 4194304
    )
    select c.sha256, c.commitment from arbiter.contents c
      where not exists (select from told t where t.sha256 = c.sha256)
        and not exists (select from named n where n.sha256 = c.sha256)
      order by c.sha256 limit $1`,
};
const erase: Statement = { name: 'arbiter-content-erase', text: 'select arbiter.erase_content($1, $2) as erased' };
const eraseLog: Statement = { name: 'arbiter-log-erase', text: 'select arbiter.erase_task_log($1) as lines' };

/** Contents and their erasure on PostgreSQL. `fresh` are those that this process remembers: they are forgotten as well. */
export function createContentStore(connection: Connection, fresh: Pick<FreshContents, 'forget'>): ContentStore {
  const ask = async <Row extends object>(statement: Statement, values: readonly unknown[]) =>
    (await connection.run<Row>(statement, values)).rows;
  return {
    find: async (hash) => (await ask<ContentName>(find, [hash]))[0] ?? null,
    async read(commitment) {
      const [row] = await ask<ContentName & { salt: Buffer; bytes: Buffer }>(read, [commitment]);
      return row === undefined ? null : { ...row, salt: new Uint8Array(row.salt), bytes: new Uint8Array(row.bytes) };
    },
    async erasures(hash) {
      const rows = await ask<ContentName & { at_ms: number }>(erasures, [hash]);
      return rows.map(({ commitment, sha256, at_ms: atMs }): Erasure => ({ commitment, sha256, atMs }));
    },
    async holders(sha256) {
      const rows = await ask<{ id: string; ended: boolean; repository: string }>(holders, [sha256]);
      return rows.map(({ id, ended, repository }): ContentHolder => ({ taskId: id, ended, repository }));
    },
    orphans: (limit) => ask<ContentName>(orphans, [limit]),
    async erase(commitment, atMs) {
      const [row] = await ask<{ erased: boolean }>(erase, [commitment, atMs]);
      for (const { sha256 } of await ask<ContentName>(erasures, [commitment])) fresh.forget(sha256);
      return row?.erased === true;
    },
    eraseLog: async (taskId) => Number((await ask<{ lines: number }>(eraseLog, [taskId]))[0]?.lines ?? 0),
  };
}
