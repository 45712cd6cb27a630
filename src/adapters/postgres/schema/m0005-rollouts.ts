import { sql, type Migration } from 'kysely';

/** Rollouts, and their stories, which only grow. */
export const rolloutsMigration: Migration = {
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements: readonly string[] = [
  // The state is a copy of what the story tells.
  `create table arbiter.rollouts (
    id text collate "C" primary key,
    seq bigint not null check (seq > 0),
    state json not null
  )`,
  `create table arbiter.rollout_events (
    rollout_id text collate "C" not null references arbiter.rollouts (id),
    seq bigint not null check (seq > 0),
    type text not null,
    task_id text collate "C",
    event json not null,
    primary key (rollout_id, seq)
  )`,
  // A task is told of once in each way: an outcome that comes twice moves no bet.
  `create unique index rollout_events_one_of_task on arbiter.rollout_events (rollout_id, type, task_id)
    where task_id is not null`,
  `create trigger only_append before update or delete or truncate on arbiter.rollout_events
    for each statement execute function arbiter.refuse_change()`,
  `create trigger only_kept before delete or truncate on arbiter.rollouts
    for each statement execute function arbiter.refuse_change()`,
];
