import type { RefusedUse, StoredWaiver, WaiverEvent, WaiverStore, WaiverUse } from '../../ports/waiver-store.js';
import { existingWaiver, unknownWaiver } from '../../core/caws/waiver-faults.js';
import type { Connection, Statement } from './connection.js';

const submit: Statement = {
  name: 'arbiter-submit-waiver',
  text: `insert into arbiter.waivers (repository_id, id, sha256, bytes, spec_id, task_id, root, requested_by, at_ms)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing returning id`,
};
const stored: Statement = {
  name: 'arbiter-waiver-stands',
  text: 'select id from arbiter.waivers where repository_id = $1 and id = $2 and sha256 = $3',
};
const list: Statement = {
  name: 'arbiter-waivers',
  text: `select repository_id, id, sha256, bytes, spec_id, task_id, root, requested_by, at_ms from arbiter.waivers
    where repository_id = $1 and ($2::text is null or id = $2) and ($3::text is null or spec_id = $3) order by id`,
};
const events: Statement = {
  name: 'arbiter-waiver-events',
  text: `select waiver_id, kind, at_ms, by, key_id, signature from arbiter.waiver_events
    where repository_id = $1 and ($2::text is null or waiver_id = $2) order by seq`,
};
const uses: Statement = {
  name: 'arbiter-waiver-uses',
  text: `select sha256, waiver_id, number, verdict_id, task_id, at_ms, claim from arbiter.waiver_uses
    where repository_id = $1 order by waiver_id, sha256, number`,
};
const tell: Statement = {
  name: 'arbiter-tell-waiver',
  text: `insert into arbiter.waiver_events (repository_id, waiver_id, kind, at_ms, by, key_id, signature)
    select repository_id, id, $3, $4, $5, $6, $7 from arbiter.waivers where repository_id = $1 and id = $2
    on conflict do nothing returning seq`,
};
const consume: Statement = {
  name: 'arbiter-consume-waivers',
  text: `select outcome, about from
    arbiter.consume_waivers($1, $2::text[], $3::text[], $4::integer[], $5, $6, $7, $8)`,
};

/** Waivers on PostgreSQL, shared by all processes that open the same database. */
export function createWaiverStore(connection: Connection): WaiverStore {
  return {
    async submit(draft) {
      const { repositoryId, id, sha256, bytes, specId, taskId, root, requestedBy, atMs } = draft;
      const values = [repositoryId, id, sha256, bytes, specId, taskId, root, requestedBy, atMs];
      if ((await connection.run(submit, values)).rows.length > 0) return;
      if ((await connection.run(stored, [repositoryId, id, sha256])).rows.length === 0) throw existingWaiver(id);
    },
    async read(repositoryId, id) {
      const [found] = await readLives(connection, repositoryId, { id, specId: null });
      if (found === undefined) throw unknownWaiver(id);
      return found;
    },
    list: (repositoryId, specId) => readLives(connection, repositoryId, { id: null, specId: specId ?? null }),
    async tell(repositoryId, id, { kind, atMs, by, keyId, signature }) {
      const { rows } = await connection.run(tell, [repositoryId, id, kind, atMs, by, keyId, signature]);
      if (rows.length > 0) return true;
      const known = await connection.run(list, [repositoryId, id, null]);
      if (known.rows.length === 0) throw unknownWaiver(id);
      return false;
    },
    uses: (repositoryId) => readUses(connection, repositoryId),
    async consume(repositoryId, wanted, { claim, verdictId, taskId, atMs }) {
      // A statement that went through unheard is run again: its claim holds the uses already, and is answered the same.
      const { rows } = await connection.run<{ outcome: RefusedUse['reason'] | 'taken'; about: string }>(consume, [
        repositoryId,
        wanted.map((one) => one.sha256),
        wanted.map((one) => one.id),
        wanted.map((one) => one.maxUses),
        claim,
        verdictId,
        taskId,
        atMs,
      ]);
      const refused = rows.flatMap(({ outcome, about }) =>
        outcome === 'taken' ? [] : [{ sha256: about, reason: outcome }],
      );
      return { verdictId: rows.find(({ outcome }) => outcome === 'taken')?.about ?? verdictId, refused };
    },
  };
}

interface WaiverRow {
  readonly repository_id: string;
  readonly id: string;
  readonly sha256: string;
  readonly bytes: Uint8Array;
  readonly spec_id: string;
  readonly task_id: string | null;
  readonly root: string;
  readonly requested_by: string;
  readonly at_ms: number;
}

interface EventRow {
  readonly waiver_id: string;
  readonly kind: WaiverEvent['kind'];
  readonly at_ms: number;
  readonly by: string;
  readonly key_id: string;
  readonly signature: string;
}

interface UseRow {
  readonly sha256: string;
  readonly waiver_id: string;
  readonly number: number;
  readonly verdict_id: string;
  readonly task_id: string;
  readonly at_ms: number;
  readonly claim: string;
}

// Three reads, and no one moment: what is told in between is seen or not, and `consume` alone decides about uses.
async function readLives(
  connection: Connection,
  repositoryId: string,
  only: { readonly id: string | null; readonly specId: string | null },
): Promise<readonly StoredWaiver[]> {
  const { rows } = await connection.run<WaiverRow>(list, [repositoryId, only.id, only.specId]);
  if (rows.length === 0) return [];
  const told = (await connection.run<EventRow>(events, [repositoryId, only.id])).rows;
  const used = await readUses(connection, repositoryId);
  return rows.map((row) => ({
    repositoryId: row.repository_id,
    id: row.id,
    sha256: row.sha256,
    bytes: new Uint8Array(row.bytes),
    specId: row.spec_id,
    taskId: row.task_id,
    root: row.root,
    requestedBy: row.requested_by,
    atMs: row.at_ms,
    events: told
      .filter((event) => event.waiver_id === row.id)
      .map(({ kind, at_ms, by, key_id, signature }) => ({ kind, atMs: at_ms, by, keyId: key_id, signature })),
    uses: used.filter((use) => use.sha256 === row.sha256),
  }));
}

async function readUses(connection: Connection, repositoryId: string): Promise<readonly WaiverUse[]> {
  const { rows } = await connection.run<UseRow>(uses, [repositoryId]);
  return rows.map(({ waiver_id, verdict_id, task_id, at_ms, ...rest }) => ({
    ...rest,
    waiverId: waiver_id,
    verdictId: verdict_id,
    taskId: task_id,
    atMs: at_ms,
  }));
}
