import type { PoolClient } from 'pg';
import {
  type AgentHistory,
  type HistoryPlace,
  type Observation,
  historyKey,
  noHistory,
  observationSchema,
  observe,
  rebuildHistories,
} from '../../../core/registry/history.js';
import { readHistory, readRow, writeHistory } from '../../../core/registry/registry-rows.js';
import type { Taken } from '../../../ports/registry-store.js';

const placeColumns = 'agent = $1 and version = $2 and surface = $3 and complexity = $4';

/** Takes in an outcome, in the transaction of the client. Who comes at the same time waits for the row. */
export async function takeObservation(client: PoolClient, observation: Observation): Promise<Taken> {
  const { decision_id, revision } = observation;
  // Revisions of one decision come one after the other, whatever rows they change.
  await client.query(`select pg_advisory_xact_lock(hashtextextended('arbiter.observation/' || $1, 0))`, [decision_id]);
  const written = await client.query(
    `insert into arbiter.agent_observations (decision_id, revision, agent, version, surface, complexity, observation)
      values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing`,
    [decision_id, revision, ...placeOf(observation), JSON.stringify(observation)],
  );
  if (written.rowCount === 0) return { outcome: 'duplicate', changed: [], mended: false };
  const { rows } = await client.query<{ observation: string; revision: number }>(
    `select observation::text as observation, revision from arbiter.agent_observations
      where decision_id = $1 and revision <> $2 order by revision desc limit 1`,
    [decision_id, revision],
  );
  const [other] = rows;
  if (other !== undefined && other.revision > revision) return { outcome: 'superseded', changed: [], mended: false };
  const before = other === undefined ? null : observationSchema.parse(JSON.parse(other.observation));
  const { changed, mended } = await fold(client, before, observation);
  return { outcome: before === null ? 'new' : 'revised', changed, mended };
}

async function fold(
  client: PoolClient,
  before: Observation | null,
  after: Observation,
): Promise<Pick<Taken, 'changed' | 'mended'>> {
  const places = new Map([before ?? after, after].map((one) => [historyKey(one), one]));
  const changed: { place: HistoryPlace; history: AgentHistory }[] = [];
  let mended = false;
  // In the order of their keys, so that two that touch the same two rows do not wait for each other.
  for (const [key, one] of [...places].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const { agent, version, surface, complexity } = one;
    const place = { agent, version, surface, complexity };
    const known = await lockHistory(client, place);
    let history = known;
    if (history === null) {
      history = await rebuildHistory(client, place);
      mended = true;
    } else {
      if (before !== null && historyKey(before) === key) history = observe(history, before, -1);
      if (historyKey(after) === key) history = observe(history, after);
    }
    await storeHistory(client, place, history);
    changed.push({ place, history });
  }
  return { changed, mended };
}

/** The history of a place, locked until the transaction ends; null where what stands there cannot be read. */
async function lockHistory(client: PoolClient, place: HistoryPlace): Promise<AgentHistory | null> {
  const empty = writeHistory(noHistory);
  await client.query(
    `insert into arbiter.agent_history (agent, version, surface, complexity, state, digest)
      values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
    [...placeOf(place), empty.state, empty.digest],
  );
  const { rows } = await client.query<{ state: string; digest: string }>(
    `select state, digest from arbiter.agent_history where ${placeColumns} for update`,
    placeOf(place),
  );
  const [row] = rows;
  const read = row === undefined ? null : readHistory(row.state, row.digest);
  return read !== null && 'value' in read ? read.value : null;
}

/** The history of a place, made again from all outcomes that were ever there. */
async function rebuildHistory(client: PoolClient, place: HistoryPlace): Promise<AgentHistory> {
  const { rows } = await client.query<{ observation: string }>(
    `select observation::text as observation from arbiter.agent_observations where decision_id in
      (select decision_id from arbiter.agent_observations where ${placeColumns})`,
    placeOf(place),
  );
  const all = rows.flatMap(({ observation }) => {
    const read = readRow(observation, observationSchema);
    return 'value' in read ? [read.value] : [];
  });
  return rebuildHistories(all).get(historyKey(place)) ?? noHistory;
}

async function storeHistory(client: PoolClient, place: HistoryPlace, history: AgentHistory): Promise<void> {
  const { state, digest } = writeHistory(history);
  await client.query(`update arbiter.agent_history set state = $5, digest = $6 where ${placeColumns}`, [
    ...placeOf(place),
    state,
    digest,
  ]);
}

/**
 * Rebuilds the history of a place where what stands there cannot be read, or (`always`) whatever stands there; answers
 * whether it did.
 */
export async function mendHistory(client: PoolClient, place: HistoryPlace, always: boolean): Promise<boolean> {
  if ((await lockHistory(client, place)) !== null && !always) return false;
  await storeHistory(client, place, await rebuildHistory(client, place));
  return true;
}

function placeOf({ agent, version, surface, complexity }: HistoryPlace): string[] {
  return [agent, version, surface, complexity];
}
