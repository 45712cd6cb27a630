import type { AgentProfile } from '../../core/registry/agent-profile.js';
import { agentVersionRecordSchema, readProfile, readRow } from '../../core/registry/registry-rows.js';
import { agentOfStand, profileOfStand, versionOfStand } from '../../core/registry/stand.js';
import type { AgentStore } from '../../ports/task-store.js';
import type { Connection, Statement } from './connection.js';
import { gather } from './gather.js';
import { putAgent } from './registry/change-agent.js';

const nowMs = '(extract(epoch from clock_timestamp()) * 1000)::bigint';
const list: Statement = { name: 'arbiter-agents', text: 'select name, profile from arbiter.agents order by place' };
const find: Statement = {
  name: 'arbiter-find-agent',
  text: `select profile::text as profile, v.record::text as record from arbiter.agents a
    left join arbiter.agent_versions v on v.agent = a.name and v.version = $2 where a.name = $1`,
};
const remove: Statement = {
  name: 'arbiter-remove-agent',
  text: 'delete from arbiter.agents where name = $1 returning name',
};

// `full_ms` is when the turns that were taken are paid off; the database's clock, so that hosts agree.
const turn: Statement = {
  name: 'arbiter-turn',
  text: `insert into arbiter.turns as t (agent, full_ms) values ($1, ${nowMs} + $2)
    on conflict (agent) do update set full_ms = greatest(t.full_ms, ${nowMs}) + $2
    where greatest(t.full_ms, ${nowMs}) + $2 <= ${nowMs} + 60000 returning agent`,
};
const wait: Statement = {
  name: 'arbiter-turn-wait',
  text: `select full_ms + $2 - 60000 - ${nowMs} as wait from arbiter.turns where agent = $1`,
};

/** Agents on PostgreSQL, in the order in which they were added. `tell` says to others that they have changed. */
export function createAgentStore(connection: Connection, tell: () => void): AgentStore {
  const listOnce = gather<null, readonly AgentProfile[]>({
    fits: () => true,
    async perform(asked) {
      const { rows } = await connection.run<{ name: string; profile: string }>(list, []);
      // Rows that cannot be read are told by the registry, and stop nobody; retired agents are kept for their history.
      const value = rows.flatMap(({ name, profile }) => {
        const read = readProfile(name, profile);
        return 'value' in read && read.value.status !== 'retired' ? [read.value] : [];
      });
      return asked.map(() => ({ status: 'fulfilled', value }));
    },
  });
  return {
    list: () => listOnce(null),
    async find(name) {
      const [agent, version] = [agentOfStand(name), versionOfStand(name)];
      const { rows } = await connection.run<{ profile: string; record: string | null }>(find, [agent, version ?? '']);
      const [row] = rows;
      const read = row === undefined ? null : readProfile(agent, row.profile);
      if (row === undefined || read === null || !('value' in read) || read.value.status === 'retired') return null;
      if (version === null) return read.value;
      const record = row.record === null ? null : readRow(row.record, agentVersionRecordSchema);
      return profileOfStand(read.value, record !== null && 'value' in record ? record.value : null, version);
    },
    async put(agent) {
      await connection.transact('begin', (client) => putAgent(client, agent, Date.now()));
      tell();
    },
    async remove(name) {
      const { rows, retried } = await connection.run(remove, [name]);
      tell();
      return rows.length > 0 || retried;
    },
    async takeTurn(name, perMinute) {
      const costMs = Math.ceil(60_000 / perMinute);
      if ((await connection.run(turn, [name, costMs])).rows.length > 0) return 0;
      const { rows } = await connection.run<{ wait: number }>(wait, [name, costMs]);
      return Math.max(1, Number(rows[0]?.wait ?? 1));
    },
  };
}
