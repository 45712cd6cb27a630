import { sql, type Migration } from 'kysely';

/** Retries of the last while: their budget is counted over all processes. */
export const retriesMigration: Migration = {
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements: readonly string[] = [
  `create table arbiter.retries (
    task_id text collate "C" not null,
    attempt integer not null,
    candidate integer not null,
    at_ms bigint not null,
    primary key (task_id, attempt, candidate)
  )`,
  `create index retries_by_time on arbiter.retries (at_ms)`,
  `create index tasks_by_creation on arbiter.tasks (created_ms)`,
];
