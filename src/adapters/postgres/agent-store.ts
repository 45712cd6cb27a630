import { type AgentProfile, agentProfileSchema } from '../../core/registry/agent-profile.js';
import type { AgentStore } from '../../ports/task-store.js';
import type { Connection, Statement } from './connection.js';
import { gather } from './gather.js';

const list: Statement = { name: 'arbiter-agents', text: 'select profile from arbiter.agents order by place' };
const put: Statement = {
  name: 'arbiter-put-agent',
  text: `insert into arbiter.agents (name, profile) values ($1, $2)
    on conflict (name) do update set profile = excluded.profile`,
};
const remove: Statement = {
  name: 'arbiter-remove-agent',
  text: 'delete from arbiter.agents where name = $1 returning name',
};

const nowMs = '(extract(epoch from clock_timestamp()) * 1000)::bigint';
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

/** Agents on PostgreSQL, in the order in which they were added. */
export function createAgentStore(connection: Connection): AgentStore {
  const listOnce = gather<null, readonly AgentProfile[]>({
    fits: () => true,
    async perform(asked) {
      const { rows } = await connection.run<{ profile: string }>(list, []);
      const value = rows.map((row) => agentProfileSchema.parse(JSON.parse(row.profile)));
      return asked.map(() => ({ status: 'fulfilled', value }));
    },
  });
  return {
    list: () => listOnce(null),
    async put(agent) {
      await connection.run(put, [agent.name, JSON.stringify(agent)]);
    },
    async remove(name) {
      const { rows, retried } = await connection.run(remove, [name]);
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
