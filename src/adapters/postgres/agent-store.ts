import { agentProfileSchema } from '../../core/registry/agent-profile.js';
import type { AgentStore } from '../../ports/task-store.js';
import type { Connection, Statement } from './connection.js';

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

/** Agents on PostgreSQL, in the order in which they were added. */
export function createAgentStore(connection: Connection): AgentStore {
  return {
    async list() {
      const { rows } = await connection.run<{ profile: string }>(list, []);
      return rows.map((row) => agentProfileSchema.parse(JSON.parse(row.profile)));
    },
    async put(agent) {
      await connection.run(put, [agent.name, JSON.stringify(agent)]);
    },
    async remove(name) {
      const { rows, retried } = await connection.run(remove, [name]);
      return rows.length > 0 || retried;
    },
  };
}
