import type { PoolClient } from 'pg';
import { overlap } from '../../../core/rollout/admit.js';
import { rebuildRollout } from '../../../core/rollout/apply-rollout-event.js';
import { type Rollout, rolloutSchema } from '../../../core/rollout/rollout.js';
import { type RolloutEvent, rolloutEventSchema } from '../../../core/rollout/rollout-event.js';
import { runningRollout, unknownRollout } from '../../../core/rollout/rollout-faults.js';
import type { KeptRollout, RolloutStore } from '../../../ports/rollout-store.js';
import type { Connection, Statement } from '../connection.js';

const list: Statement = {
  name: 'arbiter-rollouts',
  text: 'select id, seq, state from arbiter.rollouts where $1::text is null or id = $1 order by id desc',
};
const story: Statement = {
  name: 'arbiter-rollout-story',
  text: 'select event from arbiter.rollout_events where rollout_id = $1 order by seq',
};

interface RolloutRow {
  readonly id: string;
  readonly seq: number;
  readonly state: string;
}

/** Rollouts on PostgreSQL: the events are the truth, the state of a row is a copy that saves reading them. */
export function createRolloutStore(connection: Connection): RolloutStore {
  const read = async (id: string): Promise<KeptRollout> => {
    const { rows } = await connection.run<RolloutRow>(list, [id]);
    if (rows[0] === undefined) throw unknownRollout(id);
    return toKept(rows[0]);
  };
  return {
    begin: (rollout, events) =>
      connection.transact('begin', async (client) => {
        // One after the other, so that of two that overlap one is refused; the statements after the lock see what the one
        // before has committed.
        await client.query(`select pg_advisory_xact_lock(hashtextextended('arbiter.rollouts', 0))`);
        const { rows } = await client.query<RolloutRow>('select id, seq, state from arbiter.rollouts');
        if (rows.some(({ id }) => id === rollout.id)) return;
        for (const row of rows) {
          const other = toKept(row).rollout ?? (await rebuiltWithin(client, row.id));
          if (other.state === 'running' && overlap(other, rollout)) throw runningRollout(other);
        }
        await client.query('insert into arbiter.rollouts (id, seq, state) values ($1, $2, $3)', [
          rollout.id,
          events.length,
          JSON.stringify(rollout),
        ]);
        await insertEvents(client, rollout.id, 0, events);
      }),
    async list() {
      const { rows } = await connection.run<RolloutRow>(list, [null]);
      return rows.map(toKept);
    },
    read,
    async story(id) {
      const { rows } = await connection.run<{ event: string }>(story, [id]);
      if (rows.length === 0) throw unknownRollout(id);
      return rows.map(({ event }) => rolloutEventSchema.parse(JSON.parse(event)));
    },
    append: (id, seq, events, rollout) =>
      connection.transact('begin', async (client) => {
        const { rows } = await client.query<{ seq: number }>(
          'select seq from arbiter.rollouts where id = $1 for update',
          [id],
        );
        if (rows[0] === undefined) throw unknownRollout(id);
        if (rows[0].seq !== seq) return 'moved';
        if (await isKnown(client, id, events)) return 'known';
        await insertEvents(client, id, seq, events);
        await client.query('update arbiter.rollouts set seq = $2, state = $3 where id = $1', [
          id,
          seq + events.length,
          JSON.stringify(rollout),
        ]);
        return 'appended';
      }),
  };
}

async function isKnown(client: PoolClient, id: string, events: readonly RolloutEvent[]): Promise<boolean> {
  for (const event of events) {
    if (!('task_id' in event)) continue;
    const { rows } = await client.query(
      'select from arbiter.rollout_events where rollout_id = $1 and type = $2 and task_id = $3',
      [id, event.type, event.task_id],
    );
    if (rows.length > 0) return true;
  }
  return false;
}

async function insertEvents(
  client: PoolClient,
  id: string,
  seq: number,
  events: readonly RolloutEvent[],
): Promise<void> {
  for (const [index, event] of events.entries()) {
    await client.query(
      'insert into arbiter.rollout_events (rollout_id, seq, type, task_id, event) values ($1, $2, $3, $4, $5)',
      [id, seq + index + 1, event.type, 'task_id' in event ? event.task_id : null, JSON.stringify(event)],
    );
  }
}

async function rebuiltWithin(client: PoolClient, id: string): Promise<Rollout> {
  const { rows } = await client.query<{ event: string }>(story.text, [id]);
  return rebuildRollout(
    id,
    rows.map(({ event }) => rolloutEventSchema.parse(JSON.parse(event))),
  );
}

function toKept({ id, seq, state }: RolloutRow): KeptRollout {
  return { id, seq, rollout: readState(state) };
}

function readState(text: string): Rollout | null {
  try {
    return rolloutSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
