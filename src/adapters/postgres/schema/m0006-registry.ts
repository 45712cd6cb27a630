import { sql, type Migration } from 'kysely';

/**
 * Versions of agents, how they fared, how they stand. `changed` is the transaction that wrote a row last: a reader asks
 * for all from the oldest transaction on that was still open when it last read, and so misses none that commits late.
 */
export const registryMigration: Migration = {
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const tables = ['agents', 'agent_versions', 'agent_history', 'agent_health', 'breakers'];

const statements: readonly string[] = [
  `alter table arbiter.agents add column changed xid8 not null default '0'`,
  `create table arbiter.agent_versions (
    agent text collate "C" not null,
    version text collate "C" not null,
    record json not null,
    changed xid8 not null default '0',
    primary key (agent, version)
  )`,
  `create table arbiter.agent_history (
    agent text collate "C" not null,
    version text collate "C" not null,
    surface text collate "C" not null,
    complexity text collate "C" not null,
    state text not null,
    digest text not null,
    changed xid8 not null default '0',
    primary key (agent, version, surface, complexity)
  ) with (fillfactor = 60)`,
  // What the histories are made of, each once: they can be made again from it.
  `create table arbiter.agent_observations (
    decision_id text collate "C" not null,
    revision integer not null,
    agent text collate "C" not null,
    version text collate "C" not null,
    surface text collate "C" not null,
    complexity text collate "C" not null,
    observation json not null,
    primary key (decision_id, revision)
  )`,
  `create index agent_observations_of_place on arbiter.agent_observations (agent, version, surface, complexity)`,
  `create table arbiter.agent_health (
    agent text collate "C" primary key,
    heard_ms bigint not null,
    probation integer not null,
    changed xid8 not null default '0'
  )`,
  `create table arbiter.breakers (key text collate "C" primary key, state json not null, changed xid8 not null default '0')`,
  `create trigger only_append before update or delete or truncate on arbiter.agent_observations
    for each statement execute function arbiter.refuse_change()`,
  // Also for rows that a restore or a person writes: the number of a transaction means nothing in another database.
  `create function arbiter.stamp_change() returns trigger language plpgsql as $$
  begin
    new.changed := pg_current_xact_id();
    return new;
  end $$`,
  ...tables.map(
    (table) => `create trigger stamp before insert or update on arbiter.${table}
      for each row execute function arbiter.stamp_change()`,
  ),
  ...tables.map((table) => `create index ${table}_changed on arbiter.${table} (changed)`),
  // Agents that were added by an earlier Arbiter were heard of now.
  `insert into arbiter.agent_health (agent, heard_ms, probation)
    select name, (extract(epoch from clock_timestamp()) * 1000)::bigint, 0 from arbiter.agents`,
];
