import { setInterval as every } from 'node:timers/promises';
import type { PoolClient } from 'pg';
import { type HistoryPlace, historyKey, observationSchema } from '../../../core/registry/history.js';
import { readHistory } from '../../../core/registry/registry-rows.js';
import type { RegistryStore } from '../../../ports/registry-store.js';
import type { Connection, Statement } from '../connection.js';
import { type Notices, registryTopic } from '../notices.js';
import { changeProfile, retireVersion, standBeside, swapVersion } from './change-agent.js';
import { changeBreaker, changeHealth } from './change-row.js';
import { readRegistry } from './read-registry.js';
import { mendHistory, takeObservation } from './take-observation.js';

const pageSize = 5000;
/** When nothing is heard: a process that died between its commit and its word to the others is noticed by looking. */
const lookEveryMs = 500;

const page: Statement = {
  name: 'arbiter-observations',
  text: `select decision_id, revision, observation::text as observation from arbiter.agent_observations
    where (decision_id, revision) > ($1, $2::integer) order by decision_id, revision limit ${pageSize}`,
};
const putVersion: Statement = {
  name: 'arbiter-put-version',
  text: `insert into arbiter.agent_versions (agent, version, record) values ($1, $2, $3)
    on conflict do nothing returning agent`,
};
const states: Statement = {
  name: 'arbiter-history-states',
  text: 'select agent, version, surface, complexity, state, digest from arbiter.agent_history order by 1, 2, 3, 4',
};

/** The registry on PostgreSQL, shared by all processes that open the same database. */
export function createRegistryStore(connection: Connection, notices: Notices): RegistryStore {
  const change = async <Result>(work: (client: PoolClient) => Promise<Result>): Promise<Result> => {
    const result = await connection.transact('begin', work);
    notices.publish(registryTopic);
    return result;
  };
  return {
    read: (since) => readRegistry(connection, since),
    async watch(changed, signal) {
      const looking = lookNowAndThen(changed, signal);
      await notices.watch(registryTopic, changed, signal);
      await looking;
    },
    changeProfile: (name, how) => change((client) => changeProfile(client, name, how)),
    swapVersion: (next, discount, nowMs, from) => change((client) => swapVersion(client, next, discount, nowMs, from)),
    standBeside: (candidate, discount, nowMs) => change((client) => standBeside(client, candidate, discount, nowMs)),
    retireVersion: (name, version) => change((client) => retireVersion(client, name, version)),
    observe: (observation) => change((client) => takeObservation(client, observation)),
    changeHealth: (agent, how) => change((client) => changeHealth(client, agent, how)),
    changeBreaker: (key, how) => change((client) => changeBreaker(client, key, how)),
    async *observations() {
      let after: readonly [string, number] = ['', -1];
      for (;;) {
        const { rows } = await connection.run<{ decision_id: string; revision: number; observation: string }>(
          page,
          after,
        );
        if (rows.length > 0) yield rows.map((row) => observationSchema.parse(JSON.parse(row.observation)));
        const last = rows.at(-1);
        if (last === undefined || rows.length < pageSize) return;
        after = [last.decision_id, last.revision];
      }
    },
    async putVersion(agent, record) {
      const { rows } = await connection.run(putVersion, [agent, record.version, JSON.stringify(record)]);
      notices.publish(registryTopic);
      return rows.length > 0;
    },
    async mend(places = []) {
      const { rows } = await connection.run<HistoryPlace & { state: string; digest: string }>(states, []);
      const unread = rows.filter((row) => !('value' in readHistory(row.state, row.digest)));
      const wanted = new Map([...unread, ...places].map((place) => [historyKey(place), place]));
      const named = new Set(places.map(historyKey));
      const mended: string[] = [];
      for (const [key, place] of wanted) {
        if (await change((client) => mendHistory(client, place, named.has(key)))) mended.push(key);
      }
      return mended;
    },
  };
}

async function lookNowAndThen(changed: () => void, signal: AbortSignal): Promise<void> {
  try {
    for await (const _ of every(lookEveryMs, null, { signal, ref: false })) changed();
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
