import { breakerSchema } from '../../../core/registry/breaker.js';
import { healthSchema } from '../../../core/registry/health.js';
import {
  type QuarantinedRow,
  type ReadRow,
  agentVersionRecordSchema,
  readHistory,
  readProfile,
  readRow,
} from '../../../core/registry/registry-rows.js';
import type { RegistryChanges } from '../../../ports/registry-store.js';
import type { Connection, Statement } from '../connection.js';

/** One statement, so that all of it is of one moment. The last columns are what the kind of row says. */
const read: Statement = {
  name: 'arbiter-registry',
  text: `select 'mark' as kind, pg_snapshot_xmin(pg_current_snapshot())::text as a,
      (select count(*) from arbiter.agents)::text as b, null as c, null as d, null as state, null as digest, 0 as place
    union all select 'agents', name, null, null, null, profile::text, null, place
      from arbiter.agents where changed >= $1::xid8
    union all select 'agent_versions', agent, version, null, null, record::text, null, 0
      from arbiter.agent_versions where changed >= $1::xid8
    union all select 'agent_history', agent, version, surface, complexity, state, digest, 0
      from arbiter.agent_history where changed >= $1::xid8
    union all select 'agent_health', agent, heard_ms::text, probation::text, null, null, null, 0
      from arbiter.agent_health where changed >= $1::xid8
    union all select 'breakers', key, null, null, null, state::text, null, 0
      from arbiter.breakers where changed >= $1::xid8
    union all select 'load', agent, (count(*) filter (where working))::text,
        (count(*) filter (where not working))::text, null, null, null, 0
      from (
        -- Of several that began at once each one works until it has handed in, or failed.
        select c ->> 'agent' as agent, true as working
          from arbiter.tasks, json_array_elements(snapshot -> 'candidates') c
          where not ended and state = 'working' and c ->> 'plea' is null and c ->> 'failure' is null
        union all select agent, false from arbiter.tasks where not ended and agent is not null
          and state in ('submitted', 'admitted', 'planned', 'routed', 'refining', 'escalating')
      ) tasks group by agent
    order by place`,
};

interface Row {
  readonly kind: 'mark' | 'load' | QuarantinedRow['table'];
  readonly a: string;
  readonly b: string;
  readonly c: string;
  readonly d: string;
  readonly state: string;
  readonly digest: string;
}

const mends: Readonly<Record<QuarantinedRow['table'], string>> = {
  agents: 'add it again (arbiter agents add), or remove it (arbiter agents remove)',
  agent_versions: 'import it from an export; until then the version counts as one that inherited nothing',
  agent_history: 'arbiter agents quarantine --mend rebuilds it from the outcomes',
  agent_health: 'it is mended when the agent is heard of the next time',
  breakers: 'it counts as closed, and is mended by the next call',
};

/** Everything since a mark (null: everything). What cannot be read is set aside. */
export async function readRegistry(connection: Connection, since: string | null): Promise<RegistryChanges> {
  const { rows } = await connection.run<Row>(read, [since ?? '0']);
  const changes = {
    agents: [] as RegistryChanges['agents'][number][],
    versions: [] as RegistryChanges['versions'][number][],
    histories: [] as RegistryChanges['histories'][number][],
    health: new Map<string, { heard_ms: number; probation: number }>(),
    breakers: new Map<string, RegistryChanges['breakers'] extends ReadonlyMap<string, infer One> ? One : never>(),
    loads: new Map<string, { running: number; waiting: number }>(),
    quarantined: [] as QuarantinedRow[],
    mark: '0',
    agentRows: 0,
  };
  const set = <Value>(
    table: QuarantinedRow['table'],
    key: string,
    row: ReadRow<Value>,
    use: (value: Value) => void,
  ): void => {
    if ('value' in row) use(row.value);
    else changes.quarantined.push({ table, key, problem: row.problem, mend: mends[table] });
  };
  const readers: Readonly<Record<Row['kind'], (row: Row) => void>> = {
    mark(row) {
      changes.mark = row.a;
      changes.agentRows = Number(row.b);
    },
    load: (row) => void changes.loads.set(row.a, { running: Number(row.b), waiting: Number(row.c) }),
    agents: (row) => set('agents', row.a, readProfile(row.a, row.state), (profile) => changes.agents.push(profile)),
    agent_versions: (row) =>
      set('agent_versions', `${row.a}@${row.b}`, readRow(row.state, agentVersionRecordSchema), (record) =>
        changes.versions.push({ agent: row.a, record }),
      ),
    agent_history(row) {
      const place = { agent: row.a, version: row.b, surface: row.c, complexity: row.d };
      const key = `${row.a}@${row.b}/${row.c}/${row.d}`;
      set('agent_history', key, readHistory(row.state, row.digest), (history) =>
        changes.histories.push({ place, history }),
      );
    },
    agent_health(row) {
      const text = JSON.stringify({ heard_ms: Number(row.b), probation: Number(row.c) });
      set('agent_health', row.a, readRow(text, healthSchema), (health) => changes.health.set(row.a, health));
    },
    breakers: (row) =>
      set('breakers', row.a, readRow(row.state, breakerSchema), (state) => changes.breakers.set(row.a, state)),
  };
  for (const row of rows) readers[row.kind](row);
  return changes;
}
